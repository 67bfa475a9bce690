"""One filing, with all that its page shows."""

import datetime as dt
from typing import Any

from django.utils import timezone

from lifang.core import files as stored
from lifang.core.models import StoredFile
from lifang.materials import checks, rules
from lifang.materials.choices import FilingStatus
from lifang.materials.models import (
    FileFacts,
    Filing,
    RevisionFile,
    Submission,
)
from lifang.materials.permissions import (
    may_file,
    missing,
    visible_to,
)
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.orgs.tree import tree
from lifang.standards.edition_rows import edition
from lifang.standards.editions.shape import Slot

#: files of all revisions that a page shows
MOST_FILES = 600


def filing(by: Acting, filing_id: int) -> dict[str, Any]:
    """A filing with what it asks, what was handed in, how it was judged, and what ``by`` may do."""
    found = (
        visible_to(by)
        .select_related("round__edition", "submitted_by", "first_by", "material")
        .defer("round__document", "round__edition__document")
        .filter(pk=filing_id)
        .first()
    )
    if found is None:
        raise missing()
    whole = edition(found.round.edition)
    slot = rules.slot_of(whole, found.leaf, found.measure, found.slot)
    measure = rules.measure_of(whole, found.leaf, found.measure)
    node = whole.nodes.get(found.leaf)
    submissions = list(found.submissions.order_by("-number"))
    allowed = rules.grades(measure.rule if measure else None)
    return {
        "id": found.pk,
        "round_id": found.round_id,
        "round": found.round.title,
        "round_open": found.round.status == "open",
        "number": found.number,
        "title": found.title,
        "leaf": found.leaf,
        "leaf_title": node.title if node else "",
        "leaf_help": node.help if node else "",
        "points": str(node.points) if node else "",
        "unit_id": found.unit_id,
        "unit": tree().name(found.unit_id),
        "due": found.due,
        "late": rules.late(found.due, found.status, timezone.localdate()),
        "status": found.status,
        "known": found.known,
        "grade": found.grade,
        "disputed": found.disputed,
        "submitted_at": found.submitted_at,
        "submitted_by": found.submitted_by.name if found.submitted_by else "",
        "first_by": found.first_by.name if found.first_by else "",
        "slot": describe(slot, found.round.ends),
        "grades": list(allowed),
        "material_id": found.material_id,
        "material": found.material.title if found.material else "",
        "used_by": _used_by(found),
        "revision_id": found.revision_id,
        "revisions": revisions(found.material_id) if found.material_id else [],
        "submission_id": submissions[0].pk if submissions else None,
        "checks": submissions[0].checks if submissions else [],
        "history": _history(found, submissions),
        "may": _may(by, found),
    }


def describe(slot: Slot, ends: dt.date) -> dict[str, Any]:
    """What a slot asks, in numbers and words."""
    first, last = checks.window(slot, ends) if slot.months else (None, None)
    return {
        "key": slot.key,
        "title": slot.title,
        "kind": slot.kind,
        "types": checks.wanted(slot.kind),
        "least": max(1, slot.least),
        "most": slot.most,
        "size_mb": slot.size,
        "words": slot.words,
        "months": slot.months,
        "dated_from": first,
        "dated_to": last,
        "help": slot.help,
    }


def _may(by: Acting, f: Filing) -> dict[str, bool]:
    """What ``by`` may do now; the actions check again."""
    run = f.round.status == "open"
    mine = run and may_file(by, f.unit_id)
    judge = run and by.has(Role.EVALUATOR)
    edit = run and by.has(Role.EVALUATOR, Role.SYSTEM_ADMIN)
    others = by.user_id is None or by.user_id != f.submitted_by_id

    def able(verb: str) -> bool:
        return f.status in rules.MOVES[verb]

    given = f.status == FilingStatus.SUBMITTED
    second = judge and able("second") and (by.user_id is None or by.user_id != f.first_by_id)
    return {
        "attach": mine and able("attach"),
        "submit": mine and able("submit"),
        "withdraw": mine and able("withdraw"),
        "appeal": mine and able("appeal"),
        "assign": edit and able("assign"),
        "first": judge and able("first") and (others or not given),
        "second": second and others,
        "return": judge and able("return") and others,
    }


def _used_by(f: Filing) -> list[dict[str, Any]]:
    """The other slots that the material fills."""
    if f.material_id is None:
        return []
    rows = Filing.objects.filter(material=f.material_id).exclude(pk=f.pk).order_by("-round_id")
    return [
        {"filing_id": r["id"], "round": r["round__title"], "number": r["number"], "title": r["title"],
         "status": r["status"]}
        for r in rows.values("id", "round__title", "number", "title", "status")[:50]
    ]  # fmt: skip


def revisions(material_id: int) -> list[dict[str, Any]]:
    """Newest first, with their files; one statement, as every revision has a file."""
    held = (
        RevisionFile.objects.filter(revision__material=material_id)
        .select_related("revision", "file__material_facts")
        .order_by("-revision__number", "order")[:MOST_FILES]
    )
    found: dict[int, dict[str, Any]] = {}
    for h in held:
        r = h.revision
        one = found.setdefault(
            r.pk,
            {
                "id": r.pk,
                "number": r.number,
                "dated": r.dated,
                "effective_from": r.effective_from,
                "effective_to": r.effective_to,
                "note": r.note,
                "source": r.source.get("kind", ""),
                "sha256": r.sha256,
                "made_at": r.made_at,
                "made_by": r.made_by_name,
                "files": [],
            },
        )
        one["files"].append(shown(h.file, getattr(h.file, "material_facts", None), h.name))
    return list(found.values())


def shown(file: StoredFile, facts: FileFacts | None, name: str = "") -> dict[str, Any]:
    """A file as pages show it."""
    picture = file.kind == "image"
    return {
        "file_id": file.pk,
        "name": name or file.name,
        "kind": file.kind,
        "size": file.size,
        "sha256": file.sha256,
        "url": stored.url(file.sha256, "view"),
        "thumb_url": stored.url(file.sha256, "thumb") if picture else "",
        "width": file.width,
        "height": file.height,
        "taken_at": file.taken_at,
        "words": facts.words if facts else None,
        "pages": facts.pages if facts else None,
        "excerpt": facts.excerpt if facts else "",
    }


def _history(f: Filing, submissions: list[Submission]) -> list[dict[str, Any]]:
    """Submissions and reviews, newest first."""
    found = [
        {
            "at": s.at, "who": s.by_name, "what": "submitted", "level": None, "grade": "",
            "number": s.number, "reason": "", "disputed": False,
        }
        for s in submissions
    ] + [
        {
            "at": r.at, "who": r.reviewer_name, "what": r.verdict, "level": r.level,
            "grade": r.grade, "number": None, "reason": r.reason, "disputed": r.disputed,
        }
        for r in f.reviews.order_by("pk")
    ]  # fmt: skip
    return sorted(found, key=lambda h: h["at"], reverse=True)
