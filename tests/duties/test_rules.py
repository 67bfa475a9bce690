"""The answer as a pure function: who, and which rule."""

import datetime as dt
import itertools
import random
from time import process_time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lifang.duties.rules import (
    AreaNode,
    By,
    Matter,
    PlaceAt,
    Rule,
    RuleSet,
    answer,
    gap,
    holds_at,
    leading_parts,
    overlaps,
    reason,
)
from lifang.standards.rules import covers

DAY = dt.date(2026, 6, 1)
HAWKERS = Matter("event-street.hawkers")
LAMP = Matter("component-public.street-lamp")
WAGES = Matter("matter-labour.wages")


def _lead(matter: Matter, place: PlaceAt, *rules: Rule) -> int | None:
    return answer(matter, place, RuleSet(rules), day=DAY).unit_id


def test_it_works() -> None:
    street = Rule(1, 17, area="990102001", lead_unit_id=5, assisting=(6,), post_id=7)
    found = answer(HAWKERS, PlaceAt(area="990102001003"), RuleSet([street]), day=DAY)
    assert (found.by, found.unit_id, found.assisting, found.post_id) == (By.RULE, 5, (6,), 7)
    assert found.rule is street


def test_nobody_is_told_and_not_guessed() -> None:
    other = Rule(1, 1, category="event-advert", lead_unit_id=5)
    found = answer(HAWKERS, PlaceAt(area="990102001003"), RuleSet([other]), day=DAY)
    assert (found.by, found.unit_id) == (By.NOBODY, None)
    assert "仲裁" in reason(found, unit="", place="", category="")


def test_an_event_goes_to_the_nearest_place_whatever_the_category() -> None:
    place = PlaceAt("990102001003", road_id=1, site_id=2, shop_id=3, component_id=4, grid="G1")
    ladder = [
        Rule(1, 1, category="event-street.hawkers", lead_unit_id=1),
        Rule(2, 2, area="9901", lead_unit_id=2),
        Rule(3, 3, area="990102001", lead_unit_id=3),
        Rule(4, 4, area="990102001003", lead_unit_id=4),
        Rule(5, 5, grid="G1", lead_unit_id=5),
        Rule(6, 6, road_id=1, lead_unit_id=6),
        Rule(7, 7, site_id=2, lead_unit_id=7),
        Rule(8, 8, shop_id=3, lead_unit_id=8),
        Rule(9, 9, component_id=4, lead_unit_id=9),
    ]
    for n in range(1, len(ladder) + 1):
        assert _lead(HAWKERS, place, *reversed(ladder[:n])) == n


def test_in_one_place_the_longer_category_wins() -> None:
    rules = [
        Rule(1, 1, area="99", lead_unit_id=1),
        Rule(2, 2, area="99", category="event", lead_unit_id=2),
        Rule(3, 3, area="99", category="event-street", lead_unit_id=3),
        Rule(4, 4, area="99", category="event-street.hawkers", lead_unit_id=4),
    ]
    for n in range(1, 5):
        assert _lead(HAWKERS, PlaceAt("990102"), *rules[:n]) == n


def test_a_matter_goes_to_the_department_before_the_street() -> None:
    street = Rule(1, 1, area="990102001", lead_unit_id=1)
    office = Rule(2, 2, category="matter-labour", lead_unit_id=2)
    assert _lead(WAGES, PlaceAt("990102001"), street, office) == 2
    assert _lead(HAWKERS, PlaceAt("990102001"), street, office) == 1


def test_a_component_goes_to_its_owner_first() -> None:
    road = Rule(1, 1, road_id=1, lead_unit_id=1, assisting=(8, 9))
    place = PlaceAt("99", road_id=1, component_id=4, owner_id=9)
    found = answer(LAMP, place, RuleSet([road]), day=DAY)
    assert (found.by, found.unit_id, found.assisting) == (By.OWNER, 9, (8,))
    assert [r.lead_unit_id for r in found.others] == [1]
    assert _lead(LAMP, PlaceAt("99", road_id=1, component_id=4), road) == 1


def test_a_rule_for_this_very_component_goes_before_its_owner() -> None:
    place = PlaceAt("99", component_id=4, owner_id=9)
    assert _lead(LAMP, place, Rule(1, 1, component_id=4, lead_unit_id=1)) == 1
    assert _lead(LAMP, place, Rule(1, 1, component_id=4, lead_unit_id=1, owner_first=True)) == 9


def test_an_event_goes_to_the_owner_only_where_the_rule_says_so() -> None:
    place = PlaceAt("99", component_id=4, owner_id=9)
    assert _lead(HAWKERS, place, Rule(1, 1, lead_unit_id=1)) == 1
    assert _lead(HAWKERS, place, Rule(1, 1, lead_unit_id=1, owner_first=True)) == 9


def test_owner_first_without_an_owner_falls_to_the_next_rule() -> None:
    owner = Rule(1, 1, category="event-street", owner_first=True)
    assert _lead(HAWKERS, PlaceAt("99"), owner, Rule(2, 2, lead_unit_id=2)) == 2
    assert _lead(HAWKERS, PlaceAt("99"), owner) is None


def test_a_rule_holds_only_on_its_days() -> None:
    rule = Rule(1, 1, lead_unit_id=1, valid_from=DAY, valid_to=DAY)
    rules = RuleSet([rule])
    for day, unit in ((DAY, 1), (DAY - dt.timedelta(1), None), (DAY + dt.timedelta(1), None)):
        assert answer(HAWKERS, PlaceAt(), rules, day=day).unit_id == unit


def test_the_reason_names_place_category_unit_and_rule() -> None:
    road = Rule(1, 17, road_id=1, lead_unit_id=1)
    found = answer(HAWKERS, PlaceAt("99", road_id=1), RuleSet([road]), day=DAY)
    text = reason(found, unit="城管局", place="建设大道", category="无照游商")
    assert text == "路权单位：建设大道，无照游商 由城管局负责（规则 17）"


keys = st.sampled_from(
    ["", "event", "event-a", "event-a.x", "event-b", "component", "component-c.y", "matter-d"]
)
areas = st.sampled_from(["", "99", "9901", "990101", "990102"])
some = st.none() | st.integers(1, 2)
days = st.none() | st.dates(dt.date(2026, 5, 30), dt.date(2026, 6, 3))


@st.composite
def rule_sets(draw: st.DrawFn) -> list[Rule]:
    return [
        Rule(
            n,
            n,
            category=draw(keys),
            area=draw(areas),
            road_id=draw(some),
            site_id=draw(some),
            shop_id=draw(some),
            component_id=draw(some),
            grid=draw(st.sampled_from(["", "", "G1", "G2"])),
            owner_first=draw(st.booleans()),
            lead_unit_id=draw(st.none() | st.integers(1, 4)),
            valid_from=draw(days),
            valid_to=draw(days),
        )
        for n in range(1, draw(st.integers(0, 12)) + 1)
    ]


places = st.builds(
    PlaceAt,
    area=st.sampled_from(["", "990101", "990102"]),
    road_id=some,
    site_id=some,
    shop_id=some,
    component_id=some,
    grid=st.sampled_from(["", "G1", "G2"]),
    owner_id=st.none() | st.integers(5, 6),
)
matters = st.sampled_from(["event-a.x", "event-b.z", "component-c.y", "matter-d.w"]).map(Matter)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rule_sets(), places, matters)
def test_the_index_finds_what_a_plain_search_finds(
    rules: list[Rule], place: PlaceAt, matter: Matter
) -> None:
    plain = {
        r.id for r in rules if covers(r.category, matter.key) and holds_at(r, place)
        and r.valid_on(DAY)
    }  # fmt: skip
    assert {r.id for r in RuleSet(rules).matching(matter, place, DAY)} == plain


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rule_sets(), places, matters, st.randoms(use_true_random=False))
def test_the_order_of_the_rules_does_not_matter(
    rules: list[Rule], place: PlaceAt, matter: Matter, rnd: random.Random
) -> None:
    mixed = rules[:]
    rnd.shuffle(mixed)
    assert answer(matter, place, RuleSet(rules), day=DAY) == answer(
        matter, place, RuleSet(mixed), day=DAY
    )


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rule_sets(), places, matters)
def test_the_answer_holds_here_and_never_helps_itself(
    rules: list[Rule], place: PlaceAt, matter: Matter
) -> None:
    found = answer(matter, place, RuleSet(rules), day=DAY)
    assert (found.by == By.NOBODY) == (found.unit_id is None)
    assert found.unit_id not in found.assisting
    assert all(r.lead_unit_id != found.unit_id for r in found.others)
    if found.by == By.RULE:
        assert found.rule is not None
        assert holds_at(found.rule, place)
        assert found.rule.lead_unit_id == found.unit_id


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rule_sets(), places, matters)
def test_where_no_rules_overlap_equal_ranks_never_differ(
    rules: list[Rule], place: PlaceAt, matter: Matter
) -> None:
    found = RuleSet(rules).matching(matter, place, DAY)
    told = {(o.first.id, o.second.id) for o in overlaps(rules)}
    for a, b in itertools.pairwise(found):
        same = (a.place_rank, len(a.category)) == (b.place_rank, len(b.category))
        if same and a.outcome != b.outcome:
            assert (min(a.id, b.id), max(a.id, b.id)) in told


def test_two_rules_of_one_scope_that_differ_are_told_and_the_smaller_number_wins() -> None:
    a, b = Rule(1, 1, area="99", lead_unit_id=1), Rule(2, 2, area="99", lead_unit_id=2)
    (found,) = overlaps([b, a])
    assert (found.first, found.second) == (a, b)
    assert _lead(HAWKERS, PlaceAt("9901"), b, a) == 1


def test_rules_of_different_years_do_not_overlap() -> None:
    a = Rule(1, 1, lead_unit_id=1, valid_to=dt.date(2025, 12, 31))
    b = Rule(2, 2, lead_unit_id=2, valid_from=dt.date(2026, 1, 1))
    assert overlaps([a, b]) == []


def test_leading_parts_go_from_the_key_to_any() -> None:
    assert leading_parts("event-street.hawkers") == (
        "event-street.hawkers",
        "event-street",
        "event",
        "",
    )


TOWN = (
    AreaNode(
        "990102",
        "区",
        (
            AreaNode("990102001", "甲街道", (AreaNode("990102001001", "一社区"), AreaNode("990102001002", "二社区"))),
            AreaNode("990102002", "乙街道"),
        ),
    ),
)  # fmt: skip


def _gap(*rules: Rule) -> list[str]:
    return [a.code for a in gap(HAWKERS.key, TOWN, RuleSet(rules), day=DAY).areas]


def test_a_gap_is_named_at_the_highest_level() -> None:
    assert _gap() == ["990102"]
    assert _gap(Rule(1, 1, lead_unit_id=1)) == []
    assert _gap(Rule(1, 1, area="990102001", lead_unit_id=1)) == ["990102002"]
    assert _gap(Rule(1, 1, area="990102001001", lead_unit_id=1)) == ["990102001002", "990102002"]


def test_rules_for_single_roads_other_matters_or_past_days_close_no_gap() -> None:
    assert _gap(
        Rule(1, 1, road_id=1, lead_unit_id=1),
        Rule(2, 2, category="event-advert", lead_unit_id=1),
        Rule(3, 3, lead_unit_id=1, valid_to=DAY - dt.timedelta(1)),
        Rule(4, 4, owner_first=True),
    ) == ["990102"]


def test_with_2000_rules_an_answer_takes_less_than_two_milliseconds() -> None:
    rnd = random.Random(7)
    names = [f"event-m{i}.n{j}" for i in range(6) for j in range(15)]
    rules = RuleSet(
        Rule(
            n,
            n,
            category=rnd.choice([*names, "event", "", "event-m1"]),
            area=rnd.choice(["", "990102", f"9901020{rnd.randrange(1, 14):02}"]),
            road_id=rnd.choice([None, None, rnd.randrange(300)]),
            site_id=rnd.choice([None, None, rnd.randrange(1200)]),
            lead_unit_id=rnd.randrange(1, 99),
        )
        for n in range(1, 2001)
    )
    asked = [
        (
            Matter(rnd.choice(names)),
            PlaceAt(
                f"9901020{rnd.randrange(1, 14):02}001", rnd.randrange(300), rnd.randrange(1200)
            ),
        )
        for _ in range(300)
    ]
    start = process_time()
    for matter, place in asked:
        answer(matter, place, rules, day=DAY)
    assert (process_time() - start) / len(asked) < 0.002
