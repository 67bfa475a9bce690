"""Published rates come out of observations with those counts.

Jiaozuo 2019, first mock assessment: 78 places, 328 standards, 1,166 observations, 70.1 %; minors 73.8 %
(jiaozuo.gov.cn 2019/08-18/204691; the ratio met ÷ observed is our reading). Taishan 2021: 17 towns, 1,032
problems, 963 mended, 93.31 %, black list below 85 (tsinfo.com.cn 2021/1111/27104). A county assessed in its
province: 65 field indicators passed, 134 A, 7 B and 2 C among 143 of material, two special ones.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from factories_assessment import edition, field_leaf, items, round_of
from lifang.assessment.engine import facts, losses, score
from lifang.assessment.engine.facts import Fact


def scattered(observed: int, met: int, sites: list[str], codes: list[str]) -> list[Fact]:
    """So many observations, every place and every standard among them, so many met."""
    pairs = [(sites[n % len(sites)], codes[n % len(codes)]) for n in range(len(sites) * len(codes))]
    rows = [
        {
            "kind": "observation",
            "id": f"o{n}",
            "site": pairs[n][0],
            "item": pairs[n][1],
            "state": "pass" if n * met // observed < (n + 1) * met // observed else "fail",
        }
        for n in range(observed)
    ]
    return facts.read(rows)


def test_it_works() -> None:
    """Jiaozuo: 817 of 1,166."""
    sites = [f"s{n}" for n in range(78)]
    codes = [f"i{n}" for n in range(328)]
    of = edition([field_leaf(points="100")], items=items(*codes), rounding={"total": 1})
    held = scattered(1166, 817, sites, codes)
    result = score(of, round_of(*sites), held)
    assert len({f.site for f in held if isinstance(f, facts.Observation)}) == 78
    assert len({f.item for f in held if isinstance(f, facts.Observation)}) == 328
    assert result.total.score == Decimal("70.1")
    assert len(result.losses) == 1166 - 817
    leaf = result.leaves["L"]
    assert leaf.state == "partial"  # not every standard was looked at in every place
    assert leaf.figures.low < leaf.figures.earned < leaf.figures.high


def test_minors_beside_it() -> None:
    codes = [f"i{n}" for n in range(40)]
    of = edition([field_leaf(points="100")], items=items(*codes), rounding={"total": 1})
    result = score(of, round_of("a", "b", "c"), scattered(103, 76, ["a", "b", "c"], codes))
    assert result.total.score == Decimal("73.8")


def test_taishan() -> None:
    towns = [f"t{n}" for n in range(17)]
    codes = [f"p{n}" for n in range(101)]
    leaves = [
        field_leaf("rate", "100"),
        field_leaf("red", "1", kind="step", cuts=[["0.85", "1"]]),
    ]
    rows = [{"code": c, "feeds": {"*": [{"leaf": "rate"}, {"leaf": "red"}]}} for c in codes]
    of = edition(leaves, items=rows)
    result = score(of, round_of(*towns), scattered(1032, 963, towns, codes))
    rate, red = result.leaves["rate"], result.leaves["red"]
    assert round(rate.figures.earned, 2) == Decimal("93.31")
    assert red.figures.earned == 1  # not on the black list
    assert len(rate.losses) == 1032 - 963


#: name, value told, the rule's cuts, what it earns below them (domain figures of the county)
STATISTICS: list[tuple[str, str, dict[str, Any]]] = [
    ("education spend a head", "372", {"cuts": [["400", "1"]], "else": "0.6"}),
    ("blood donated of clinical use", "76", {"cuts": [["80", "1"]], "else": "0.6"}),
    ("sewage treated", "28", {"cuts": [["30", "1"]], "else": "0.6"}),
    ("deaths per 10,000 vehicles", "4.1", {"better": "low", "cuts": [["3", "1"]], "else": "0.6"}),
    ("minimum living standard of peers' mean", "0.94", {"cuts": [["1", "1"]], "else": "0.6"}),
    ("creation funding a head", "0.8", {"cuts": [["1", "1"]], "else": "0"}),
    ("birth policy compliance", "94.2", {"cuts": [["95", "1"]], "else": "0"}),
]


def test_a_county_in_its_province() -> None:
    grades = {"A": "1", "B": "0.6", "C": "0"}
    review = {"method": "document", "rule": {"kind": "grade_map", "grades": grades}}
    nodes: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    checks = []
    for n in range(65):
        nodes.append(field_leaf(f"F{n}", "1", kind="step", cuts=[["1", "1"]]))
        checks += items(f"f{n}", leaf=f"F{n}")
        rows.append({"kind": "observation", "site": "county", "item": f"f{n}", "state": "pass"})
    for n in range(136):
        nodes.append({"code": f"M{n}", "points": "1", "measures": [review]})
        # no nationally known model person, no national civilised village: two of the Bs
        rows.append({"kind": "review", "leaf": f"M{n}", "grade": "B" if n < 2 else "A"})
    for n, (_name, value, rule) in enumerate(STATISTICS):
        measure = {"method": "statistic", "rule": {"kind": "step", **rule}}
        nodes.append({"code": f"N{n}", "points": "1", "measures": [measure]})
        rows.append({"kind": "statistic", "leaf": f"N{n}", "value": value})
    for n, cap in enumerate(["10", "6"]):
        bonus = {"method": "special", "rule": {"kind": "bonus", "cap": cap}}
        nodes.append({"code": f"S{n}", "measures": [bonus]})
    rows += [
        {"kind": "award", "leaf": "S0", "points": "10"},  # overall image: full marks
        {"kind": "award", "leaf": "S1", "points": "4"},
    ]
    held = facts.read([{"id": f"f{n}", **row} for n, row in enumerate(rows)])
    of = edition(nodes, items=checks)
    result = score(of, round_of("county"), held)

    material = {c: leaf for c, leaf in result.leaves.items() if c[0] in "MN"}
    assert len(material) == 143
    field = [leaf for c, leaf in result.leaves.items() if c[0] == "F"]
    assert sum(leaf.figures.earned == leaf.figures.possible for leaf in field) == 65
    values = {name: Fraction(worth) for name, worth in grades.items()}
    counts = losses.grade_counts(result, values)
    assert counts == {"A": 134 + 65, "B": 7, "C": 2}
    assert result.nodes[""].bonus == 14
    assert result.total.score == Decimal("65") + 134 + 7 * Decimal("0.6") + 14
    below = {row.leaf for row in result.losses}
    assert len(below) == 9
