"""Formulas: a small closed language, rounded once, kept in a city's pack."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.core import packs
from lifang.core.errors import Invalid
from lifang.dashboard import formulas
from lifang.dashboard.rules import Expression, Rounding, cover, previous, shown
from lifang.orgs.acting import SYSTEM

NAMES = frozenset({"closed", "due", "deferred"})


def test_it_works() -> None:
    expression = Expression("2 * closed + (due - deferred)", NAMES)
    assert expression.value({"closed": 3, "due": 10, "deferred": 4}) == 12
    assert expression.names == NAMES


@pytest.mark.parametrize(
    "text",
    [
        "luck", "closed.real", "closed()", "__import__('os')", "closed / due", "closed ** 9", "1.5",
        "True", "closed if due else 1", "[closed]", "closed +", "", "-closed", "closed" * 60,
        "(" * 150 + "due" + ")" * 40,
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Expression(text, NAMES)


def test_rounding_is_half_up_and_nothing_is_no_data() -> None:
    r = Rounding()
    assert r.percent(1, 800) == Decimal("0.13")
    assert r.percent(971, 996) == Decimal("97.49")
    assert shown(r.percent(0, 0)) == "无数据"
    assert shown(r.percent(0, 5)) == "0.00%"


DATES = st.dates(dt.date(2015, 1, 1), dt.date(2030, 1, 1))


@given(DATES, DATES)
def test_cover_is_every_day_once(start: dt.date, end: dt.date) -> None:
    days: list[dt.date] = []
    for span in cover(start, end):
        at = span.start
        while at < span.end:
            days.append(at)
            at += dt.timedelta(days=1)
        if span.grain in "my":
            assert span.start.day == span.end.day == 1
        if span.grain == "y":
            assert span.start.month == span.end.month == 1
    length = max((end - start).days, 0)
    assert sorted(days) == [start + dt.timedelta(days=n) for n in range(length)]
    assert sum(s.grain == "d" for s in cover(start, end)) <= 2


def test_previous_of_months_is_months() -> None:
    assert previous(dt.date(2025, 1, 1), dt.date(2025, 4, 1))[0] == dt.date(2024, 10, 1)
    assert previous(dt.date(2025, 3, 3), dt.date(2025, 3, 10))[0] == dt.date(2025, 2, 24)


def _pack(folder: Path, text: str) -> Path:
    (folder / "dashboard").mkdir(parents=True)
    (folder / "pack.yaml").write_text("name: t\n", encoding="utf-8")
    (folder / "dashboard" / "formulas.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.django_db
def test_a_city_lays_its_own_over_ours(tmp_path: Path) -> None:
    pack = _pack(
        tmp_path / "own",
        "rounding: {digits: 1, mode: half_up}\n"
        "rates:\n- {key: closing, name: 结案率, numerator: closed, denominator: due - deferred}\n",
    )
    assert packs.load(pack, by=SYSTEM).errors == []
    now = formulas.formulas()
    assert now.rates["closing"].denominator.text == "due - deferred"
    assert now.rounding.digits == 1 and "filing" in now.rates
    packs.export(tmp_path / "out", name="t", title="t")
    again = formulas.read(packs.read_yaml(tmp_path / "out" / "dashboard" / "formulas.yaml"))
    assert again.rates["closing"].denominator.text == "due - deferred"


@pytest.mark.django_db
def test_a_wrong_formula_loads_nothing(tmp_path: Path) -> None:
    pack = _pack(
        tmp_path / "own", "rates:\n- {key: a, name: 甲, numerator: closd, denominator: due}\n"
    )
    report = packs.load(pack, by=SYSTEM)
    assert report.errors and "closd" in report.errors[0]
    assert formulas.formulas().rates["closing"].denominator.text == "due"
