"""Figures for screens: every one with its formula, its n and the filter that opens its cases."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import Field as Param

from lifang.cases import rules as loop
from lifang.cases.choices import FINAL, Light, Source, State
from lifang.cases.counts import COUNTS, Cohort, scope_of
from lifang.cases.models import Case
from lifang.cases.queries.filters import light_q
from lifang.core.errors import Field, Forbidden, Invalid
from lifang.dashboard import rules
from lifang.dashboard.facts import AREA, TIMES
from lifang.dashboard.formulas import formulas
from lifang.dashboard.tally import Where, tally
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.places import atlas
from lifang.standards import queries as standards

LONGEST = dt.timedelta(days=366 * 20)
#: more days than this are shown by month
DAYS_SHOWN = 92
LABELS = {key: c.label for key, c in COUNTS.items()}


class Asked(Schema):
    """A period and dimensions. Days are local; both ends are included."""

    start: dt.date | None = Param(None, alias="from", description="first day; else this month's")
    end: dt.date | None = Param(None, alias="to", description="last day; else today")
    unit: int | None = Param(None, description="leading unit, with those below it")
    area: str = Param("", max_length=12, description="division code or its beginning")
    category: str = Param("", max_length=40, description="class key or its beginning; a kind")
    source: Source | None = None


def where_of(by: Acting, asked: Asked, *, now: dt.datetime) -> Where:
    """What ``by`` may count of what he asks for."""
    scope = scope_of(by)
    if not scope.areas and not scope.units:
        raise Forbidden("stats.forbidden", _("您的岗位没有可查看的统计范围"))
    today = now.astimezone(timezone.get_default_timezone()).date()
    last = asked.end or today
    first = asked.start or last.replace(day=1)
    if first > last or last - first > LONGEST:
        raise Invalid(
            "stats.period",
            _("起止日期有误：起始日不能晚于截止日，且跨度不超过 20 年"),
            fields=[Field("from", _("请检查起止日期"))],
        )
    return Where(
        start=first,
        end=last + dt.timedelta(days=1),
        units=tree().below(asked.unit) if asked.unit is not None else None,
        area=asked.area,
        category=asked.category,
        source=asked.source or "",
        scope=scope,
    )


def _opens(asked: Asked, where: Where, **more: Any) -> dict[str, Any]:
    """Parameters of the case list that shows exactly the cases of a count."""
    found: dict[str, Any] = {
        "count_from": where.start.isoformat(),
        "count_to": (where.end - dt.timedelta(days=1)).isoformat(),
        "unit": asked.unit,
        "area": asked.area,
        "category": asked.category,
        "source": asked.source,
    }
    return {k: str(v) for k, v in (found | more).items() if v not in (None, "")}


def rates(by: Acting, asked: Asked, *, now: dt.datetime | None = None) -> dict[str, Any]:
    """All counts, rates and figures of a period, beside those of the period before."""
    at = now or timezone.now()
    where = where_of(by, asked, now=at)
    counts = tally(where, now=at)[None]
    begin, end = rules.previous(where.start, where.end)
    earlier = tally(replace(where, start=begin, end=end), now=at)[None]
    opens = _opens(asked, where)
    return {
        "period": _period(where.start, where.end),
        "previous": _period(begin, end),
        "as_of": at,
        "filter": opens,
        "counts": [
            {
                "key": key,
                "label": str(count.label),
                "cohort": count.cohort,
                "cohort_label": str(Cohort(count.cohort).label),
                "n": counts[key],
                "previous": earlier[key],
                "filter": opens | {"count": key},
            }
            for key, count in COUNTS.items()
        ],
        "rates": rate_rows(counts, earlier, opens),
        "figures": _figures(counts, earlier),
    }


def _period(start: dt.date, end: dt.date) -> dict[str, dt.date]:
    return {"from": start, "to": end - dt.timedelta(days=1)}


def rate_rows(
    counts: Counter[str], earlier: Counter[str] | None, opens: dict[str, Any]
) -> list[dict[str, Any]]:
    """Each rate with its formula in words and in counts, n, of, and how to open both."""
    f = formulas()
    rows = []
    for rate in f.rates.values():
        got = rules.answer(rate, counts, f.rounding)
        row = {
            "key": rate.key,
            "name": rate.name,
            "group": rate.group,
            "good": rate.good,
            "value": got.value,
            "shown": rules.shown(got.value),
            "n": got.n,
            "of": got.of,
            "formula": rate.text(LABELS),
            "numerator": _parts(rate.numerator, counts, opens),
            "denominator": _parts(rate.denominator, counts, opens),
            "previous": None,
            "change": None,
        }
        if earlier is not None:
            before = rules.answer(rate, earlier, f.rounding).value
            row["previous"] = before
            if got.value is not None and before is not None:
                row["change"] = got.value - before
        rows.append(row)
    return rows


def _parts(
    expression: rules.Expression, counts: Counter[str], opens: dict[str, Any]
) -> list[dict[str, Any]]:
    return [
        {"key": k, "label": str(LABELS[k]), "n": counts[k], "filter": opens | {"count": k}}
        for k in COUNTS
        if k in expression.names
    ]


def _figures(counts: Counter[str], earlier: Counter[str]) -> list[dict[str, Any]]:
    rows = [
        {
            "key": fig.key,
            "name": fig.name,
            "n": fig.value.value(counts),
            "previous": fig.value.value(earlier),
            "unit": _("件"),
            "formula": f"{fig.name} = {fig.value.printed(LABELS)}",
        }
        for fig in formulas().figures.values()
    ]
    for key, name in (("accept_time", _("平均受理立案用时")), ("handle_time", _("平均处置用时"))):
        of = TIMES[key]
        rows.append(
            {
                "key": key,
                "name": name,
                "n": _hours(counts[key], counts[of]),
                "previous": _hours(earlier[key], earlier[of]),
                "unit": _("小时"),
                "formula": _("%(name)s = 用时合计 ÷ %(of)s（%(n)s 件，自然时）")
                % {"name": name, "of": LABELS[of], "n": counts[of]},
            }
        )
    return rows


def _hours(microseconds: int, n: int) -> float | None:
    return round(microseconds / 3_600_000_000 / n, 2) if n else None


# ---------------------------------------------------------------- broken down


def breakdown(
    by: Acting, asked: Asked, dimension: str, *, now: dt.datetime | None = None
) -> dict[str, Any]:
    """Counts and rates for every value of one dimension, with the filter that opens each."""
    at = now or timezone.now()
    where = where_of(by, asked, now=at)
    found = tally(where, now=at, by=dimension)
    names = _names(dimension, found)
    f = formulas()
    rows: list[dict[str, Any]] = []
    for key, counts in found.items():
        narrow = _narrow(dimension, key)
        own = _opens(asked, where, **narrow) if narrow else {}
        rows.append(
            {
                "key": str(key),
                "label": names.get(key) or _("（未定）"),
                "counts": {k: counts[k] for k in COUNTS},
                "rates": {
                    r.key: _short(rules.answer(r, counts, f.rounding)) for r in f.rates.values()
                },
                "filter": own,
            }
        )
    rows.sort(key=lambda r: r["key"] if dimension in ("day", "month") else -r["counts"]["received"])
    return {
        "by": dimension,
        "period": _period(where.start, where.end),
        "as_of": at,
        "rows": rows,
        "formulas": [formula_row(r) for r in f.rates.values()],
    }


def _short(got: rules.Answer) -> dict[str, Any]:
    return {"value": got.value, "n": got.n, "of": got.of}


def _narrow(dimension: str, key: Any) -> dict[str, Any]:
    """The filter of one row. What has no unit, area or class cannot be filtered for: no drill."""
    if dimension in ("day", "month"):
        last = key
        if dimension == "month":
            last = (key + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
        return {"count_from": key.isoformat(), "count_to": last.isoformat()}
    if dimension == "unit":
        return {"unit": None, "lead": key} if key else {}
    if dimension == "area" and len(key) < 9:
        return {}
    name = {"area": "area", "major": "category", "category": "category", "source": "source"}
    return {name[dimension]: key} if key else {}


def _names(dimension: str, keys: Iterable[Any]) -> dict[Any, str]:
    if dimension == "unit":
        return {k: tree().name(k) for k in keys}
    if dimension == "area":
        regions = {s.code: s.name for s in atlas.region_list().values()}
        return {k: regions.get(k, k) for k in keys}
    if dimension in ("major", "category"):
        return standards.names_of(keys)
    if dimension == "source":
        return {k: str(Source(k).label) for k in keys}
    return {k: k.strftime("%Y-%m" if dimension == "month" else "%m-%d") for k in keys}


def trend(by: Acting, asked: Asked, *, now: dt.datetime | None = None) -> dict[str, Any]:
    """By day, or by month where there are too many days to look at; days without cases too."""
    at = now or timezone.now()
    where = where_of(by, asked, now=at)
    daily = (where.end - where.start).days <= DAYS_SHOWN
    got = breakdown(by, asked, "day" if daily else "month", now=at)
    if daily:
        there = {row["key"]: row for row in got["rows"]}
        day, rows = where.start, []
        none: Counter[str] = Counter()
        f = formulas()
        while day < where.end:
            rows.append(
                there.get(str(day))
                or {
                    "key": str(day),
                    "label": day.strftime("%m-%d"),
                    "counts": dict.fromkeys(COUNTS, 0),
                    "rates": {
                        r.key: _short(rules.answer(r, none, f.rounding)) for r in f.rates.values()
                    },
                    "filter": _opens(asked, where, **_narrow("day", day)),
                }
            )
            day += dt.timedelta(days=1)
        got["rows"] = rows
    return got


def formula_row(rate: rules.Rate) -> dict[str, Any]:
    return {
        "key": rate.key,
        "name": rate.name,
        "group": rate.group,
        "good": rate.good,
        "formula": rate.text(LABELS),
        "numerator": rate.numerator.text,
        "denominator": rate.denominator.text,
    }


# ---------------------------------------------------------------- as it stands now


def standing(by: Acting, *, now: dt.datetime | None = None) -> dict[str, Any]:
    """What is open now: by state, by light, by area; live, over open cases only."""
    at = now or timezone.now()
    scope = scope_of(by)
    if not scope.areas and not scope.units:
        raise Forbidden("stats.forbidden", _("您的岗位没有可查看的统计范围"))
    lights = {f"l_{n}": Count("pk", filter=light_q(n, at)) for n in Light}
    # one pass over the open cases; at most some hundred groups come back
    groups: Any = (
        Case.objects.filter(scope.q(), state__in=loop.OPEN)
        .order_by()
        .annotate(a=AREA)
        .values("a", "state")
        .annotate(
            **lights,
            n=Count("pk"),
            first=Min("reported_at"),
            alone=Count("pk", filter=Q(automatic=True)),
        )
    )
    totals: Counter[str] = Counter()
    states: Counter[str] = Counter()
    areas: dict[str, Counter[str]] = {}
    oldest: dt.datetime | None = None
    for row in groups:
        totals.update({k: row[k] for k in (*lights, "n", "alone")})
        states[row["state"]] += row["n"]
        areas.setdefault(row["a"], Counter()).update(n=row["n"], red=row["l_red"])
        oldest = min(oldest or row["first"], row["first"])
    names = {s.code: s.name for s in atlas.region_list().values()}
    return {
        "as_of": at,
        "open": totals["n"],
        "oldest": oldest,
        "automatic": totals["alone"],
        "states": [
            {"key": s.value, "label": str(s.label), "n": states[s], "filter": {"state": s.value}}
            for s in State
            if s not in FINAL and states[s]
        ],
        "lights": [
            {
                "key": n.value,
                "label": str(n.label),
                "n": totals[f"l_{n}"],
                "filter": {"light": n.value, "open": "true"},
            }
            for n in Light
        ],
        "areas": [
            {
                "key": area,
                "label": names.get(area) or _("（未定）"),
                "n": counts["n"],
                "red": counts["red"],
                "filter": {"area": area, "open": "true"} if len(area) == 9 else {},
            }
            for area, counts in sorted(areas.items(), key=lambda item: -item[1]["n"])
        ],
    }


def board(by: Acting, *, now: dt.datetime | None = None) -> dict[str, Any]:
    """Everything the big screen shows. Nothing of a reporter, and nobody's name."""
    at = now or timezone.now()
    today = at.astimezone(timezone.get_default_timezone()).date()
    month = Asked.model_validate({"from": today.replace(day=1), "to": today})
    one_day = Asked.model_validate({"from": today, "to": today})
    weeks = Asked.model_validate({"from": today - dt.timedelta(days=29), "to": today})
    scope = scope_of(by)
    names = {s.code: s.name for s in atlas.region_list().values()}
    latest = Case.objects.filter(scope.q()).order_by("-id")
    columns = ("id", "number", "area", "category__name", "lead_unit__short_name", "lead_unit__name")
    return {
        "as_of": at,
        "standing": standing(by, now=at),
        "today": rates(by, one_day, now=at)["counts"],
        "month": rates(by, month, now=at),
        "areas": breakdown(by, month, "area", now=at)["rows"],
        "units": breakdown(by, month, "unit", now=at)["rows"][:20],
        "majors": breakdown(by, weeks, "major", now=at)["rows"],
        "sources": breakdown(by, weeks, "source", now=at)["rows"],
        "trend": trend(by, weeks, now=at)["rows"],
        "latest": [
            {
                "id": row["id"],
                "number": row["number"],
                "area": names.get(row["area"][:9], ""),
                "category": row["category__name"] or "",
                "state": row["state"],
                "unit": row["lead_unit__short_name"] or row["lead_unit__name"] or "",
                "at": row["reported_at"],
                "automatic": row["automatic"],
            }
            for row in latest.values(*columns, "state", "reported_at", "automatic")[:12]
        ],
        "points": [
            [lng, lat, loop.light(at, state=state, due=due, amber=amber, ended=ended).value]
            for lng, lat, state, due, amber, ended in Case.objects.filter(
                scope.q(), state__in=loop.OPEN, lng__isnull=False
            )
            .order_by("-id")
            .values_list("lng", "lat", "state", "due_at", "amber_at", "handed_back_at")[:2000]
        ],
    }
