"""The case page: everything about one case that its reader may see."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases import rules
from lifang.cases.actions._step import setting
from lifang.cases.choices import FINAL, EvidenceKind, Source, State, Verb
from lifang.cases.duplicates.search import Asked, find
from lifang.cases.models import Case, Evidence, Report
from lifang.cases.near import near
from lifang.cases.permissions import allowed_verbs, may_see_reporter, visible_to
from lifang.cases.queries.lists import COLUMNS, dress
from lifang.core import files
from lifang.core.errors import Missing
from lifang.core.models import StoredFile
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.standards import queries as standards


def one(by: Acting, case_id: int) -> dict[str, Any]:
    """One case with steps, evidence, reports, units, pauses, petitions, and what may be done."""
    case = (
        visible_to(by)
        .select_related(
            "condition", "category", "lead_unit", "handler", "checker", "desk_user", "post",
            "road", "site", "shop", "component", "cell", "merged_into", "parent", "relapse_of",
        )
        .filter(pk=case_id)
        .first()
    )  # fmt: skip
    if case is None:
        raise Missing("case.not_found", _("没有这个案件，或您无权查看"))
    now = timezone.now()
    row = {name: _value(case, name) for name in COLUMNS}
    out = dress(row, now)
    category = standards.any_by_id(case.category_id)
    out |= {
        "text": case.text,
        "duty": case.duty,
        "understanding": case.understanding,
        "condition": _condition(case),
        "conditions": [_condition_row(c) for c in category.conditions] if category else [],
        "closing": case.closing,
        "closed_as": case.closed_as,
        "checked_at": case.checked_at,
        "paused_at": case.paused_at,
        "resume_at": case.resume_at,
        "amber_at": case.amber_at,
        "suspensions": case.suspensions,
        "checker": case.checker.name if case.checker else "",
        "post": case.post.title if case.post else "",
        "road": _ref(case.road),
        "site": _ref(case.site),
        "shop": _ref(case.shop),
        "cell": case.cell.code if case.cell else "",
        "component": case.component.code if case.component else "",
        "merged_into": _case_ref(case.merged_into),
        "parent": _case_ref(case.parent),
        "relapse_of": _case_ref(case.relapse_of),
        "allowed": [str(v) for v in allowed_verbs(case, by)],
        "steps": _steps(case),
        "evidence": _evidence(case),
        "reports": _reports(case, by),
        "units": _units(case),
        "pauses": list(case.pauses.order_by("id").values("start", "end", "reason")),
        "petitions": _petitions(case),
        "ratings": list(
            case.ratings.order_by("-id").values(
                "id", "stars", "solved", "contacted", "comment", "at", "excluded"
            )
        ),
        "parts": list(case.parts.order_by("id").values("id", "number", "state", "summary")),
        "merged": list(case.merged.order_by("id").values("id", "number", "state", "summary")),
    }
    return out


def _value(case: Case, name: str) -> Any:
    head, _sep, tail = name.partition("__")
    value = getattr(case, head)
    return getattr(value, tail, None) if tail else value


def _ref(row: Any) -> dict[str, Any] | None:
    return None if row is None else {"id": row.pk, "name": row.name, "code": row.code}


def _case_ref(case: Case | None) -> dict[str, Any] | None:
    if case is None:
        return None
    return {"id": case.pk, "number": case.number, "state": case.state, "summary": case.summary}


def _condition_row(c: Any) -> dict[str, Any]:
    return {
        "id": c.id, "number": c.number, "text": c.text, "limit": float(c.limit), "unit": c.unit,
        "closing": c.closing, "photos_before": c.photos_before, "photos_after": c.photos_after,
    }  # fmt: skip


def _condition(case: Case) -> dict[str, Any] | None:
    return None if case.condition is None else _condition_row(case.condition)


def _steps(case: Case) -> list[dict[str, Any]]:
    names = (
        "id", "verb", "before", "after", "at", "device_at", "actor", "unit_id", "reason",
        "automatic", "public", "detail",
    )  # fmt: skip
    rows = list(case.steps.order_by("id").values(*names))
    for row in rows:
        row["unit"] = tree().name(row.pop("unit_id"))
        row["label"] = str(Verb(row["verb"]).label)
    return rows


def _evidence(case: Case) -> list[dict[str, Any]]:
    rows = case.evidence.select_related("file").order_by("id")
    return [
        {
            "id": e.pk,
            "kind": e.kind,
            "step_id": e.step_id,
            "at": e.at,
            "public": e.public,
            "file": file_row(e.file),
        }
        for e in rows
    ]


def file_row(f: StoredFile) -> dict[str, Any]:
    """A stored file with links to its safe copies."""
    return {
        "id": f.pk, "sha256": f.sha256, "kind": f.kind, "name": f.name, "size": f.size,
        "width": f.width, "height": f.height, "taken_at": f.taken_at, "lng": f.exif_lng,
        "lat": f.exif_lat, "view_url": files.url(f.sha256, "view"),
        "thumb_url": files.url(f.sha256, "thumb" if f.kind == "image" else "view"),
    }  # fmt: skip


def _reports(case: Case, by: Acting) -> list[dict[str, Any]]:
    open_ = may_see_reporter(case, by)
    rows = Report.objects.filter(case=case).select_related("origin").order_by("id")
    return [
        {
            "id": r.pk,
            "source": r.source,
            "text": r.text,
            "at": r.at,
            "name": r.reporter_name
            if open_
            else r.reporter_name[:1] + ("**" if r.reporter_name else ""),
            "phone": r.reporter_phone if open_ else rules.masked_phone(r.reporter_phone),
            "external_number": r.external_number,
            "origin_number": r.origin.number,
            "follow_code": r.follow_code if open_ and r.source == Source.HOTLINE else "",
        }
        for r in rows[:100]
    ]


def _units(case: Case) -> list[dict[str, Any]]:
    rows = case.units.order_by("id").values("unit_id", "role", "since", "until")
    return [{**row, "name": tree().name(row["unit_id"])} for row in rows]


def _petitions(case: Case) -> list[dict[str, Any]]:
    rows = case.petitions.select_related("asked_by", "first_by", "second_by")
    return [petition_row(p) for p in rows]


def petition_row(p: Any) -> dict[str, Any]:
    """A petition as lists and the case page show it."""
    return {
        "id": p.pk, "case_id": p.case_id, "kind": p.kind, "state": p.state, "reason": p.reason,
        "until": p.until, "asked_by": p.asked_by.name, "asked_at": p.asked_at,
        "first_by": p.first_by.name if p.first_by else "", "first_at": p.first_at,
        "first_note": p.first_note, "second_by": p.second_by.name if p.second_by else "",
        "second_at": p.second_at, "second_note": p.second_note,
    }  # fmt: skip


def related(by: Acting, case_id: int) -> dict[str, Any]:
    """Cases near in place that the reader may see: open ones (likely the same, with score and picture) and
    closed ones (it came again)."""
    case = visible_to(by).filter(pk=case_id).first()
    if case is None:
        raise Missing("case.not_found", _("没有这个案件，或您无权查看"))
    pictures = case.evidence.filter(kind=EvidenceKind.BEFORE, file__kind="image")
    asked = Asked(
        text=case.text, at=case.reported_at, lng=case.lng, lat=case.lat, site_id=case.site_id,
        road_id=case.road_id, category_id=case.category_id, case_id=case.pk,
        file_ids=list(pictures.values_list("file_id", flat=True)[:9]),
    )  # fmt: skip
    likely = find(asked, setting(), most=20, worth=0.0)
    again = []
    if case.lng is not None and case.lat is not None and case.state not in FINAL - {State.CLOSED}:
        found = near(lng=case.lng, lat=case.lat, metres=150, closed=True)
        again = [n for n in found if n.id != case.pk][:20]
    numbers = [c.id for c in likely] + [n.id for n in again]
    mine = set(visible_to(by).filter(pk__in=numbers).values_list("pk", flat=True))
    thumbs = first_pictures(mine)
    return {
        "open": [
            {
                "id": c.id, "number": c.number, "state": c.state,
                "metres": round(c.metres or 0), "likeness": round(c.likeness, 2),
                "same_category": c.category_id == case.category_id,
                "summary": rules.summary(c.text), "score": round(c.score, 3),
                "picture": c.picture, "thumb_url": thumbs.get(c.id, ""),
                "reports_count": c.reports_count,
            }
            for c in likely
            if c.id in mine
        ],
        "closed": [
            {
                "id": n.id, "number": n.number, "state": n.state, "metres": round(n.metres),
                "likeness": round(rules.likeness(case.text, n.text), 2),
                "same_category": n.category_id == case.category_id,
                "summary": rules.summary(n.text), "thumb_url": thumbs.get(n.id, ""),
            }
            for n in again
            if n.id in mine
        ],
    }  # fmt: skip


def first_pictures(case_ids: Iterable[int]) -> dict[int, str]:
    """Address of the first picture of each case, small; one statement."""
    rows = (
        Evidence.objects.filter(case_id__in=list(case_ids), file__kind="image")
        .order_by("id")
        .values_list("case_id", "file__sha256")
    )
    found: dict[int, str] = {}
    for case_id, sha in rows:
        found.setdefault(case_id, files.url(sha, "thumb"))
    return found
