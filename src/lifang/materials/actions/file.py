"""A unit chooses what it files, hands it in, takes it back."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import files as stored
from lifang.core.errors import Conflict, Field, Invalid, Missing
from lifang.core.models import StoredFile
from lifang.materials import checks, measuring, rules
from lifang.materials.actions._step import locked, saved, slot_of
from lifang.materials.choices import FilingStatus, Known
from lifang.materials.models import Filing, Material, Revision, RevisionFile, Submission
from lifang.materials.permissions import materials_of, need_file, need_own
from lifang.orgs.acting import Acting
from lifang.standards.rules import clean_name, clean_text


def by_tokens(tokens: Sequence[str]) -> list[StoredFile]:
    """The files that tokens name, each once; raises :class:`Invalid`."""
    found = {f.pk: f for f in (stored.by_token(t) for t in tokens)}
    return list(found.values())


def attach(
    *,
    by: Acting,
    filing_id: int,
    files: Sequence[StoredFile],
    names: Sequence[str] = (),
    title: str = "",
    dated: dt.date | None = None,
    effective_from: dt.date | None = None,
    effective_to: dt.date | None = None,
    note: str = "",
    source: Mapping[str, Any] | None = None,
    hand_in: bool = False,
) -> Filing:
    """A new revision of files for a slot, as a draft or handed in at once.

    Returned or drafted before, it is the next number of the same material. Raises :class:`Invalid` where a
    hard check fails.
    """
    if effective_from and effective_to and effective_to < effective_from:
        told = _("失效日期不能早于生效日期")
        raise Invalid("material.span", told, fields=[Field("effective_to", told)])
    need_own(by, filing_id)
    measuring.facts_of(files)  # before the lock: reading a file takes its time
    with transaction.atomic():
        filing = locked(by, filing_id)
        need_file(by, filing.unit_id)
        rules.check_move("attach", filing.status)
        _blocked(filing, files, names, dated)
        known = _how(filing, files, source)
        material = filing.material
        if filing.unit is None:
            raise Conflict("filing.no_unit", _("这项材料还没有落实责任单位，请先指派"))
        if material is None or material.unit_id != filing.unit_id:
            material = Material.objects.create(
                unit=filing.unit,
                title=clean_name(title) or filing.title[:200],
                kind=filing.kind,
                made_at=timezone.now(),
                made_by_id=by.user_id,
            )
        revision = _revise(
            by, material, files, names,
            dated=dated, effective_from=effective_from, effective_to=effective_to, note=clean_text(note)[:300],
            source=dict(source or {"kind": "upload"}),
        )  # fmt: skip
        _take(filing, revision, known)
        saved(filing, by, "attach", known=known, number=revision.number)
        return _submit(by, filing) if hand_in else filing


def _how(filing: Filing, files: Sequence[StoredFile], source: Mapping[str, Any] | None) -> Known:
    if source and source.get("kind") not in (None, "upload", "batch"):
        return Known.PROPOSAL
    held = RevisionFile.objects.filter(file__in=files)
    if filing.material_id is not None:
        held = held.exclude(revision__material=filing.material_id)
    again = held.values("file").distinct().count()
    return Known.AGAIN if files and again == len(files) else Known.UPLOAD


def _blocked(
    filing: Filing, files: Sequence[StoredFile], names: Sequence[str], dated: dt.date | None
) -> list[checks.Check]:
    found = checks.run(
        slot_of(filing), measuring.chosen(files, names), dated=dated, ends=filing.round.ends
    )
    checks.block(found)
    return found


def _revise(
    by: Acting, material: Material, files: Sequence[StoredFile], names: Sequence[str], **values: Any
) -> Revision:
    # numbers are dense
    material.last = Material.objects.select_for_update().get(pk=material.pk).last + 1
    material.save(update_fields=["last"])
    shown = [
        stored.clean_name(names[n] if n < len(names) and names[n] else f.name, _suffix(f.name))
        for n, f in enumerate(files)
    ]
    mark = hashlib.sha256()
    for name, file in zip(shown, files, strict=True):
        mark.update(f"{name}\0{file.sha256}\n".encode())
    revision = Revision.objects.create(
        material=material, number=material.last, files_count=len(files), sha256=mark.hexdigest(),
        made_at=timezone.now(), made_by_id=by.user_id, made_by_name=by.name, **values,
    )  # fmt: skip
    RevisionFile.objects.bulk_create(
        RevisionFile(revision=revision, order=n, file=file, name=name)
        for n, (name, file) in enumerate(zip(shown, files, strict=True), start=1)
    )
    return revision


def _suffix(name: str) -> str:
    return "." + name.rpartition(".")[2] if "." in name else ""


def _take(filing: Filing, revision: Revision, known: Known) -> None:
    filing.revision, filing.material = revision, revision.material
    filing.status, filing.known = FilingStatus.DRAFT, known
    filing.grade, filing.disputed, filing.first_by = "", False, None


@transaction.atomic
def reuse(*, by: Acting, filing_id: int, material_id: int, hand_in: bool = False) -> Filing:
    """Fill a slot with a material that is there already; its newest revision counts."""
    filing = locked(by, filing_id)
    need_file(by, filing.unit_id)
    rules.check_move("attach", filing.status)
    material = materials_of(by).filter(pk=material_id).first()
    if material is None:
        raise Missing("material.missing", _("没有这份材料，或您无权引用"))
    revision = material.revisions.order_by("-number").first()
    if revision is None:
        raise Missing("material.empty", _("这份材料还没有内容"))
    rows = list(revision.files.select_related("file"))
    _blocked(filing, [r.file for r in rows], [r.name for r in rows], revision.dated)
    _take(filing, revision, Known.REUSE)
    saved(filing, by, "reuse", material=material.pk, number=revision.number)
    return _submit(by, filing) if hand_in else filing


@transaction.atomic
def submit(*, by: Acting, filing_id: int) -> Filing:
    """Hand in the draft; the checks are made again."""
    filing = locked(by, filing_id)
    need_file(by, filing.unit_id)
    return _submit(by, filing)


def _submit(by: Acting, filing: Filing) -> Filing:
    rules.check_move("submit", filing.status)
    revision = filing.revision
    if revision is None:
        raise Conflict("filing.nothing", _("还没有选择材料"))
    rows = list(revision.files.select_related("file"))
    found = _blocked(filing, [r.file for r in rows], [r.name for r in rows], revision.dated)
    now = timezone.now()
    last = filing.submissions.order_by("-number").values_list("number", flat=True).first() or 0
    made = Submission.objects.create(
        filing=filing, number=last + 1, revision=revision, known=filing.known,
        checks=[c.as_json() for c in found], by_id=by.user_id, by_name=by.name, at=now,
    )  # fmt: skip
    filing.status, filing.submitted_at = FilingStatus.SUBMITTED, now
    filing.submitted_by_id, filing.first_by = by.user_id, None
    return saved(filing, by, "submit", submission=made.pk, number=made.number)


@transaction.atomic
def withdraw(*, by: Acting, filing_id: int) -> Filing:
    """Take back what nobody has judged yet; it is a draft again."""
    filing = locked(by, filing_id)
    need_file(by, filing.unit_id)
    rules.check_move("withdraw", filing.status)
    filing.status = FilingStatus.DRAFT
    return saved(filing, by, "withdraw")
