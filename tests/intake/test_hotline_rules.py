"""Headings and cells as hotlines write them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from lifang.core.errors import Invalid
from lifang.intake.hotline import rules, sheets

ZONE = ZoneInfo("Asia/Shanghai")


def test_every_heading_means_one_field() -> None:
    names = [rules.fold(h) for hs in rules.HEADINGS.values() for h in hs]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01 09:30",
        "2026/3/1 9:30",
        "2026/3/1 9:30:00",
        "2026年3月1日 9时30分",
        "20260301093000",
        "202603010930",
        "2026-03-01T09:30:00+08:00",
        "2026-03-01T01:30:00Z",
        "２０２６-03-01 09:30",
        datetime(2026, 3, 1, 9, 30),  # noqa: DTZ001  as Excel gives it
    ],
)
def test_times(text: object) -> None:
    assert rules.parse_time(text, ZONE) == datetime(2026, 3, 1, 9, 30, tzinfo=ZONE)


def test_a_date_alone_is_its_beginning() -> None:
    assert rules.parse_time(date(2026, 3, 1), ZONE) == datetime(2026, 3, 1, tzinfo=ZONE)
    assert rules.parse_time("2026-03-01", ZONE) == datetime(2026, 3, 1, tzinfo=ZONE)
    assert rules.parse_time("  ", ZONE) is None


@pytest.mark.parametrize("text", ["昨天", "2026-13-01", "1", "3月1日", "2026-02-30 09:00"])
def test_times_that_are_none(text: str) -> None:
    with pytest.raises(ValueError):
        rules.parse_time(text, ZONE)


def test_verdicts() -> None:
    assert [rules.parse_yes(v) for v in ("是", "否", "已解决", "未解决", "", None)] == [
        True, False, True, False, None, None,
    ]  # fmt: skip
    assert [rules.parse_stars(v) for v in ("非常满意", "满意", "不满意", "5", "")] == [
        5, 4, 2, 5, None,
    ]  # fmt: skip
    with pytest.raises(ValueError):
        rules.parse_yes("也许")


def test_a_title_that_the_content_repeats_is_left_out() -> None:
    assert rules.order_text("路灯", "路灯不亮三天了") == "路灯不亮三天了"
    assert rules.order_text("咨询", "路灯不亮") == "咨询\n路灯不亮"
    assert rules.order_text("", "路灯") == "路灯"


def test_a_row_becomes_an_order_or_names_every_wrong_cell() -> None:
    good = sheets.order_of({"number": "A1", "text": "路灯", "at": "2026-03-01 09:30", "lng": "113"})
    assert good.at == datetime(2026, 3, 1, 9, 30, tzinfo=ZONE)
    assert good.lng == 113.0
    with pytest.raises(Invalid) as caught:
        sheets.order_of({"number": "A2", "at": "昨天", "lat": "北", "satisfied": "凑合"})
    assert [f.path for f in caught.value.fields] == ["at", "lat", "satisfied"]
