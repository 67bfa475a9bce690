"""What each method makes of its facts: r with its bounds, who lost what, what the next grade takes."""

from lifang.assessment.engine.measures.outcome import Deficit, Outcome, Part, pending

__all__ = ["Deficit", "Outcome", "Part", "pending"]
