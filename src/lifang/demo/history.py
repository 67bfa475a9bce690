"""A year of cases, told to be written at once, in the very shape that the actions leave behind."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from lifang.cases.choices import Source, State
from lifang.demo.course import Course
from lifang.demo.telling import Told

S = State
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


class Teller(Course):
    """All cases of the made-up year. The same seed and moment tell the same cases."""

    def closed(self, n: int) -> Iterator[Told]:
        """``n`` cases of the past year that have ended."""
        today = timezone.localtime(self.now).date()
        for day in self.days_of(today - DAY * 365, today - DAY, n):
            told = self.tell(self.moment(day))
            back = 0
            while told.case["state"] not in (S.CLOSED, S.REJECTED) or (
                told.steps[-1]["at"] >= self.now
            ):
                back += 1  # a long limit begun too late to have ended: some days earlier
                told = self.tell(self.moment(day - DAY * back))
            yield self._keep(told)

    def open(self, n: int) -> Iterator[Told]:
        """``n`` cases at every stage and light, reported within the last weeks."""
        stages = (
            (S.REPORTED, 8, 0.4), (S.VERIFYING, 5, 0.6), (S.FILED, 7, 0.6), (S.DISPATCHED, 22, 2.5),
            (S.HANDLING, 30, 9), (S.HANDED_BACK, 9, 4), (S.CHECKING, 6, 4), (S.CHECKED, 5, 4),
            (S.SUSPENDED, 4, 20), (S.HANGING, 4, 40),
        )  # fmt: skip
        moments = []
        for _n in range(n):
            [(state, _w, days)] = self.luck.choices(stages, [w for _s, w, _d in stages])
            share = self.luck.random() ** 1.6
            moments.append((self.now - DAY * days * share - MINUTE * 2, state))
        for at, state in sorted(moments):
            told = self.tell(at, until=state)
            while told.case["state"] != state or told.steps[-1]["at"] >= self.now:
                at -= HOUR * self.luck.uniform(0.2, 6)
                told = self.tell(at, until=state)
            while self._too_late(told.case):
                at = self.now - MINUTE * self.luck.uniform(5, 300)
                fresh = self.tell(at, until=state)
                if fresh.case["state"] == state and fresh.steps[-1]["at"] < self.now:
                    told = fresh
            yield self._keep(told)

    def _too_late(self, case: dict[str, Any]) -> bool:
        """Overdue, and one more than a well-run district has."""
        running = case["state"] in (S.DISPATCHED, S.HANDLING)
        return running and case["due_at"] < self.now and self.luck.random() < 0.75

    def _keep(self, told: Told) -> Told:
        """Number the case and remember it for relapses."""
        case = told.case
        case["number"] = number = self.number(case["reported_at"], case["area"])
        told.report["client_id"] = f"demo-{number}"
        if told.report["source"] == Source.HOTLINE:
            told.report["external_number"] = f"RX{number[6:]}"
        if case.get("closed_at"):
            self.last_at[case["category_id"], case["area"]] = (case["closed_at"], self.kept)
        self.kept += 1
        return told
