"""One run: its figures, one indicator explained, what-if."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, Literal, cast

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from lifang.assessment import access, gathering, naming
from lifang.assessment.engine import facts as engine
from lifang.assessment.engine import final
from lifang.assessment.engine.facts import in_force
from lifang.assessment.models import Entry, Run
from lifang.assessment.queries.losses import rows
from lifang.assessment.sampling.condition import conditions
from lifang.core.errors import Field, Invalid, Missing
from lifang.inspections import queries as inspections
from lifang.inspections.models import Observation
from lifang.orgs.acting import Acting


def latest(round_id: int) -> Run | None:
    """The last complete run of a round; what one more fault costs is left where it is."""
    return Run.objects.filter(round_id=round_id, complete=True).defer("worth", "seen").first()


def last_of(round_ids: Iterable[int]) -> QuerySet[Run]:
    """The last complete run of each round; of the many before them nothing is read."""
    found = Run.objects.filter(round_id__in=list(round_ids), complete=True).order_by()
    return Run.objects.filter(pk__in=found.values("round").annotate(top=Max("id")).values("top"))


def run_of(by: Acting, run_id: int) -> Run:
    """A run of any round; only for those who see all figures."""
    access.need_reader(by)
    return run_seen(by, run_id)


def run_seen(by: Acting, run_id: int) -> Run:
    """A run, also for a unit, which sees its own losses of it."""
    access.own_units(by)
    found = (
        Run.objects.filter(pk=run_id, complete=True)
        .select_related("round__edition", "created_by")
        .defer("worth", "seen", "round__edition__document", "round__document")
        .first()
    )
    if found is None:
        raise Missing("run.missing", _("没有这次成绩"))
    return found


def explain(by: Acting, run_id: int, leaf: str) -> dict[str, Any]:
    """Where the points of an indicator come from, where they were lost, how far the next grade is."""
    run = run_of(by, run_id)
    found = run.result["leaves"].get(leaf)
    if found is None:
        raise Missing("leaf.missing", _("没有指标“%(code)s”") % {"code": leaf})
    plan = gathering.plan_of(run.round)
    node = plan.edition.nodes[leaf]
    return {
        "leaf": leaf,
        "title": node.title,
        "help": node.help,
        "points": str(node.points),
        "lead": naming.units().get(plan.round.unit_of(node.lead), node.lead),
        **{k: v for k, v in found.items() if k not in ("measures", "next")},
        "measures": [
            {
                "key": m.key,
                "method": m.method,
                "share": str(Decimal(m.share.numerator) / Decimal(m.share.denominator)),
                "rule": type(m.rule).__name__,
                "unit": m.unit,
                **(found.get("measures") or {}).get(m.key, {}),
            }
            for m in node.measures
        ],
        "next": found.get("next") or [],
        "conditions": _conditions(run, leaf),
        "losses": rows(by, run, leaf=leaf)[:50],
    }


def _conditions(run: Run, leaf: str) -> list[dict[str, Any]]:
    """Of each field measure two answers: as an inspector scores what was drawn, and as it truly is over the
    whole frame with its interval of 95 %. Of the facts of now; one statement."""
    plan = gathering.plan_of(run.round)
    items = {item for (item, _t), keys in plan.feeds.items() if any(k[0] == leaf for k in keys)}
    if not items:
        return []
    rows = inspections.in_force(Observation.objects.filter(round=run.round, item__in=items))
    seen = [
        engine.Observation(
            id=str(id_), site=site, item=item, state=cast('Literal["pass", "fail", "na"]', state)
        )
        for id_, site, item, state in rows.values_list("id", "place__code", "item", "state")
    ]
    found = []
    for c in conditions(plan, seen):
        if c.key[0] == leaf:
            low, high = c.true.rate_interval() if c.true else (None, None)
            found.append(
                {
                    "measure": c.key[1],
                    "places": c.n,
                    "official": float(c.official),
                    "true": c.true.value if c.true else None,
                    "low": low,
                    "high": high,
                    "flawed": list(c.flawed) if c.flawed else None,
                }
            )
    return found


def what_if(by: Acting, run_id: int, rates: Mapping[str, Decimal]) -> dict[str, Any]:
    """The total if indicators earned these rates (0 to 1), through the engine's own way to the total.

    What is not named stays as it is; bonus, other editions and the negative list are as entered.
    """
    run = run_of(by, run_id)
    leaves = run.result["leaves"]
    faults = [
        Field(f"rates.{code}", _("没有这个指标，或得分率不在 0 到 1 之间"))
        for code, rate in rates.items()
        if code not in leaves or not 0 <= rate <= 1
    ]
    if faults:
        raise Invalid("what_if.faulty", _("推演的得分率有误"), fields=faults)
    plan = gathering.plan_of(run.round)
    facts = gathering.entry_facts(Entry.objects.filter(round=run.round).select_related("approver"))
    linked = gathering.linked_facts(run.round)
    held = in_force([*facts, *linked])
    buckets = plan.sort([f for f in held if f.kind in ("award", "veto", "linked")])
    sums = [Fraction(0)] * 3
    possible = Fraction(0)
    for code, leaf in leaves.items():
        possible += Fraction(leaf["possible"])
        if code in rates:
            earned = Fraction(leaf["possible"]) * Fraction(rates[code])
            three = (earned, earned, earned)
        else:
            three = (Fraction(leaf["earned"]), Fraction(leaf["low"]), Fraction(leaf["high"]))
        sums = [a + b for a, b in zip(sums, three, strict=True)]
    bonus = sum(final.bonuses(plan, buckets).values(), Fraction(0))
    total = final.total(plan, buckets, (sums[0], sums[1], sums[2]), possible, bonus)
    return {
        "score": str(total.score),
        "low": str(total.low),
        "high": str(total.high),
        "status": total.status,
        "delta": str(total.score - run.score.quantize(total.score)),
        "leaves": [
            {
                "leaf": code,
                "rate": str(rate),
                "earned": str(Decimal(leaves[code]["possible"]) * rate),
                "before": leaves[code]["earned"],
            }
            for code, rate in rates.items()
        ],
    }


def rates_of(text: str) -> dict[str, Decimal]:
    """``F01:0.9,F02:1`` as rates by indicator; raises :class:`Invalid` naming what is not so."""
    found: dict[str, Decimal] = {}
    for pair in filter(None, text.split(",")):
        code, _colon, rate = pair.rpartition(":")
        try:
            found[code] = Decimal(rate)
        except InvalidOperation:
            told = _("“%(text)s”应写作 指标编码:得分率，如 F01:0.9") % {"text": pair[:40]}
            raise Invalid("what_if.faulty", told, fields=[Field("rates", told)]) from None
    return found
