"""The example city of ``docs/examples`` as rows of all rooms."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from factories_assessment import example
from factories_orgs import acting_for, make_unit, make_user
from factories_places import make_site, make_site_type
from factories_rounds import make_edition, make_round
from lifang.assessment import actions
from lifang.inspections import actions as inspections
from lifang.inspections.rules import Line
from lifang.materials.models import Filing, Review
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.orgs.models import Unit, User
from lifang.places.models import SiteType
from lifang.rounds import scope
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round, RoundPlace
from lifang.surveys import actions as surveys
from lifang.surveys.rules import Line as Answered

SEEN = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)


def evaluator(**kw: Any) -> Acting:
    return acting_for(make_user(role=Role.EVALUATOR, **kw))


def example_round() -> Round:
    """The example's round, open: its places as sites, its units as units (code and name alike)."""
    document = example("round")
    names = {*document["roster"].values(), *(s["unit"] for s in document["sites"])} - {""}
    units = {name: make_unit(code=name, name=name) for name in sorted(names)}
    types = {t: make_site_type(code=t) for t in {s["type"] for s in document["sites"]}}
    round_ = make_round(edition=make_edition(), key=document["key"], title=document["title"])
    for row in document["sites"]:
        _place(round_, row, types[row["type"]], units.get(row["unit"]))
    round_.document = document
    round_.sha256 = scope.read(document).digest
    round_.roster = document["roster"]
    round_.status = RoundStatus.OPEN
    round_.save()
    return round_


def _place(round_: Round, row: dict[str, Any], kind: SiteType, unit: Unit | None) -> None:
    site = make_site(type=kind, code=row["code"], name=row.get("title") or row["code"])
    RoundPlace.objects.create(
        round=round_,
        site=site,
        code=row["code"],
        title=site.name,
        type=kind.code,
        district=row.get("district", ""),
        unit=unit,
        drawn=True,
    )


def enter_all(round_: Round, by: Acting) -> None:
    """The example's facts, each through the door of its room."""
    facts = example("facts")["facts"]
    of = {k: [f for f in facts if f["kind"] == k] for k in {f["kind"] for f in facts}}
    inspections.record(by=by, round_id=round_.pk, lines=[line(f) for f in of["observation"]])
    surveys.record(
        by=by,
        round_id=round_.pk,
        lines=[
            Answered(str(n), f["question"], f["option"], f.get("stratum", ""))
            for n, f in enumerate(of["answer"])
        ],
    )
    for f in of["review"]:
        grade(round_, f)
    for f in of["statistic"]:
        values = {"value": Decimal(f["value"]), "period": f["period"], "source": "统计局"}
        actions.enter(by=by, round_id=round_.pk, kind="statistic", leaf=f["leaf"], **values)
    for f in of["award"]:
        values = {"value": Decimal(f["points"]), "reason": f["reason"]}
        actions.enter(by=by, round_id=round_.pk, kind="award", leaf=f["leaf"], **values)
    for f in of["linked"]:
        actions.enter(
            by=by,
            round_id=round_.pk,
            kind="linked",
            edition=f["edition"],
            value=Decimal(f["score"]),
            source="省文明办",
        )


def line(fact: dict[str, Any]) -> Line:
    known = {k: fact[k] for k in ("state", "count", "cause", "disputed") if k in fact}
    return Line(place=fact["site"], item=fact["item"], seen_at=SEEN, **known)


def grade(round_: Round, fact: dict[str, Any], reviewer: User | None = None) -> Review:
    """A review as ``materials`` keeps it."""
    leaf, slot = fact["leaf"], fact.get("slot", "")
    now = timezone.now()
    filing, _made = Filing.objects.get_or_create(
        round=round_,
        leaf=leaf,
        measure=fact.get("measure", "document"),
        slot=slot,
        defaults={"number": f"{leaf}-{slot}", "title": slot, "updated_at": now},
    )
    return Review.objects.create(
        filing=filing, level=1, grade=fact["grade"], reviewer=reviewer, at=now,
        reason=fact.get("reason", ""),
    )  # fmt: skip
