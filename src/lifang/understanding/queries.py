"""What a message means: its class and its place, each with confidence and reasons.

Nothing here raises: a failure means no proposal, and a person decides.
"""

from dataclasses import asdict, dataclass
from typing import Any

import structlog
from django.db import DatabaseError
from django.db.models import QuerySet

from lifang.core import stamps
from lifang.places import atlas
from lifang.places.atlas import Located
from lifang.standards import queries as standards
from lifang.understanding import rules
from lifang.understanding.classes import Proposal
from lifang.understanding.learning import judge
from lifang.understanding.learning.queries import setting
from lifang.understanding.models import Threshold
from lifang.understanding.placing import Place, place_of

log = structlog.get_logger()
STAMP = judge.STAMP


@dataclass(frozen=True)
class Meaning:
    """What a message means. ``sure``: class *and* place may be taken without a person."""

    #: likeliest first
    proposals: tuple[Proposal, ...] = ()
    place: Place | None = None
    #: the class alone may be taken
    sure_class: bool = False
    #: the measurement that allows it
    because: str = ""
    #: it could be taken alone and goes to a person all the same, so that precision is known
    held_back: bool = False
    positioned: bool = False

    @property
    def key(self) -> str:
        """Key of the likeliest class, or empty."""
        return self.proposals[0].key if self.proposals else ""

    @property
    def confidence(self) -> float:
        return self.proposals[0].confidence if self.proposals else 0.0

    @property
    def sure(self) -> bool:
        if self.held_back or (self.place is not None and self.place.conflict):
            return False
        return self.sure_class and (self.positioned or (self.place is not None and self.place.sure))

    def as_json(self) -> dict[str, Any]:
        """What a case keeps, and the acceptor sees beside it."""
        place = None
        if self.place is not None:
            place = asdict(self.place) | {"sure": self.place.sure}
            place["words"] = list(self.place.words)
            place["alternatives"] = [asdict(o) for o in self.place.alternatives]
        proposals = [asdict(p) | {"words": list(p.words)} for p in self.proposals]
        return {
            "category": proposals[0] if proposals else None,
            "categories": proposals,
            "place": place,
            "sure": self.sure,
            "sure_class": self.sure_class,
            "held_back": self.held_back,
            "because": self.because,
        }


def understand(text: str, *, lng: float | None = None, lat: float | None = None) -> Meaning:
    """Class and place of a message, from words and (WGS-84) position. Never raises."""
    proposals: tuple[Proposal, ...] = ()
    place: Place | None = None
    sure, held, because, here = False, False, "", None
    try:
        proposals = tuple(judge.rank(text))
        if proposals:
            sure, because = _may_act(proposals[0])
            held = sure and rules.drawn(text, setting().review_share)
    except DatabaseError:
        raise  # the transaction is broken: hiding that would lose the report
    except Exception:
        log.exception("understanding.class_failed")
    try:
        if lng is not None and lat is not None:
            here = atlas.locate(lng, lat)
        place = place_of(text, here, (lng, lat) if lng is not None and lat is not None else None)
    except DatabaseError:
        raise
    except Exception:
        log.exception("understanding.place_failed")
    return Meaning(proposals, place, sure, because, held, positioned=_positioned(here))


def _positioned(here: Located | None) -> bool:
    return here is not None and bool(here.area)


def _may_act(first: Proposal) -> tuple[bool, str]:
    """Whether a class may be taken without a person, and the measurement that says so."""
    now = standards.in_force()
    rows: dict[str, Threshold] = stamps.cached(
        STAMP, lambda: {t.group: t for t in Threshold.objects.all()}
    )
    group = first.key
    while group and group not in rows:
        group = group.rpartition(".")[0]
    row = rows.get(group)
    if row is None or row.threshold is None or row.catalogue != now.sha256:
        return False, ""
    model = judge.in_force()
    if row.model != (model.digest if model else ""):
        return False, ""
    if row.low < row.target or first.confidence < row.threshold:
        return False, ""
    return True, (
        f"{first.confidence:.2f} ≥ {row.threshold:.2f}; {row.right}/{row.n} ({row.low:.3f}–{row.high:.3f})"
    )


def thresholds() -> QuerySet[Threshold, Threshold]:
    """All measurements, also those of an earlier catalogue."""
    return Threshold.objects.order_by("group")
