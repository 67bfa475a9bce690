"""A round as the engine needs it: what was drawn, what is asked, who answers, between which dates."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lifang.standards.editions.canon import digest
from lifang.standards.editions.reader import Reader

FORMAT = "lifang.round/1"


@dataclass(frozen=True)
class Site:
    """A place that was drawn. ``items``: what is looked at there; empty is all of its type's checklist."""

    code: str
    type: str
    unit: str = ""
    district: str = ""
    title: str = ""
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stratum:
    """Of a frame of ``size`` places of one type in one district, the next official draw takes ``draw``."""

    type: str
    district: str
    size: int
    draw: int


@dataclass(frozen=True)
class Round:
    """Frozen scope of one assessment. ``context`` answers the predicates of indicators."""

    key: str
    title: str = ""
    context: Mapping[str, str] = field(default_factory=dict, hash=False)
    start: str = ""
    end: str = ""
    sites: Mapping[str, Site] = field(default_factory=dict, hash=False)
    frame: tuple[Stratum, ...] = ()
    #: role → unit
    roster: Mapping[str, str] = field(default_factory=dict, hash=False)
    #: question (or ``*``) → stratum → its share of the population
    population: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict, hash=False)
    #: question (or ``*``) → answers wanted
    quota: Mapping[str, int] = field(default_factory=dict, hash=False)
    digest: str = ""

    def unit_of(self, role: str) -> str:
        """The unit that holds a role; the role's own name where the roster does not know it."""
        return self.roster.get(role, role)


def read(document: Any) -> Round:
    """The round; raises :class:`Invalid` whose ``fields`` name every fault."""
    r = Reader()
    doc = r.mapping(document, "")
    if doc.get("format") != FORMAT:
        r.fault("format", _("应为 %(format)s") % {"format": FORMAT})
    sites: dict[str, Site] = {}
    for i, raw in enumerate(r.rows(doc.get("sites"), "sites")):
        path = f"sites[{i}]"
        row = r.mapping(raw, path)
        site = Site(
            code=r.text(row.get("code"), f"{path}.code", required=True),
            type=r.text(row.get("type"), f"{path}.type", required=True),
            unit=r.text(row.get("unit"), f"{path}.unit"),
            district=r.text(row.get("district"), f"{path}.district"),
            title=r.text(row.get("title"), f"{path}.title"),
            items=tuple(str(x) for x in r.rows(row.get("items"), f"{path}.items")),
        )
        if site.code in sites:
            r.fault(f"{path}.code", _("编码“%(code)s”重复") % {"code": site.code})
        sites[site.code] = site
    found = Round(
        key=r.text(doc.get("key"), "key", required=True),
        title=r.text(doc.get("title"), "title"),
        context={k: str(v) for k, v in r.mapping(doc.get("context"), "context").items()},
        start=_day(r, doc.get("start"), "start"),
        end=_day(r, doc.get("end"), "end"),
        sites=sites,
        frame=tuple(
            _stratum(r, r.mapping(row, f"frame[{i}]"), f"frame[{i}]")
            for i, row in enumerate(r.rows(doc.get("frame"), "frame"))
        ),
        roster={
            k: r.text(v, f"roster.{k}", required=True)
            for k, v in r.mapping(doc.get("roster"), "roster").items()
        },
        population={
            q: {
                s: r.number(w, f"population.{q}.{s}", least=0)
                for s, w in r.mapping(strata, f"population.{q}").items()
            }
            for q, strata in r.mapping(doc.get("population"), "population").items()
        },
        quota={
            q: int(r.number(n, f"quota.{q}", positive=True))
            for q, n in r.mapping(doc.get("quota"), "quota").items()
        },
        digest=digest(document) if not r.faults else "",
    )
    r.done("round.faulty", _("测评轮次有 %(n)s 处错误"))
    return found


def _stratum(r: Reader, row: Mapping[str, Any], path: str) -> Stratum:
    size = int(r.number(row.get("size"), f"{path}.size", least=0))
    return Stratum(
        type=r.text(row.get("type"), f"{path}.type", required=True),
        district=r.text(row.get("district"), f"{path}.district"),
        size=size,
        draw=int(r.number(row.get("draw"), f"{path}.draw", least=0, most=size)),
    )


def _day(r: Reader, value: Any, path: str) -> str:
    text = r.text(value, path)
    if text:
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            r.fault(path, _("应为日期，如 2026-03-31"))
    return text
