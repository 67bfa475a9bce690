"""Work plans, timetables of unmet items, letters of responsibility, and the check of the six."""

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Case, Count, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import files
from lifang.core.errors import Missing
from lifang.core.models import StoredFile
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.rounds import rules
from lifang.rounds.choices import TaskStatus
from lifang.rounds.models import Letter, Round, RoundPlace, Step
from lifang.rounds.permissions import (
    letters_visible_to,
    own_units,
    steps_visible_to,
    tasks_visible_to,
)
from lifang.rounds.queries.overview import leaf_titles, round_row
from lifang.rounds.queries.scopes import edition_of

_COLUMNS = (
    "id", "round_id", "unit_id", "kind", "leaf", "place", "item", "standard", "measure",
    "person_id", "person_name", "due", "done_on", "done_note", "origin", "gain",
)  # fmt: skip
#: sorts behind every day
_LATER = dt.date(9999, 12, 31)
ORDER = ("past", "day", "id")


def step_row(by: Acting, step_id: int) -> Step:
    found = (
        steps_visible_to(by)
        .select_related("round__edition", "unit")
        .defer("round__document", "round__edition__document")
        .filter(pk=step_id)
        .first()
    )
    if found is None:
        raise Missing("step.missing", _("没有这条措施，或您无权查看"))
    return found


def steps(
    by: Acting,
    r: Round,
    *,
    q: str = "",
    leaf: str = "",
    unit: int | None = None,
    kind: str = "",
    origin: str = "",
    state: str = "",
    mine: bool = False,
) -> QuerySet[Step, dict[str, Any]]:
    """Steps as dicts; page by :data:`ORDER`: what is not done first, by day, those without a day last.

    ``state``: open, overdue, done.
    """
    rows = steps_visible_to(by).filter(round=r)
    if unit:
        rows = rows.filter(unit=unit)
    if mine:
        rows = rows.filter(unit_id__in=own_units(by))
    for name, value in (("leaf", leaf), ("kind", kind), ("origin", origin)):
        if value:
            rows = rows.filter(**{name: value})
    if state == "done":
        rows = rows.exclude(done_on=None)
    elif state:
        rows = rows.filter(done_on=None)
        if state == "overdue":
            rows = rows.filter(due__lt=timezone.localdate())
    if q:
        told = [code for code, title in leaf_titles(r).items() if q in title or code == q]
        rows = rows.filter(
            Q(standard__icontains=q)
            | Q(measure__icontains=q)
            | Q(person_name__icontains=q)
            | Q(unit__name__icontains=q)
            | Q(leaf__in=told)
        )
    found: QuerySet[Step, dict[str, Any]] = rows.annotate(
        day=Coalesce("due", Value(_LATER)),
        past=Case(When(done_on=None, then=0), default=1),
    ).values(*_COLUMNS, "day", "past", unit_name=F("unit__name"), n_files=Count("files"))
    return found


def by_day(rows: QuerySet[Step, dict[str, Any]]) -> QuerySet[Step, dict[str, Any]]:
    """Earliest first, those without a day at the end."""
    return rows.order_by(Coalesce("due", Value(_LATER)), "id")


def full(rows: list[dict[str, Any]], r: Round) -> list[dict[str, Any]]:
    """Rows with titles of indicator, place and checklist line. One statement where places are named."""
    edition, today = edition_of(r), timezone.localdate()
    codes = {row["place"] for row in rows if row["place"]}
    places = (
        dict(RoundPlace.objects.filter(round=r, code__in=codes).values_list("code", "title"))
        if codes
        else {}
    )
    return [
        row
        | {
            "unit": row["unit_name"],
            "files": row["n_files"],
            "leaf_title": edition.nodes[row["leaf"]].title if row["leaf"] in edition.nodes else "",
            "place_title": places.get(row["place"], row["place"]),
            "item_title": edition.items[row["item"]].title if row["item"] in edition.items else "",
            "state": "done"
            if row["done_on"]
            else "overdue"
            if row["due"] and row["due"] < today
            else "open",
        }
        for row in rows
    ]


def one_full(by: Acting, step_id: int) -> dict[str, Any]:
    """One step with what shows that it is done."""
    found = step_row(by, step_id)
    [row] = full(list(steps(by, found.round).filter(pk=step_id)), found.round)
    return row | {"evidence": [file_row(f) for f in found.files.order_by("pk")]}


def file_row(f: StoredFile) -> dict[str, Any]:
    """A stored file with links to its copies; an original is asked for by a signed-in person."""
    picture = f.kind == "image"
    return {
        "id": f.pk,
        "name": f.name,
        "kind": f.kind,
        "size": f.size,
        "view_url": files.url(f.sha256, "view"),
        "thumb_url": files.url(f.sha256, "thumb") if picture else "",
    }


def leaves_with_steps(round: Round, *, done: bool = False) -> dict[str, frozenset[int]]:
    """Indicator → units that have an open step for it (with ``done``: or had one). One statement."""
    rows = Step.objects.filter(round=round).exclude(leaf="")
    if not done:
        rows = rows.filter(done_on=None)
    found: dict[str, set[int]] = defaultdict(set)
    for leaf, unit_id in rows.order_by().values_list("leaf", "unit_id").distinct():
        found[leaf].add(unit_id)
    return {leaf: frozenset(units) for leaf, units in found.items()}


def plans(by: Acting, round_id: int) -> list[dict[str, Any]]:
    """Each unit that has tasks or steps, with the six implementations as ``{head: [hold, of]}``.

    Five statements. Units with least in place come first.
    """
    r, today = round_row(by, round_id), timezone.localdate()
    asked = tasks_visible_to(by).filter(round=r).exclude(status=TaskStatus.DRAFT)
    counts = {
        unit: rules.TaskCounts(n, taken_up, named)
        for unit, n, taken_up, named in asked.order_by()
        .values_list("unit_id")
        .annotate(
            n=Count("pk"),
            up=Count("pk", filter=Q(status=TaskStatus.TAKEN_UP)),
            named=Count("pk", filter=~Q(person_name="")),
        )
    }
    rows = list(
        steps_visible_to(by)
        .filter(round=r)
        .order_by()
        .annotate(n=Count("files"))
        .values_list(
            "unit_id", "leaf", "measure", "person_name", "due", "done_on", "done_note", "n"
        )
    )
    own = set(asked.filter(unit__in={row[0] for row in rows}).values_list("unit_id", "leaf"))
    steps_of: dict[int, list[rules.StepFacts]] = defaultdict(list)
    for unit, leaf, measure, person, due, done_on, note, n in rows:
        told = leaf if (unit, leaf) in own else ""
        done = done_on is not None
        steps_of[unit].append(
            rules.StepFacts(told, bool(measure), bool(person), due, done, bool(note or n))
        )
    signed = set(letters_visible_to(by).filter(round=r).values_list("unit_id", flat=True))
    found = []
    for unit in counts.keys() | steps_of.keys():
        tasks = counts.get(unit, rules.TaskCounts())
        heads = rules.six(tasks, steps_of[unit], letter=unit in signed, today=today)
        found.append(
            {
                "unit_id": unit,
                "unit": tree().name(unit),
                "tasks": tasks.tasks,
                "steps": len(steps_of[unit]),
                "overdue": sum(
                    not s.done and s.due is not None and s.due < today for s in steps_of[unit]
                ),
                "complete": rules.complete(heads),
                "heads": {str(h): list(pair) for h, pair in heads.items()},
            }
        )
    return sorted(found, key=lambda row: (row["complete"], -row["tasks"], row["unit"]))


# ---------------------------------------------------------------- letters


def letters(by: Acting, round_id: int) -> list[dict[str, Any]]:
    """Units that have tasks, those without a letter first; several letters of a unit are all shown."""
    r = round_row(by, round_id)
    kept: dict[int, list[Letter]] = defaultdict(list)
    for letter in letters_visible_to(by).filter(round=r).select_related("file"):
        kept[letter.unit_id].append(letter)
    asked: dict[int, int] = dict(
        tasks_visible_to(by)
        .filter(round=r)
        .exclude(status=TaskStatus.DRAFT)
        .order_by()
        .values_list("unit_id")
        .annotate(n=Count("pk"))
    )
    found = [
        {
            "unit_id": unit,
            "unit": tree().name(unit),
            "tasks": asked.get(unit, 0),
            "letters": [_letter(x) for x in kept.get(unit, ())],
        }
        for unit in asked.keys() | kept.keys()
    ]
    return sorted(found, key=lambda row: (bool(row["letters"]), str(row["unit"])))


def _letter(x: Letter) -> dict[str, Any]:
    return {"id": x.pk, "signer": x.signer, "signed_on": x.signed_on, "file": file_row(x.file)}


def letter(round_id: int, letter_id: int) -> Letter:
    found = (
        Letter.objects.filter(round=round_id, pk=letter_id).select_related("unit", "file").first()
    )
    if found is None:
        raise Missing("letter.missing", _("没有这份责任状，可能已被删除"))
    return found
