"""Published bulletins as vectors: histories with exactly their counts print their figures."""

import datetime as dt

import pytest

from dashboard.histories import Row, case, category, closed, day, filed, load, unit
from lifang.dashboard import bulk
from lifang.dashboard.formulas import formulas
from lifang.dashboard.rules import answer, shown
from lifang.dashboard.tally import Where, direct, tally

pytestmark = pytest.mark.django_db
NOW = day("2026-03-01")


def printed(counts: dict[str, int], *keys: str) -> list[str]:
    f = formulas()
    return [shown(answer(f.rates[k], counts, f.rounding).value) for k in keys]


def month(start: str, end: str, **more: str) -> Where:
    return Where(dt.date.fromisoformat(start), dt.date.fromisoformat(end), **more)


def both_ways(where: Where) -> dict[str, int]:
    """The counts over the facts, which must be those over the cases."""
    quick = tally(where, now=NOW)[None]
    assert +quick == +direct(where, now=NOW)[None]
    return quick


def test_tianmen_december() -> None:
    lead = unit()
    event = category("event-street.stall").id
    part = category("component-public.lamp").id
    start, due, next_year = day("2024-12-03"), day("2024-12-10"), day("2025-01-05")

    def some(n: int, cat: int, *, late: bool) -> list[Row]:
        return [closed(start, due, lead, late=late, category_id=cat) for _ in range(n)]

    rows = some(730, event, late=False) + some(172, event, late=True)
    rows += some(7, part, late=False) + some(2, part, late=True)
    rows += [filed(start, due, lead, category_id=event) for _ in range(956 - 902)]
    rows += [filed(start, due, lead, category_id=part) for _ in range(16 - 9)]
    # filed in December, due in January only
    rows += [filed(start, next_year, lead, category_id=event) for _ in range(996 - 972)]
    for n, row in enumerate(rows):
        row["source"] = "collector" if n < 953 else "hotline"
    rows += [case(state="rejected", category_id=event) for _ in range(1054 - 996)]
    load(rows)
    bulk.rebuild()

    december = both_ways(month("2024-12-01", "2025-01-01"))
    assert (december["accepted"], december["filed"], december["due"]) == (1054, 996, 972)
    assert (december["closed"], december["closed_on_time"]) == (911, 737)
    assert printed(december, "closing", "on_time_closing") == ["93.72%", "75.82%"]
    assert printed(december, "collector_share") == ["95.68%"]
    events = both_ways(month("2024-12-01", "2025-01-01", category="event"))
    parts = both_ways(month("2024-12-01", "2025-01-01", category="component"))
    assert printed(events, "closing") == ["94.35%"]
    assert printed(parts, "closing") == ["56.25%"]


def test_xuchang_february_2020() -> None:
    """The bulletin gives rates and 443 overdue: 16,780 due is the number that fits all of them."""
    lead, start, due = unit(), day("2020-02-03"), day("2020-02-20")
    earlier = day("2020-01-25")
    due_in_all, overdue, on_time = 16_780, 443, 14_226
    carried = due_in_all - 16_604
    rows = [
        closed(earlier if n < carried else start, due, lead, late=n >= on_time)
        for n in range(due_in_all - overdue)
    ]
    rows += [filed(start, due, lead) for _ in range(overdue)]
    rows += [
        case(reported_at=start, state="closed", closed_at=due, closed_as="self_handled")
        for _ in range(3291)
    ]
    rows += [case(reported_at=start, state="rejected") for _ in range(8)]
    load(rows)
    bulk.rebuild()

    february = both_ways(month("2020-02-01", "2020-03-01"))
    assert february["accepted"] == 19_903
    assert (february["self_handled"], february["filed"]) == (3291, 16_604)
    assert printed(february, "closing", "on_time_closing") == ["97.36%", "84.78%"]
    assert formulas().figures["overdue"].value.value(february) == 443


def test_xuchang_january_2022_and_taishan() -> None:
    lead, other = unit(), unit("U2")
    start, due = day("2022-01-04"), day("2022-01-20")
    on_time = 10_775
    rows = [closed(start, due, lead, late=n >= on_time) for n in range(14_577 - 2159)]
    rows += [filed(start, due, lead) for _ in range(2159)]
    rows += [closed(start, due, other, late=False) for _ in range(963)]
    rows += [filed(start, due, other) for _ in range(1032 - 963)]
    load(rows)
    bulk.rebuild()

    january = ("2022-01-01", "2022-02-01")
    xuchang = both_ways(Where(*map(dt.date.fromisoformat, january), units=frozenset({lead.id})))
    taishan = both_ways(Where(*map(dt.date.fromisoformat, january), units=frozenset({other.id})))
    assert xuchang["due"] == 14_577
    assert printed(xuchang, "closing", "on_time_closing") == ["85.19%", "73.92%"]
    assert formulas().figures["overdue"].value.value(xuchang) == 2159
    assert printed(taishan, "closing") == ["93.31%"]


def test_deferred_variant_and_exempt() -> None:
    lead, start, due = unit(), day("2024-12-03"), day("2024-12-10")
    load(
        [closed(start, due, lead, late=False) for _ in range(6)]
        + [filed(start, due, lead, state="hanging") for _ in range(2)]
        + [filed(start, due, lead) for _ in range(2)]
        + [closed(start, due, lead, late=True, exempt=True) for _ in range(3)]
    )
    bulk.rebuild()
    counts = both_ways(month("2024-12-01", "2025-01-01"))
    assert counts["due"] == 10
    assert printed(counts, "closing", "closing_less_deferred") == ["60.00%", "75.00%"]
    assert counts["due"] == sum(
        counts[k] for k in ("disposed_on_time", "disposed_late", "overdue_pending", "deferred")
    )


def test_nothing_due_is_no_data() -> None:
    counts = both_ways(month("2024-12-01", "2025-01-01"))
    assert printed(counts, *formulas().rates) == ["无数据"] * len(formulas().rates)
