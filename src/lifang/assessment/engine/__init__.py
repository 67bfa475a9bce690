"""The engine: ``score(edition, round, facts) → result``. See ``docs/assessment.md``."""

from lifang.assessment.engine.result import Result
from lifang.assessment.engine.rounds import Round, Site, Stratum
from lifang.assessment.engine.score import VERSION, Standing, score

__all__ = ["VERSION", "Result", "Round", "Site", "Standing", "Stratum", "score"]
