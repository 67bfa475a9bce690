"""Made-up editions, rounds and facts for the score."""

import json
from pathlib import Path
from random import Random
from typing import Any

from lifang.assessment.engine import Round, facts, score
from lifang.assessment.engine.facts import Fact
from lifang.assessment.engine.result import Loss
from lifang.rounds import scope
from lifang.standards import editions
from lifang.standards.editions import Edition

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
TYPES = ("road", "market")


def example(name: str) -> Any:
    return json.loads((EXAMPLES / f"{name}.json").read_text("utf-8"))


def edition(nodes: list[dict[str, Any]], **more: Any) -> Edition:
    document = {"format": "lifang.edition/1", "key": "t", "version": "1", "nodes": nodes, **more}
    return editions.read(document)


def field_leaf(code: str = "L", points: str = "10", **rule: Any) -> dict[str, Any]:
    """A leaf of one field measure."""
    rule = {"kind": "linear_clamp", **rule}
    return {
        "code": code,
        "points": points,
        "lead": "site",
        "measures": [{"method": "field", "rule": rule}],
    }


def items(
    *codes: str, leaf: str = "L", share: str = "1", site_type: str = "*"
) -> list[dict[str, Any]]:
    return [{"code": c, "feeds": {site_type: [{"leaf": leaf, "share": share}]}} for c in codes]


def round_of(*sites: str, site_type: str = "road", **more: Any) -> Round:
    rows = [{"code": s, "type": site_type, "unit": f"unit {s}", "district": "D"} for s in sites]
    return scope.read({"format": "lifang.round/1", "key": "r", "sites": rows, **more})


def observations(states: dict[tuple[str, str], str], **more: Any) -> list[Fact]:
    """``{(site, item): pass | fail | na}``."""
    rows = [
        {"kind": "observation", "id": f"{s}/{i}", "site": s, "item": i, "state": state, **more}
        for (s, i), state in states.items()
    ]
    return facts.read(rows)


def counted(passed: int, failed: int, *, site: str = "s") -> list[Fact]:
    """So many observations of one item at one place."""
    rows = [
        {
            "kind": "observation",
            "id": f"o{n}",
            "site": site,
            "item": "i",
            "state": "pass" if n < passed else "fail",
        }
        for n in range(passed + failed)
    ]
    return facts.read(rows)


def _field_rule(rng: Random) -> dict[str, Any]:
    by = rng.choice(["pass_rate", "site_rate", "site_pass"])
    cuts = sorted(rng.sample(["0.2", "0.35", "0.5", "0.7", "0.8", "0.9", "1"], 2), reverse=True)
    return rng.choice(
        [
            {"kind": "step", "by": by, "cuts": [[cuts[0], rng.choice(["1", "0.9"])], [cuts[1], "0.6"]], "else": rng.choice(["0", "0.1"])},
            {"kind": "linear_clamp", "by": by, **rng.choice([{}, {"lo": "0.3", "hi": "0.9"}, {"hi": "1.2"}])},
            {"kind": "deduct", "full": "10", "each": rng.choice(["1", "3", "4"]), "floor": rng.choice(["0", "2"]), "per": "all"},
            {"kind": "deduct", "full": "6", "each": "2", "per": "site", **rng.choice([{}, {"site_cap": "3"}])},
            {"kind": "all_or_nothing"},
        ]
    )  # fmt: skip


def _other(rng: Random, code: str) -> dict[str, Any]:
    return rng.choice(
        [
            {"method": "document", "slots": ["a", "b"], "rule": {"kind": "grade_map", "combine": rng.choice(["mean", "min"]), "grades": {"A": "1", "B": "0.6", "C": "0"}}},
            {"method": "document", "slots": ["a", "b", "c"], "rule": {"kind": "all_or_nothing"}},
            {"method": "document", "slots": ["a", "b", "c"], "rule": {"kind": "deduct", "full": "5", "each": "2"}},
            {"method": "statistic", "rule": {"kind": "step", "better": "low", "cuts": [["2", "1"], ["4", "0.5"]]}},
            {"method": "statistic", "rule": {"kind": "linear_clamp", "lo": "10", "hi": "2"}},
            {"method": "statistic", "rule": {"kind": "ratio_of_target", "target": "7"}},
            {"method": "survey", "questions": [f"q-{code}"], "rule": {"kind": "survey_mean", "options": {"y": "1", "m": "0.7", "n": "0", "-": None}}},
        ]
    )  # fmt: skip


def random_edition(rng: Random) -> Edition:
    nodes: list[dict[str, Any]] = [{"code": "A"}, {"code": "B"}, {"code": "AA", "parent": "A"}]
    leaves = []
    for n in range(rng.randint(2, 6)):
        code = f"L{n}"
        measures = [{"key": "field", "method": "field", "rule": _field_rule(rng)}]
        if rng.random() < 0.5:
            measures = [{"key": "other", **_other(rng, code)}]
        elif rng.random() < 0.4:
            measures[0]["share"] = "0.7"
            measures.append({"key": "other", "share": "0.3", **_other(rng, code)})
        if measures[0]["method"] == "field":
            leaves.append(code)
        nodes.append(
            {
                "code": code,
                "parent": rng.choice(["A", "B", "AA"]),
                "points": rng.choice(["1", "1.50", "3", "0.7", "13"]),
                "measures": measures,
                "lead": rng.choice(["site", "u1", "u2"]),
                "assist": [{"role": "u3", "share": "0.3"}] if rng.random() < 0.4 else [],
                "na": {"policy": rng.choice(["full", "drop", "redistribute", "zero"])},
                "missing": {"policy": rng.choice(["pending", "pending", "zero"])},
                "applies": {"metro": ["yes"]} if rng.random() < 0.15 else {},
            }
        )
    rows = []
    for n in range(rng.randint(1, 6)):
        feeds = {
            t: [
                {"leaf": leaf, "share": rng.choice(["1", "1", "0.5", "0.3"])}
                for leaf in rng.sample(leaves, min(len(leaves), rng.randint(1, 2)))
            ]
            for t in TYPES
            if leaves and rng.random() < 0.8
        }
        rows.append({"code": f"i{n}", "feeds": feeds})
    nodes.append(
        {"code": "S1", "measures": [{"method": "special", "rule": {"kind": "bonus", "cap": "3"}}]}
    )
    nodes.append({"code": "X1", "measures": [{"method": "veto", "rule": rng.choice([{"kind": "veto", "effect": "deduct", "value": "2"}, {"kind": "veto", "effect": "cap", "value": "5"}, {"kind": "veto", "effect": "disqualify"}])}]})  # fmt: skip
    more: dict[str, Any] = {"bonus_cap": "2"} if rng.random() < 0.5 else {}
    if rng.random() < 0.3:
        more["blends"] = [{"edition": "minors", "share": "0.20"}]
    return edition(nodes, items=rows, **more)


def random_round(rng: Random) -> Round:
    sites = [
        {
            "code": f"s{n}",
            "type": rng.choice(TYPES),
            "unit": f"unit{n % 3}",
            "district": rng.choice("DE"),
        }
        for n in range(rng.randint(1, 5))
    ]
    document = {
        "format": "lifang.round/1",
        "key": "r",
        "context": {"metro": rng.choice(["yes", "no"])},
        "sites": sites,
        "roster": {"u1": "一局", "u2": "二局"},
        "quota": {"*": 4} if rng.random() < 0.3 else {},
        "population": {"*": {"D": "0.6", "E": "0.4"}} if rng.random() < 0.5 else {},
    }
    return scope.read(document)


def random_facts(rng: Random, of: Edition, in_: Round, *, full: bool = False) -> list[Fact]:
    """``full``: nothing is left open and nothing disputed."""
    rows: list[dict[str, Any]] = []

    def add(**row: Any) -> None:
        rows.append({"id": f"f{len(rows):03}", **row})

    def skip(chance: float) -> bool:
        return not full and rng.random() < chance

    for site in in_.sites.values():
        for item in of.items.values():
            if item.for_type(site.type) and not skip(0.25):
                state = rng.choices(["pass", "fail", "na"], [6, 3, 1])[0]
                disputed = state == "fail" and skip(0.15)
                add(kind="observation", site=site.code, item=item.code, state=state, count=rng.randint(1, 3), disputed=disputed)  # fmt: skip
    for leaf in of.leaves:
        for m in leaf.measures:
            if m.method == "document":
                for slot in m.slots:
                    if not skip(0.3):
                        grade = rng.choice(["A", "B", "C", "missing", "na"])
                        add(
                            kind="review",
                            leaf=leaf.code,
                            measure=m.key,
                            slot=slot,
                            grade=grade,
                            disputed=skip(0.1),
                        )
            elif m.method == "statistic" and not skip(0.3):
                add(
                    kind="statistic",
                    leaf=leaf.code,
                    measure=m.key,
                    value=str(rng.randint(0, 12)),
                    period="2026",
                )
            elif m.method == "survey":
                for n in range(0 if skip(0.3) else 6):
                    add(
                        kind="answer",
                        question=m.questions[0],
                        option=rng.choice("ymn"),
                        stratum="DE"[n % 2],
                    )
        if leaf.kind == "base" and not full and rng.random() < 0.15:
            state = rng.choice(["not_applicable", "missing", "disputed"])
            add(kind="mark", leaf=leaf.code, state=state)
        if leaf.kind == "base" and rng.random() < 0.1:
            add(
                kind="override",
                leaf=leaf.code,
                points=str(leaf.points / 2),
                reason="r",
                approver="a",
            )
    for _n in range(rng.randint(0, 3)):
        add(kind="award", leaf="S1", points=rng.choice(["1", "2"]))
    if rng.random() < 0.2:
        add(kind="veto", leaf="X1")
    if rng.random() < 0.5 or full:
        add(kind="linked", edition="minors", score="88.4")
    return facts.read(rows)


def city_losses(seed: int) -> list[Loss]:
    """Every row of a made-up round's losses."""
    rng = Random(seed)
    of, in_ = random_edition(rng), random_round(rng)
    return score(of, in_, random_facts(rng, of, in_)).losses
