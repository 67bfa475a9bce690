"""Which fixes win most points back, under budget, capacity, dates and what must be done. Pure."""

from lifang.assessment.planner.problem import Action, Curve, Plan, Problem

__all__ = ["Action", "Curve", "Plan", "Problem"]
