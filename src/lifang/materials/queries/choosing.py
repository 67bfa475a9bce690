"""While files are chosen: checks, what is held already, a batch matched by number."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from lifang.core import files as stored
from lifang.core.models import StoredFile
from lifang.materials import checks, measuring, proposals, rules
from lifang.materials.choices import FilingStatus
from lifang.materials.matching import Matcher, Target, noise, sort_key
from lifang.materials.models import (
    FileFacts,
    Filing,
)
from lifang.materials.permissions import (
    materials_of,
    may_file,
    missing,
    visible_to,
)
from lifang.materials.queries.one import shown
from lifang.orgs.acting import Acting
from lifang.standards.edition_rows import edition


def check(
    by: Acting, filing_id: int, files: Sequence[StoredFile], dated: dt.date | None
) -> dict[str, Any]:
    """The checks of files for a slot, and where lifang has them already."""
    found = (
        visible_to(by)
        .select_related("round__edition")
        .defer("round__document", "round__edition__document")
        .filter(pk=filing_id)
        .first()
    )
    if found is None:
        raise missing()
    slot = rules.slot_of(edition(found.round.edition), found.leaf, found.measure, found.slot)
    told = checks.run(slot, measuring.chosen(files), dated=dated, ends=found.round.ends)
    facts = FileFacts.objects.in_bulk([f.pk for f in files])
    return {
        "passed": all(c.ok for c in told if c.hard),
        "checks": [c.as_json() for c in told],
        "files": [shown(f, facts.get(f.pk)) for f in files],
        "known": _held(by, files, found),
    }


def _held(by: Acting, files: Sequence[StoredFile], f: Filing) -> list[dict[str, Any]]:
    """Materials that hold one of the files already: to be used again, not uploaded again."""
    rows = materials_of(by).filter(revisions__files__file__in=[x.pk for x in files])
    if f.material_id is not None:
        rows = rows.exclude(pk=f.material_id)
    return [{**r} for r in rows.distinct().values("id", "title")[:5]]


def offered(by: Acting, filing_id: int) -> dict[str, Any]:
    """What lifang already holds for a slot: materials to use again, facts to make one of."""
    found = (
        visible_to(by)
        .select_related("round__edition")
        .defer("round__document", "round__edition__document")
        .filter(pk=filing_id)
        .first()
    )
    if found is None:
        raise missing()
    given = proposals.offers(by, found)
    wanted = {pk for _s, rows in given for o in rows for _c, pk in o.pictures[:2]}
    thumbs = dict(StoredFile.objects.filter(pk__in=wanted).values_list("pk", "sha256"))
    return {
        "makes": proposals.MADE[found.kind],
        "materials": _earlier(by, found),
        "sources": [
            {
                "key": source.key,
                "label": str(source.label),
                "offers": [
                    {
                        "key": o.key, "title": o.title, "detail": o.detail, "on": o.on,
                        "thumbs": [
                            stored.url(thumbs[pk], "thumb") for _c, pk in o.pictures[:2]
                            if pk in thumbs
                        ],
                    }
                    for o in rows
                ],
            }
            for source, rows in given
        ],
    }  # fmt: skip


def _earlier(by: Acting, f: Filing) -> list[dict[str, Any]]:
    """Materials of the unit that filled the same slot in other rounds, the best grade first."""
    rows = (
        Filing.objects.filter(leaf=f.leaf, unit=f.unit_id, material__isnull=False)
        .exclude(pk=f.pk)
        .exclude(material=f.material_id)
        .filter(material__in=materials_of(by))
        .order_by("grade", "-round_id")
    )
    found: dict[int, dict[str, Any]] = {}
    for r in rows.values("material_id", "material__title", "round__title", "grade", "slot"):
        if r["slot"] == f.slot:
            found.setdefault(
                r["material_id"],
                {"id": r["material_id"], "title": r["material__title"],
                 "round": r["round__title"], "grade": r["grade"]},
            )  # fmt: skip
    return list(found.values())[:10]


def match(
    by: Acting, round_id: int, files: Sequence[tuple[str, StoredFile | None, str]]
) -> dict[str, Any]:
    """Files of a batch (path, file, problem) to slots by number, with the checks of each slot."""
    rows = list(
        visible_to(by)
        .filter(round=round_id)
        .select_related("round__edition")
        .defer("round__document", "round__edition__document")
        .order_by("order")
    )
    matcher = Matcher(Target(f.pk, f.number, f.leaf, f.slot) for f in rows)
    by_id = {f.pk: f for f in rows}
    groups: dict[int, list[tuple[str, StoredFile]]] = {}
    misses: list[dict[str, Any]] = []
    for path, file, problem in sorted(files, key=lambda x: sort_key(x[0])):
        if noise(path):
            continue
        hit = matcher(path) if file is not None else None
        if file is None or hit is None:
            reason = problem or _("文件名和文件夹名里没有认出材料编号")
            misses.append(
                {"path": path, "token": stored.token(file) if file else "", "problem": reason}
            )
        else:
            groups.setdefault(hit, []).append((path, file))
    return {
        "matches": [_line(by, by_id[pk], groups[pk]) for pk in sorted(groups, key=_place(by_id))],
        "misses": misses,
    }


def _place(by_id: dict[int, Filing]) -> Any:
    return lambda pk: by_id[pk].order


def _line(by: Acting, f: Filing, files: list[tuple[str, StoredFile]]) -> dict[str, Any]:
    slot = rules.slot_of(edition(f.round.edition), f.leaf, f.measure, f.slot)
    unique = list({file.pk: (path, file) for path, file in files}.values())
    names = [path.rpartition("/")[2] for path, _f in unique]
    told = checks.run(
        slot, measuring.chosen([x for _p, x in unique], names), dated=None, ends=f.round.ends
    )
    problems = [c.message for c in told if c.hard and not c.ok and c.key != checks.UNDATED]
    if not may_file(by, f.unit_id):
        problems.insert(0, _("这项材料不归您的单位填报"))
    elif f.status not in rules.MOVES["attach"]:
        problems.insert(
            0, _("这项材料现在是“%(state)s”，不能更换") % {"state": FilingStatus(f.status).label}
        )
    return {
        "filing_id": f.pk,
        "number": f.number,
        "title": f.title,
        "status": f.status,
        "files": [
            {"path": path, "token": stored.token(file), "size": file.size} for path, file in unique
        ],
        "problems": problems,
        # one date for the line makes it complete
        "needs_date": any(c.key == checks.UNDATED for c in told),
        "warnings": [c.message for c in told if not c.hard and not c.ok],
    }
