"""A zip of a round's materials with the official numbering and its index; made by a task, streamed to disk."""

import datetime as dt
import hashlib
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Conflict
from lifang.core.files.store import incoming, key_of, store
from lifang.core.tasks import later
from lifang.materials import documents
from lifang.materials.actions._step import round_row
from lifang.materials.choices import GRADE_WORDS, FilingStatus, PackageStatus
from lifang.materials.models import Filing, Package, RevisionFile
from lifang.materials.permissions import READERS, need_editor, need_file
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.standards.edition_rows import edition

#: what counts as handed in
GIVEN = (FilingStatus.SUBMITTED, FilingStatus.FIRST_PASSED, FilingStatus.ACCEPTED)
KEPT = dt.timedelta(days=7)
#: files between two notes of progress
STEP = 25
_UNSAFE = re.compile(r'[\x00-\x1f/\\:*?"<>|]+')


@transaction.atomic
def order_package(
    *, by: Acting, round_id: int, unit_id: int | None = None, accepted_only: bool = False
) -> Package:
    """Ask for a package; one that is still being made for the same is given back."""
    from lifang.materials.tasks import make_package as task

    if unit_id is None or by.has(*READERS):
        need_editor(by)
    else:
        need_file(by, unit_id)
    round = round_row(round_id)
    making = (PackageStatus.WAITING, PackageStatus.MAKING)
    rows = Package.objects.filter(round=round, accepted_only=accepted_only, status__in=making)
    same = rows.filter(Q(unit=unit_id) if unit_id is not None else Q(unit=None)).first()
    if same is not None:
        return same
    made = Package.objects.create(
        round=round, unit_id=unit_id, accepted_only=accepted_only, asked_by_id=by.user_id,
        asked_at=timezone.now(), total=_files(round_id, unit_id, accepted_only).count(),
    )  # fmt: skip
    if not made.total:
        raise Conflict("package.empty", _("还没有已提交的材料，无法打包"))
    journal.write(by=by, room="materials", verb="order_package", subject=made, unit_id=unit_id)
    later(task, made.pk)
    return made


@transaction.atomic
def take_package(*, by: Acting, package: Package) -> None:
    """Somebody carries originals out of the house: the journal knows who."""
    journal.write(
        by=by, room="materials", verb="download_package", subject=package, unit_id=package.unit_id
    )


def _filings(round_id: int, unit_id: int | None, accepted_only: bool) -> Any:
    rows = Filing.objects.filter(round=round_id, revision__isnull=False)
    rows = rows.filter(status__in=(FilingStatus.ACCEPTED,) if accepted_only else GIVEN)
    return rows.filter(unit__in=tree().below(unit_id)) if unit_id is not None else rows


def _files(round_id: int, unit_id: int | None, accepted_only: bool) -> Any:
    return RevisionFile.objects.filter(
        revision__filings__in=_filings(round_id, unit_id, accepted_only)
    )


def make_package(package_id: int) -> None:
    """Write the zip and keep it. Idempotent: killed, it begins anew; ready, it does nothing."""
    package = (
        Package.objects.select_related("round__edition")
        .defer("round__document", "round__edition__document")
        .filter(pk=package_id)
        .first()
    )
    if package is None or package.status == PackageStatus.READY:
        return
    Package.objects.filter(pk=package_id).update(status=PackageStatus.MAKING, done=0, error="")
    folder = incoming() / f"pack-{uuid4().hex}"
    folder.mkdir()
    try:
        path = folder / "package.zip"
        _write(package, folder, path)
        size, mark = path.stat().st_size, hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(1024 * 1024):
                mark.update(chunk)
        store().put(key_of(mark.hexdigest(), "package"), path)
        Package.objects.filter(pk=package_id).update(
            status=PackageStatus.READY, size=size, sha256=mark.hexdigest(), made_at=timezone.now()
        )
    except Exception as problem:
        Package.objects.filter(pk=package_id).update(
            status=PackageStatus.FAILED, error=str(problem)[:300] or type(problem).__name__
        )
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(package: Package, folder: Path, path: Path) -> None:
    leaves = edition(package.round.edition).nodes
    lines: list[tuple[str, ...]] = []
    done = 0
    # what is in it is compressed already
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for filing, files in _grouped(package):
            leaf = leaves.get(filing["leaf"])
            under = safe(f"{filing['leaf']} {leaf.title if leaf else ''}")
            for n, (name, sha256, at) in enumerate(files, start=1):
                inside = f"{under}/" + safe(f"{filing['number']}-{n:02} {name}")
                _put(archive, inside, sha256, at)
                lines.append((*_cells(filing), name, inside))
                done += 1
                if done % STEP == 0:
                    Package.objects.filter(pk=package.pk).update(done=done)
        sheet = _index(package, lines)
        if documents.writes_word():
            documents.word(folder / "index.docx", sheet, wide=True)
            archive.write(folder / "index.docx", f"{_('材料目录')}.docx")
        documents.excel(folder / "index.xlsx", sheet)
        archive.write(folder / "index.xlsx", f"{_('材料目录')}.xlsx")
    Package.objects.filter(pk=package.pk).update(done=done)


def _grouped(package: Package) -> Iterator[tuple[dict[str, Any], list[tuple[str, str, Any]]]]:
    rows = _filings(package.round_id, package.unit_id, package.accepted_only).order_by("order")
    found = list(
        rows.values("id", "leaf", "number", "title", "unit_id", "grade", "status", "revision_id")
    )
    for start in range(0, len(found), 200):
        part = found[start : start + 200]
        files: dict[int, list[tuple[str, str, Any]]] = {}
        held = RevisionFile.objects.filter(revision__in={f["revision_id"] for f in part})
        for revision, name, sha256, at in held.order_by("revision", "order").values_list(
            "revision_id", "name", "file__sha256", "revision__made_at"
        ):
            files.setdefault(revision, []).append((name, sha256, at))
        for filing in part:
            yield filing, files.get(filing["revision_id"], [])


def _put(archive: zipfile.ZipFile, inside: str, sha256: str, at: dt.datetime) -> None:
    info = zipfile.ZipInfo(inside, timezone.localtime(at).timetuple()[:6])
    info.external_attr = 0o644 << 16
    with store().open(key_of(sha256)) as source, archive.open(info, "w", force_zip64=True) as out:
        shutil.copyfileobj(source, out, 1024 * 1024)


def _cells(filing: dict[str, Any]) -> tuple[str, ...]:
    grade = filing["grade"] if filing["status"] != FilingStatus.SUBMITTED else ""
    return (
        filing["number"], filing["title"], tree().name(filing["unit_id"]),
        str(GRADE_WORDS.get(grade, grade)),
    )  # fmt: skip


def _index(package: Package, lines: list[tuple[str, ...]]) -> documents.Sheet:
    who = tree().name(package.unit_id) if package.unit_id else _("全部单位")
    return documents.Sheet(
        title=_("%(round)s 网报资料目录") % {"round": package.round.title},
        intro=(
            _("范围：%(who)s；生成时间：%(at)s；文件 %(n)s 个")
            % {"who": who, "at": f"{timezone.localtime():%Y-%m-%d %H:%M}", "n": len(lines)},
        ),
        heads=[_("编号"), _("材料"), _("责任单位"), _("等级"), _("文件"), _("包内位置")],
        rows=lines,
        widths=[2, 5, 3, 1, 4, 5],
    )


def safe(name: str) -> str:
    """A name that every system unpacks: no reserved characters, not too long, no dot at the end."""
    stem, dot, ending = _UNSAFE.sub("", name).strip().rpartition(".")
    if not dot or len(ending) > 8:
        stem, ending = stem + dot + ending, ""
    stem = stem.strip(" .")
    while len(stem.encode()) > 180:
        stem = stem[:-1]
    return (stem.strip(" .") or "_") + (f".{ending}" if ending else "")


def tidy_packages(now: dt.datetime) -> int:
    """Forget packages a week old; what is in them can be packed again. Returns how many."""
    gone = 0
    for package in Package.objects.filter(asked_at__lt=now - KEPT):
        package.delete()
        gone += 1
        if package.sha256 and not Package.objects.filter(sha256=package.sha256).exists():
            store().delete(key_of(package.sha256, "package"))
    return gone
