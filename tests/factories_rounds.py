"""Published editions and rounds with their places, for the tests of every room above."""

import datetime as dt
from itertools import count
from typing import Any

from factories_assessment import example
from factories_places import make_site, make_site_type
from lifang.orgs.models import Unit
from lifang.places.models import SiteType
from lifang.rounds import scope
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round, RoundPlace
from lifang.standards import editions
from lifang.standards.choices import EditionStatus
from lifang.standards.models import AssessmentEdition

_n = count(1)


def make_edition(document: Any = None, *, published: bool = True, **kw: Any) -> AssessmentEdition:
    """The example edition (every kind of rule), or ``document``; published unless told otherwise."""
    n = next(_n)
    document = (document or example("edition")) | {"version": f"v{n}"}
    values = {
        "key": document["key"],
        "version": document["version"],
        "title": document.get("title") or f"体系{n}",
        "document": document,
        "status": EditionStatus.PUBLISHED if published else EditionStatus.DRAFT,
        "sha256": editions.digest(document) if published else "",
    }
    return AssessmentEdition.objects.create(**values | kw)


def make_round(*, edition: AssessmentEdition | None = None, **kw: Any) -> Round:
    """A round in preparation, of the year 2026."""
    n = next(_n)
    values = {
        "key": f"R{n}",
        "title": f"第{n}轮模拟测评",
        "starts": dt.date(2026, 1, 1),
        "ends": dt.date(2026, 12, 31),
    }
    return Round.objects.create(edition=edition or make_edition(), **values | kw)


def make_place(
    round: Round, *, unit: Unit | None = None, type: str = "market", **kw: Any
) -> RoundPlace:
    """A drawn place of the round, with a site of that type."""
    kind = SiteType.objects.filter(code=type).first() or make_site_type(code=type)
    site = kw.pop("site", None) or make_site(type=kind)
    values = {"code": site.code, "title": site.name, "type": kind.code, "drawn": True}
    return RoundPlace.objects.create(round=round, site=site, unit=unit, **values | kw)


def open_round(round: Round) -> Round:
    """Freeze the scope as it stands, by hand: enough for the rooms above ``rounds``."""
    places = RoundPlace.objects.filter(round=round).select_related("unit")
    document = {
        "format": scope.FORMAT,
        "key": round.key,
        "title": round.title,
        "context": round.context,
        "start": str(round.starts),
        "end": str(round.ends),
        "roster": round.roster,
        "sites": [
            {
                "code": p.code,
                "type": p.type,
                "title": p.title,
                "district": p.district,
                "unit": p.unit.code if p.unit else "",
            }
            for p in places
            if p.drawn
        ],
    }
    round.document, round.sha256 = document, scope.read(document).digest
    round.status = RoundStatus.OPEN
    round.save()
    return round
