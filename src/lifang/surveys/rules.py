"""Pure rules of questionnaires: which options a question has, how answers are weighted after the field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from lifang.standards.editions import Edition
from lifang.standards.editions.kinds import SurveyMean

MOST = 20_000


@dataclass(frozen=True)
class Line:
    """One respondent's choice. ``respondent``: number of the questionnaire, never a name or a phone."""

    respondent: str
    question: str
    option: str
    stratum: str = ""
    weight: Decimal = Decimal(1)
    answered_on: str = ""


def options(edition: Edition) -> dict[str, tuple[str, ...]]:
    """Question → its options, in the order of the edition."""
    found: dict[str, tuple[str, ...]] = {}
    for leaf in edition.leaves:
        for measure in leaf.measures:
            if isinstance(measure.rule, SurveyMean):
                for question in measure.questions:
                    found[question] = tuple(measure.rule.options)
    return found


def post_stratified(
    counts: Mapping[str, int], population: Mapping[str, Decimal]
) -> dict[str, Decimal]:
    """Weight of an answer of each stratum so that strata weigh as the population does; mean weight 1.

    Strata nobody answered from are left out and the others stand for them; strata outside the
    population keep weight 0. Six places, half even.
    """
    shares = {s: Decimal(population.get(s, 0)) for s, n in counts.items() if n}
    whole, n = sum(shares.values()), sum(counts[s] for s in shares)
    if not whole:
        return dict.fromkeys(shares, Decimal(1))
    return {
        s: (share / whole * n / counts[s]).quantize(Decimal("0.000001"))
        for s, share in shares.items()
    }


def design_effect(weights: Iterable[Decimal]) -> Decimal | None:
    """Kish's 1 + cv² = n Σw² / (Σw)²: how much weighting costs; ``None`` without answers."""
    found = list(weights)
    total = sum(found)
    if not found or not total:
        return None
    return (len(found) * sum(w * w for w in found) / (total * total)).quantize(Decimal("0.0001"))
