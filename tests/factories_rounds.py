"""Published editions and rounds with their places, for the tests of every room above."""

import datetime as dt
from itertools import count
from typing import Any

from django.utils import timezone

from factories_assessment import example
from factories_orgs import acting_for, make_unit, make_user
from factories_places import make_region, make_site, make_site_type
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role, UnitKind
from lifang.orgs.models import Unit
from lifang.places.models import SiteType
from lifang.rounds import actions, scope
from lifang.rounds.choices import RoundStatus, TaskStatus
from lifang.rounds.models import Round, RoundPlace, Step, Task
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


ROLES = ("sanitation", "traffic", "publicity", "fire", "office", "education", "water")


class Ready:
    """A round in preparation with all it needs: units of every role, two streets, seven places of two types."""

    def __init__(self, **kw: Any) -> None:
        self.by = {
            role: acting_for(make_user(role=role))
            for role in (Role.EVALUATOR, Role.LEADER, Role.SYSTEM_ADMIN)
        }
        self.evaluator = self.by[Role.EVALUATOR]
        n = next(_n) % 900
        district = make_region(level=2, code=f"99{n:04}")
        self.streets = [make_region(parent=district, code=f"99{n:04}00{k}") for k in (1, 2)]
        self.local = [make_unit(kind=UnitKind.STREET, area=s.code) for s in self.streets]
        self.units = {role: make_unit(short_name=role) for role in ROLES}
        self.types = {
            code: SiteType.objects.filter(code=code).first() or make_site_type(code=code)
            for code in ("market", "road")
        }
        self.sites = [
            make_site(type=self.types[kind], region=self.streets[k % 2], name=f"{kind}{k}")
            for kind, many in (("market", 4), ("road", 3))
            for k in range(many)
        ]
        self.round = actions.create_round(
            by=self.evaluator, **{
                "key": f"T{n}", "title": "模拟测评", "edition_id": make_edition().pk,
                "starts": dt.date(2026, 1, 1), "ends": dt.date(2026, 12, 31),
                "visit": dt.date(2026, 12, 20),
            } | kw,
        )  # fmt: skip

    def handler(self, unit: Unit) -> Acting:
        return acting_for(make_user(role=Role.HANDLER, unit=unit))

    def drawn(self, **draws: int) -> "Ready":
        """With frame and draw."""
        actions.take_frame(by=self.evaluator, round_id=self.round.pk)
        actions.draw(
            by=self.evaluator, round_id=self.round.pk, seed="s", draws=draws or {"market": 2, "road": 1}
        )  # fmt: skip
        return self

    def opened(self) -> "Ready":
        """Drawn and open."""
        self.drawn()
        self.round = actions.open_round(by=self.evaluator, round_id=self.round.pk)
        return self

    def issued(self) -> "Ready":
        """Open, with all tasks proposed and issued."""
        self.opened()
        actions.propose(by=self.evaluator, round_id=self.round.pk)
        actions.issue(by=self.evaluator, round_id=self.round.pk)
        return self


def make_task(round: Round, *, unit: Unit | None = None, leaf: str = "1-1", **kw: Any) -> Task:
    """An issued task of the example edition's first indicator."""
    values = {"status": TaskStatus.ISSUED, "issued_at": timezone.now()}
    return Task.objects.create(round=round, leaf=leaf, unit=unit or make_unit(), **values | kw)


def make_step(round: Round, *, unit: Unit | None = None, **kw: Any) -> Step:
    return Step.objects.create(
        round=round, unit=unit or make_unit(), **{"standard": "达到标准", "leaf": "1-1"} | kw
    )
