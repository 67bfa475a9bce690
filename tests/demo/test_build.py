"""The made-up district: complete, the same by seed, kept at the second start."""

import datetime as dt
import random

from django.utils import timezone

from lifang.cases.choices import FINAL, State
from lifang.cases.models import Case, Evidence, Step
from lifang.config import config
from lifang.core import journal
from lifang.dashboard.tally import Where, direct, tally
from lifang.demo import history, run
from lifang.demo.people import ACCOUNTS
from lifang.duties import queries as duties
from lifang.duties.models import DutyRule, Pairing
from lifang.orgs.choices import Role
from lifang.orgs.models import Membership, Unit
from lifang.places.models import Cell, Component, PlaceName, Region, Road, Shop, Site


def test_it_works() -> None:
    assert Region.objects.filter(level=3).count() == 13
    assert Unit.objects.count() == 98
    assert Site.objects.count() == 1200
    assert Cell.objects.count() > 2500
    assert min(Road.objects.count(), Shop.objects.count(), Component.objects.count()) > 50
    assert PlaceName.objects.filter(name="A3区", region__level=3).exists()
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role.values)
    assert DutyRule.objects.count() > 300
    assert set(Pairing.objects.values_list("kind", flat=True)) == {
        "leader_area", "unit_place", "road_chief", "grid_staff", "shop_front",
    }  # fmt: skip
    assert Case.objects.filter(state__in=("closed", "rejected")).count() == 40
    assert Case.objects.exclude(state__in=FINAL).count() == 25
    assert Evidence.objects.exists()
    assert (config().data / ACCOUNTS).is_file()


def test_every_cell_lies_in_its_community() -> None:
    from lifang.places import atlas

    for cell in Cell.objects.select_related("region").order_by("?")[:20]:
        assert cell.west is not None and cell.east is not None
        assert cell.south is not None and cell.north is not None
        at = atlas.locate((cell.west + cell.east) / 2, (cell.south + cell.north) / 2)
        assert (at.area, at.cell and at.cell.id) == (cell.region.code, cell.pk)


def test_journal_chain_is_whole() -> None:
    journal.seal_all()
    assert journal.verify() is None


def test_steps_follow_the_transition_table() -> None:
    from lifang.cases.rules import TABLE

    for step in Step.objects.exclude(verb__in=("report", "escalate")):
        move = TABLE[step.verb]  # type: ignore[index]  # a TextChoices value is its string
        assert State(step.before) in move.source, step.verb
        assert move.to in (None, step.after), step.verb


def test_figures_are_ready_and_exact() -> None:
    now = timezone.now()
    today = timezone.localdate(now)
    where = Where(today - dt.timedelta(days=400), today + dt.timedelta(days=1))
    assert +tally(where, now=now)[None] == +direct(where, now=now)[None]
    assert tally(where, now=now)[None]["received"] == 65


def test_duties_cover_most_and_leave_gaps() -> None:
    assert duties.gaps()
    area = Region.objects.filter(level=3).order_by("code").values_list("code", flat=True)[0]
    answer = duties.answer_for(category_key="event-street.hawkers", area=area)
    assert answer.unit.endswith("中队")


def test_second_start_keeps_the_data() -> None:
    before = list(Case.objects.order_by("id").values_list("id", "number", "state"))
    run.build(cases=40, seed=2)
    assert list(Case.objects.order_by("id").values_list("id", "number", "state")) == before


def test_same_seed_tells_the_same_cases(monkeypatch: object) -> None:
    assert _told(5) == _told(5)
    assert _told(5) != _told(6)


def _told(seed: int) -> list[tuple[object, ...]]:
    from lifang.demo.district import Ground, RoadLine, Street
    from lifang.demo.geography import layout
    from lifang.demo.people import Staff
    from lifang.demo.pictures import SCENES
    from lifang.orgs.models import User

    plan = layout(random.Random(1), [1.0] * 13, 40)
    streets = [Street(r.code, r.name, r.name[:2], 1.0) for r in Region.objects.filter(level=3)]
    codes = {}
    communities = list(Region.objects.filter(level=4).values_list("code", flat=True))
    for square, n in plan.community.items():
        code = communities[n]
        codes[square] = code
        next(s for s in streets if code.startswith(s.code)).communities.setdefault(code, []).append(
            square
        )
    roads = [
        RoadLine(r.code, r.name, r.level, r.geometry["coordinates"])  # type: ignore[index]
        for r in Road.objects.order_by("code")
    ]
    ids = dict.fromkeys(codes, Cell.objects.values_list("id", flat=True)[0])
    ground = Ground(plan, streets, roads, codes, ids)
    ground.shops = [("采薇街茶铺", [0.0, 0.0], "")]
    ground.estates = [("望津兰庭", [0.0, 0.0], "")]
    people = {name: User.objects.get(username=name) for name in ("shouli1", "paiqian1", "hecha1")}
    staff = Staff(
        units={u.code: u for u in Unit.objects.all()},
        handlers={
            u.unit_id: u for u in User.objects.filter(memberships__role="handler") if u.unit_id
        },
        collectors={s.code: [people["hecha1"]] for s in streets},
        acceptors=[people["shouli1"]],
        dispatchers=[people["paiqian1"]],
        chiefs=[people["paiqian1"]],
        checkers=[people["hecha1"]],
    )
    teller = history.Teller(
        luck=random.Random(seed),
        now=dt.datetime(2026, 6, 1, 4, tzinfo=dt.UTC),
        ground=ground,
        staff=staff,
        pictures={(s, after): [1] for s in SCENES for after in (False, True)},
    )
    return [(t.case["text"], t.case["state"], len(t.steps)) for t in teller.closed(15)]
