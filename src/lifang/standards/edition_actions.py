"""The verbs of assessment editions: draft, edit, submit, approve (publish, frozen), put in force; crosswalks.

A draft may be faulty: what is wrong is told, and refused only when it is to be published. Every change names
the ``edits`` it was made from, so that two editors do not overwrite each other.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Conflict, Field, Forbidden, Invalid, Missing
from lifang.orgs.acting import Acting
from lifang.standards import edition_queries as queries
from lifang.standards import edition_rows, editions
from lifang.standards.choices import ChangeClass, EditionStatus
from lifang.standards.edition_tidy import FORMAT, tidy
from lifang.standards.editions import crosswalk, edit
from lifang.standards.editions.changes import changes, gravity
from lifang.standards.models import AssessmentEdition, EditionCrosswalk
from lifang.standards.rules import clean_name, clean_text

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
#: changes of these classes may be approved by the one who made them
LIGHT = (ChangeClass.TEXT, ChangeClass.COMPATIBLE)
Row = AssessmentEdition | EditionCrosswalk
Document = dict[str, Any]


def _allow(by: Acting) -> None:
    if not by.has(*queries.EDITORS):
        raise Forbidden("edition.forbidden", _("只有评价员和系统管理员可以修改测评体系"))


def _locked(edition_id: int) -> AssessmentEdition:
    found = AssessmentEdition.objects.select_for_update().filter(pk=edition_id).first()
    if found is None:
        raise Missing("edition.missing", _("没有这个测评体系"))
    return found


def _draft(edition_id: int, edits: int | None = None) -> AssessmentEdition:
    """The draft, locked; refuses a frozen one, and one that somebody else has changed since ``edits``."""
    found = _locked(edition_id)
    if found.status == EditionStatus.SUBMITTED:
        raise Conflict("edition.submitted", _("正在等待审批，不能修改；要改请先退回为草稿"))
    if found.status != EditionStatus.DRAFT:
        raise Conflict(
            "edition.frozen",
            _("“%(name)s”已发布，内容冻结；请复制为新的草稿版本后再改") % {"name": found},
        )
    if edits is not None and edits != found.edits:
        raise Conflict(
            "edition.changed", _("别人刚改过这份草稿，请刷新后再改，以免覆盖"), status=409
        )
    return found


def _done(by: Acting, verb: str, subject: Row, **rest: Any) -> None:
    journal.write(by=by, room="standards", verb=verb, subject=subject, **rest)


def _set(row: Row, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    more = ["changed_at"] if isinstance(row, AssessmentEdition) else []
    row.save(update_fields=[*values, *more])


def _named(doc: Mapping[str, Any], but: int = 0) -> dict[str, str]:
    """Key, version and title as the row has them; a version stands once."""
    named = {k: clean_name(str(doc.get(k) or "")) for k in ("key", "version", "title")}
    wrong = []
    if not _KEY.fullmatch(named["key"]):
        wrong.append(Field("key", _("用小写字母、数字和连字符，最多 40 个字符，如 city")))
    if not named["version"] or len(named["version"]) > 32:
        wrong.append(Field("version", _("必填，最多 32 个字符，如 2026.1")))
    if not named["title"] or len(named["title"]) > 120:
        wrong.append(Field("title", _("必填，最多 %(n)s 个字") % {"n": 120}))
    if wrong:
        told = _("请检查体系的标识、版本和名称")
        raise Invalid("edition.named", told, fields=wrong)
    same = AssessmentEdition.objects.filter(key=named["key"], version=named["version"])
    if same.exclude(pk=but).exists():
        raise Conflict(
            "edition.taken",
            _("体系 %(key)s 的版本 %(version)s 已经存在，请换一个版本号") % named,
            fields=[Field("version", _("版本号已存在"))],
        )
    return named


def _tidied(document: Any) -> Document:
    """The one form of what came in; what cannot be kept is refused, never dropped."""
    kept, lost = tidy(document)
    if lost:
        told = _("内容有 %(n)s 处无法保存，请改正") % {"n": len(lost)}
        raise Invalid("edition.shape", told, fields=lost[:500])
    return kept


# ---------------------------------------------------------------- drafts


@transaction.atomic
def create_edition(
    *,
    by: Acting,
    key: str,
    version: str,
    title: str,
    note: str = "",
    copy_of: int | None = None,
) -> AssessmentEdition:
    """A new draft: empty, or with the content of the version ``copy_of``."""
    _allow(by)
    doc: Document = {"format": FORMAT, "nodes": [], "items": []}
    if copy_of is not None:
        doc = queries.document(by, copy_of)["document"]
    return _create(by, doc | {"key": key, "version": version, "title": title}, note, copy_of)


@transaction.atomic
def create_from(*, by: Acting, document: Any, note: str = "") -> AssessmentEdition:
    """A new draft out of a whole document (a workbook, YAML, a pack)."""
    _allow(by)
    return _create(by, document, note, None)


def _create(by: Acting, document: Any, note: str, copy_of: int | None) -> AssessmentEdition:
    doc = _tidied(document)
    named = _named(doc)
    made = AssessmentEdition.objects.create(
        **named,
        document=doc,
        note=clean_text(note)[:2000],
        previous=_source(copy_of, named["key"]),
        **queries.measure(doc),
    )
    _done(by, "create", made, after={"copy_of": copy_of, "indicators": made.indicators})
    return made


def _source(copy_of: int | None, key: str) -> AssessmentEdition | None:
    """What a copy is compared with: the published version that it was made from."""
    return AssessmentEdition.objects.filter(
        pk=copy_of or 0, key=key, status=EditionStatus.PUBLISHED
    ).first()


def _save(row: AssessmentEdition, document: Any, **rest: Any) -> None:
    doc = _tidied(document)
    _set(
        row,
        {
            **_named(doc, row.pk),
            "document": doc,
            "edits": row.edits + 1,
            **queries.measure(doc),
            **rest,
        },
    )


@transaction.atomic
def replace_document(
    *, by: Acting, edition_id: int, edits: int, document: Any
) -> AssessmentEdition:
    """The whole content of a draft becomes ``document``."""
    _allow(by)
    found = _draft(edition_id, edits)
    was = editions.digest(found.document)
    _save(found, document)
    now = editions.digest(found.document)
    _done(by, "replace", found, before={"sha256": was}, after={"sha256": now})
    return found


@transaction.atomic
def change_head(
    *, by: Acting, edition_id: int, edits: int, head: Mapping[str, Any], note: str | None = None
) -> AssessmentEdition:
    """Version, title, total, rounding, cap of bonuses, prerequisites, blends; those not given stay."""
    _allow(by)
    found = _draft(edition_id, edits)
    before = {k: found.document.get(k) for k in edit.HEAD}
    rest = {} if note is None else {"note": clean_text(note)[:2000]}
    _save(found, edit.with_head(found.document, head), **rest)
    _done(by, "change", found, before=before, after={k: found.document.get(k) for k in edit.HEAD})
    return found


@transaction.atomic
def put_row(
    *,
    by: Acting,
    edition_id: int,
    edits: int,
    part: str,
    code: str,
    row: Mapping[str, Any],
    before: str = "",
) -> AssessmentEdition:
    """Add (``code`` empty) or change a node or a line of a checklist of a draft (``editions.edit.put``)."""
    _allow(by)
    found = _draft(edition_id, edits)
    was = next((r for r in found.document.get(part, ()) if code and r.get("code") == code), None)
    _save(found, edit.put(found.document, part, code, row, before))
    _done(by, f"put_{part[:-1]}", found, before=was, after=dict(row))
    return found


@transaction.atomic
def remove_row(
    *, by: Acting, edition_id: int, edits: int, part: str, code: str
) -> AssessmentEdition:
    """Take a node with all below it, or a line of a checklist, out of a draft."""
    _allow(by)
    found = _draft(edition_id, edits)
    was = next((r for r in found.document.get(part, ()) if r.get("code") == code), None)
    _save(found, edit.remove(found.document, part, code))
    _done(by, f"remove_{part[:-1]}", found, before=was)
    return found


@transaction.atomic
def delete_edition(*, by: Acting, edition_id: int) -> None:
    """Drop a draft, with its crosswalks. What was published stays for ever: rounds hang on it."""
    _allow(by)
    found = _draft(edition_id)
    _done(by, "delete", found, before={"sha256": editions.digest(found.document)})
    EditionCrosswalk.objects.filter(Q(old=found) | Q(new=found)).delete()
    try:
        found.delete()
    except ProtectedError as problem:
        raise Conflict("edition.used", _("已有测评轮次使用这份草稿，不能删除")) from problem


# ---------------------------------------------------------------- to publication


def _faultless(found: AssessmentEdition) -> None:
    wrong = [f for f in queries.check(found.document, found.pk) if f.grave]
    if wrong:
        raise Invalid(
            "edition.faults",
            _("还有 %(n)s 处问题，改正后才能发布：%(first)s")
            % {"n": len(wrong), "first": f"{wrong[0].code} {wrong[0].message}".strip()},
            fields=[Field(f.path, f.message) for f in wrong[:500]],
        )


def _classed(found: AssessmentEdition) -> tuple[AssessmentEdition | None, ChangeClass]:
    """The version before and how grave the differences are; refuses a copy without any."""
    old = queries.before(found)
    if old is None:
        return None, ChangeClass.FIRST
    grave = gravity(changes(edition_rows.edition(old), edition_rows.edition(found)))
    if grave is None:
        raise Conflict("edition.same", _("与已发布的“%(name)s”没有差别") % {"name": old})
    return old, ChangeClass(grave)


@transaction.atomic
def submit(*, by: Acting, edition_id: int, edits: int) -> AssessmentEdition:
    """Check the draft, class its changes, and lay it before the one who approves."""
    _allow(by)
    found = _draft(edition_id, edits)
    _faultless(found)
    old, change = _classed(found)
    _set(
        found,
        {
            "status": EditionStatus.SUBMITTED,
            "previous": old,
            "change": change,
            "submitted_at": timezone.now(),
            "submitted_by_id": by.user_id,
        },
    )
    _done(by, "submit", found, after={"change": change, "previous": str(old or "")})
    return found


@transaction.atomic
def send_back(*, by: Acting, edition_id: int, reason: str = "") -> AssessmentEdition:
    """A submitted version becomes a draft again: refused by the approver, or taken back."""
    _allow(by)
    found = _submitted(edition_id)
    _set(found, {"status": EditionStatus.DRAFT, "submitted_at": None, "submitted_by_id": None})
    _done(by, "send_back", found, reason=clean_text(reason)[:500])
    return found


def _submitted(edition_id: int) -> AssessmentEdition:
    found = _locked(edition_id)
    if found.status != EditionStatus.SUBMITTED:
        raise Conflict("edition.not_submitted", _("不在待审批状态，请刷新后再看"))
    return found


@transaction.atomic
def approve(*, by: Acting, edition_id: int) -> AssessmentEdition:
    """Publish what was submitted: frozen under the SHA-256 of its canonical form.

    Where points or indicators change, by somebody else than who submitted it.
    """
    _allow(by)
    found = _submitted(edition_id)
    own = by.user_id is None or by.user_id == found.submitted_by_id
    if found.change not in LIGHT and own and not by.automatic:
        raise Forbidden(
            "edition.own",
            _("此版“%(change)s”，须由提交人以外的人审批")
            % {"change": ChangeClass(found.change).label},
        )
    _faultless(found)
    since = AssessmentEdition.objects.filter(key=found.key, published_at__gt=found.submitted_at)
    if since.exists():
        raise Conflict(
            "edition.overtaken", _("提交之后又有新版发布，变化已不是提交时的；请退回重新提交")
        )
    _publish(by, found)
    return found


def _publish(by: Acting, found: AssessmentEdition) -> None:
    doc = _tidied(found.document)
    _set(
        found,
        {
            "document": doc,
            "status": EditionStatus.PUBLISHED,
            "sha256": editions.digest(doc),
            "published_at": timezone.now(),
            "approved_by_id": by.user_id,
            **queries.measure(doc),
        },
    )
    _done(by, "publish", found, after={"sha256": found.sha256, "change": found.change})


@transaction.atomic
def put_in_force(*, by: Acting, edition_id: int) -> AssessmentEdition:
    """New rounds take this version; the one of the same key before it steps back, other keys stay."""
    _allow(by)
    found = _locked(edition_id)
    if found.status != EditionStatus.PUBLISHED:
        raise Conflict("edition.not_published", _("草稿不能启用，请先提交审批"))
    if found.in_force:
        return found
    was = AssessmentEdition.objects.select_for_update().filter(key=found.key, in_force=True).first()
    if was is not None:
        _set(was, {"in_force": False})
    _set(found, {"in_force": True})
    _done(by, "put_in_force", found, before={"in_force": str(was or "")})
    return found


@transaction.atomic
def take_out_of_force(*, by: Acting, edition_id: int) -> AssessmentEdition:
    """No new round takes this version; running ones go on by it."""
    _allow(by)
    found = _locked(edition_id)
    if found.in_force:
        _set(found, {"in_force": False})
        _done(by, "take_out_of_force", found)
    return found


@transaction.atomic
def load(
    *, by: Acting, document: Any, note: str = "", in_force: bool = False
) -> tuple[AssessmentEdition, bool]:
    """A pack's version, published as it comes; ``False`` where it is here already (it stays as it is)."""
    _allow(by)
    doc = _tidied(document)
    found = AssessmentEdition.objects.filter(
        key=doc.get("key", ""), version=doc.get("version", "")
    ).first()
    made = found is None
    if found is None:
        found = _create(by, doc, note, None)
        _faultless(found)
        previous, change = _classed(found)
        _set(found, {"previous": previous, "change": change})
        _publish(by, found)
    taken = AssessmentEdition.objects.filter(key=found.key, in_force=True).exists()
    if in_force and not taken and found.status == EditionStatus.PUBLISHED:
        put_in_force(by=by, edition_id=found.pk)
    return found, made


# ---------------------------------------------------------------- crosswalks


@transaction.atomic
def create_crosswalk(
    *, by: Acting, old: int, new: int, rows: Sequence[Mapping[str, Any]] | None = None
) -> EditionCrosswalk:
    """What becomes of each indicator of ``old`` in ``new``; without ``rows``, as far as codes and titles tell."""
    _allow(by)
    a, b = _locked(old), _locked(new)
    if a.pk == b.pk or a.key != b.key:
        raise Invalid("crosswalk.pair", _("对照表连接同一体系的两个不同版本"))
    if EditionCrosswalk.objects.filter(old=a, new=b).exists():
        raise Conflict("crosswalk.taken", _("这两个版本之间已有对照表"))
    given = rows
    if given is None:
        found = crosswalk.suggest(edition_rows.edition(a), edition_rows.edition(b))
        given = [r.plain() for r in found]
    made = EditionCrosswalk.objects.create(old=a, new=b, rows=_walked(given))
    _done(by, "create", made, after={"rows": len(made.rows)})
    return made


def _codes(codes: Sequence[Any]) -> list[str]:
    return [clean_name(str(c))[: queries.MOST_CODE] for c in codes]


def _walked(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows as they are stored. What they mean is checked on confirming."""
    return [
        {
            "old": _codes(r.get("old") or ()),
            "new": _codes(r.get("new") or ()),
            "relation": str(r["relation"]),
            "carry": str(r.get("carry") or crosswalk.default_carry(str(r["relation"]))),
        }
        for r in rows
    ]


def _walk(crosswalk_id: int, edits: int | None = None) -> EditionCrosswalk:
    found = EditionCrosswalk.objects.select_for_update().filter(pk=crosswalk_id).first()
    if found is None:
        raise Missing("crosswalk.missing", _("没有这个对照表"))
    if edits is not None and edits != found.edits:
        raise Conflict("crosswalk.changed", _("别人刚改过这份对照表，请刷新后再改，以免覆盖"))
    return found


@transaction.atomic
def put_crosswalk(
    *, by: Acting, crosswalk_id: int, edits: int, rows: Sequence[Mapping[str, Any]]
) -> EditionCrosswalk:
    """All rows become ``rows``; a confirmed crosswalk has to be confirmed anew."""
    _allow(by)
    found = _walk(crosswalk_id, edits)
    before = found.rows
    now = {"rows": _walked(rows), "edits": found.edits + 1}
    _set(found, now | {"confirmed_at": None, "confirmed_by_id": None})
    _done(by, "change", found, before={"rows": before}, after={"rows": found.rows})
    return found


@transaction.atomic
def confirm_crosswalk(*, by: Acting, crosswalk_id: int, edits: int) -> EditionCrosswalk:
    """Rounds may move over by it: every indicator of both versions stands in exactly one row."""
    _allow(by)
    found = _walk(crosswalk_id, edits)
    queries.walk_rows(found)
    _set(found, {"confirmed_at": timezone.now(), "confirmed_by_id": by.user_id})
    _done(by, "confirm", found, after={"rows": len(found.rows)})
    return found


@transaction.atomic
def delete_crosswalk(*, by: Acting, crosswalk_id: int) -> None:
    _allow(by)
    found = _walk(crosswalk_id)
    _done(by, "delete", found, before={"rows": found.rows})
    found.delete()
