"""The question "what regains most in this mock": only what was drawn and found counts.

An action is one unit's visit to one place, which mends all that it answers for there, or one document.
Curves are the rules themselves, so a plan's value is what the engine says once its facts are mended.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from lifang.assessment.engine.facts import Fact, Observation, Review
from lifang.assessment.engine.losses import hanging
from lifang.assessment.engine.plan import Key, Plan
from lifang.assessment.engine.result import Loss, Result
from lifang.assessment.planner.curves import document_curve, field_curves
from lifang.assessment.planner.options import Options, whole
from lifang.assessment.planner.problem import Action, Curve, Problem


@dataclass(frozen=True)
class Task:
    """What an action is before it has weights: who, where, which losses."""

    kind: str
    place: str
    unit: str
    rows: tuple[Loss, ...]


def tasks(
    result: Result, options: Options, mendable: Collection[str], joint: Collection[str] = ()
) -> list[Task]:
    """Visits and documents that can be mended in time, from the losses whose facts are ``mendable``.

    A fault that costs several indicators is mended once, by the unit that it costs most. Places in
    ``joint`` count only as a whole and are visited by all together, led by the unit that they cost most.
    """
    found: dict[tuple[str, str, str], list[Loss]] = {}
    rows = [row for row in result.losses if row.facts and row.facts[0] in mendable]
    unit_of = {
        row.facts[0]: row.lead for row in sorted(rows, key=lambda r: (r.points, r.leaf, r.lead))
    }
    costs: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        if row.site in joint:
            of_site = costs.setdefault(row.site, {})
            of_site[row.lead] = of_site.get(row.lead, Decimal(0)) + row.points
    leader = {s: max(of, key=lambda unit: (of[unit], unit)) for s, of in costs.items()}
    for row in rows:
        if row.site:
            if options.item_in_time(row.item):
                place = ("visit", row.site, leader.get(row.site) or unit_of[row.facts[0]])
                found.setdefault(place, []).append(row)
        elif options.in_time(options.document_days):
            code = f"{row.leaf} {row.item}".strip()
            found.setdefault(("document", code, row.lead), []).append(row)
    return [
        Task(kind, place, unit, tuple(rows)) for (kind, place, unit), rows in sorted(found.items())
    ]


def build(
    plan: Plan, result: Result, facts: Iterable[Fact], options: Options, budget: int
) -> Problem:
    """The problem of this mock."""
    buckets = plan.sort(facts)
    worth = hanging(plan.edition, result)
    rules = {(n.code, m.key): m.rule for n in plan.edition.leaves for m in n.measures}
    mendable = {
        f.id for found in buckets.values() for f in found if isinstance(f, Observation | Review)
    }
    joint = {
        row.site
        for row in result.losses
        if row.site and getattr(rules[row.leaf, row.measure], "by", "") == "site_pass"
    }
    made = tasks(result, options, mendable, joint)
    curves: list[Curve] = []
    fixes: list[list[tuple[int, int]]] = [[] for _task in made]
    touched: dict[Key, list[tuple[int, Loss]]] = {}
    for t, task in enumerate(made):
        for row in task.rows:
            touched.setdefault((row.leaf, row.measure), []).append((t, row))
    for key, rows in touched.items():
        if key not in worth:
            continue
        rule = rules[key]
        if key in plan.asked:
            seen = [f for f in buckets.get(key, ()) if isinstance(f, Observation)]
            found = field_curves(plan, key, rule, seen, rows, worth[key])  # type: ignore[arg-type]
        else:
            found = [document_curve(key, rule, rows, result, worth[key])]
        for curve, weights in found:
            for t, weight in weights.items():
                fixes[t].append((len(curves), weight))
            curves.append(curve)
    actions = tuple(
        _action(task, tuple(fix), options) for task, fix in zip(made, fixes, strict=True)
    )
    capacity = {unit: whole(n) for unit, n in options.capacity.items()}
    return Problem(tuple(curves), actions, budget, capacity)


def _action(task: Task, fixes: tuple[tuple[int, int], ...], options: Options) -> Action:
    facts = {id_: row for row in task.rows for id_ in row.facts}
    if task.kind == "visit":
        effort = options.visit + sum(options.of_item(row.item) for row in facts.values())
    else:
        effort = options.document
    named = {task.place, *facts, *(r.item for r in task.rows), *(r.leaf for r in task.rows)}
    title = "、".join(dict.fromkeys(r.item for r in task.rows if r.item))
    return Action(
        f"{task.kind}:{task.place}:{task.unit}",
        whole(effort),
        fixes,
        unit=task.unit,
        must=bool(named & options.must),
        facts=tuple(facts),
        title=f"{task.place}（{title}）" if title and task.kind == "visit" else task.place,
    )


def mend(
    facts: Iterable[Fact], ids: Iterable[str], edition_grades: Callable[[Review], str]
) -> list[Fact]:
    """The facts as they would be once ``ids`` are mended: passes, and best grades."""
    wanted = set(ids)
    found: list[Fact] = []
    for fact in facts:
        if fact.id in wanted and isinstance(fact, Observation):
            found.append(replace(fact, state="pass", count=1, disputed=False))
        elif fact.id in wanted and isinstance(fact, Review):
            grade = edition_grades(fact)
            found.append(replace(fact, grade=grade, disputed=False, level=99))
        else:
            found.append(fact)
    return found
