"""The verbs of the score: enter facts, work runs out, plan, order."""

from lifang.assessment.actions.enter import enter, withdraw_entry
from lifang.assessment.actions.plans import make_plan, order, work_out_plan
from lifang.assessment.actions.runs import ask_run, keep, pin, refresh, unpin, verify, work_out

__all__ = [
    "ask_run", "enter", "keep", "make_plan", "order", "pin", "refresh", "unpin", "verify",
    "withdraw_entry", "work_out", "work_out_plan",
]  # fmt: skip
