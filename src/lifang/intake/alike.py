"""What a reporter is asked before sending: was this reported already? Nobody's words are in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from lifang.cases.actions._step import setting
from lifang.cases.duplicates.search import Asked, find
from lifang.cases.models import Evidence
from lifang.core import files, geo
from lifang.intake.choices import STAGE_OF, Stage
from lifang.standards import queries as standards
from lifang.understanding.pictures.queries import SHOWN
from lifang.understanding.placing import place_of

#: below this nobody is asked: the question costs every reporter a look
WORTH = 0.5
MOST = 3


@dataclass(frozen=True)
class Known:
    """An open case that may be the same: where, what, how far, and a picture that everybody may see."""

    number: str
    category: str
    stage: Stage
    #: None where it or the new report has no position
    metres: int | None
    address: str
    reported_at: datetime
    reports_count: int
    thumb: str

    @property
    def stage_words(self) -> str:
        return str(self.stage.label)


def alike(
    *,
    text: str,
    address: str = "",
    lng: float | None = None,
    lat: float | None = None,
    system: str = "",
    category_key: str = "",
    attached: Sequence[str] = (),
) -> list[Known]:
    """Open cases likely to be the same matter, the likeliest first, at most ``MOST``.

    By position where there is one, else by the site or road that the words name. ``attached``: tokens of
    uploaded pictures. Classes that are not for the public are left out.
    """
    if lng is not None and lat is not None:
        lng, lat = geo.to_wgs84(lng, lat, system)
    tree = standards.in_force()
    chosen = tree.by_key(category_key) if category_key else None
    said = place_of(f"{address} {text}") if lng is None or lat is None else None
    asked = Asked(
        text=text, at=timezone.now(), lng=lng, lat=lat,
        site_id=said.site_id if said else None, road_id=said.road_id if said else None,
        category_id=chosen.id if chosen else None,
        file_ids=[files.by_token(token).pk for token in attached],
    )  # fmt: skip
    found = []
    for candidate in find(asked, setting(), worth=WORTH):
        category = standards.any_by_id(candidate.category_id)
        if category is None or category.public:
            found.append((candidate, category))
    found = found[:MOST]
    thumbs = _thumbs([c.id for c, _category in found])
    return [
        Known(
            number=c.number,
            category=category.name if category else "",
            stage=STAGE_OF[c.state],
            metres=None if c.metres is None else round(c.metres),
            address=c.address,
            reported_at=c.reported_at,
            reports_count=c.reports_count,
            thumb=thumbs.get(c.id, ""),
        )
        for c, category in found
    ]


def _thumbs(case_ids: Sequence[int]) -> dict[int, str]:
    """The first picture of each case of which a copy is for everybody; one statement."""
    rows = (
        Evidence.objects.filter(
            case_id__in=case_ids,
            public=True,
            file__kind="image",
            file__finding__publicity__in=SHOWN,
        )
        .order_by("id")
        .values_list("case_id", "file__sha256")
    )
    found: dict[int, str] = {}
    for case_id, sha in rows:
        found.setdefault(case_id, files.url(sha, "public-thumb"))
    return found
