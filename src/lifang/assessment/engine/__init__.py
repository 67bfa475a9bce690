"""The engine: ``score(edition, round, facts) → result``. See ``docs/assessment.md``."""

from lifang.assessment.engine.result import Result
from lifang.assessment.engine.score import VERSION, Standing, score
from lifang.rounds.scope import Round, Site, Stratum

__all__ = ["VERSION", "Result", "Round", "Site", "Standing", "Stratum", "score"]
