"""Open cases that may be the same matter: found by index, then scored. Under 10 ms among 1,000,000 cases."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import cos, radians
from typing import Any

from django.db import models

from lifang.cases import rules
from lifang.cases.choices import EvidenceKind
from lifang.cases.duplicates import score as scoring
from lifang.cases.models import Case, Evidence, Setting
from lifang.core import geo, stamps
from lifang.core.files import likeness as pictures
from lifang.core.models import PictureMark
from lifang.standards import queries as standards
from lifang.understanding.alike.text import Rarity, Vector, cosine, vector

#: proposals may lie so many times farther and longer ago than what merges by itself
WIDER, LONGER = 3.0, 7.0
#: how many cases of a place are compared word by word
COMPARED = 20
#: what is read of a text: the matter is said early
CHARS = 240
#: below this nobody is asked
WORTH = 0.3


@dataclass(frozen=True)
class Asked:
    """What is known of the new report."""

    text: str
    at: dt.datetime
    lng: float | None = None
    lat: float | None = None
    site_id: int | None = None
    road_id: int | None = None
    category_id: int | None = None
    file_ids: Sequence[int] = ()
    #: itself, where it is a case already
    case_id: int | None = None


@dataclass(frozen=True)
class Candidate:
    id: int
    number: str
    state: str
    category_id: int | None
    text: str
    address: str
    reported_at: dt.datetime
    reports_count: int
    #: None where either has no position
    metres: float | None
    hours: float
    #: shared pairs of characters, 0 to 1
    likeness: float
    picture: int | None
    score: float
    parts: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """What the new case keeps of it: numbers and reasons, no words of others."""
        return {
            "id": self.id,
            "number": self.number,
            "score": round(self.score, 3),
            "likeness": round(self.likeness, 2),
            "metres": None if self.metres is None else round(self.metres),
            "hours": round(self.hours, 1),
            "picture": self.picture,
            "parts": self.parts,
        }


_COLUMNS = (
    "id", "number", "state", "category_id", "text", "address", "reported_at", "reports_count",
    "lng", "lat", "site_id",
)  # fmt: skip
#: the states of open cases, as SQL writes them
_OPEN = ", ".join(f"'{state}'" for state in sorted(rules.OPEN))


def find(asked: Asked, setting: Setting, *, most: int = 5, worth: float = WORTH) -> list[Candidate]:
    """Open cases that may be the same, the likeliest first. One statement, one more with pictures."""
    rows = _near_enough(asked, _rows(asked, setting), setting)
    if not rows:
        return []
    seen = _picture_distances(asked.file_ids, [row["id"] for row in rows])
    words = stamps.version(standards.STAMP)
    own = _vector(asked.text[:CHARS], words)
    found = []
    for row in rows:
        row["text"] = row["text"][:CHARS]
        hours = abs((asked.at - row["reported_at"]).total_seconds()) / 3600
        evidence = scoring.Evidence(
            text=min(1.0, cosine(own, _vector(row["text"], words))),
            near=_near(asked, row, setting),
            hours=hours,
            same_class=_same_class(asked.category_id, row["category_id"]),
            picture=seen.get(row["id"]),
        )
        judged = scoring.score(evidence, window_hours=setting.duplicate_hours)
        if judged.value < worth:
            continue
        like = rules.likeness(asked.text[:CHARS], row["text"])
        for name in ("lng", "lat", "site_id"):
            row.pop(name)
        found.append(
            Candidate(
                **row,
                hours=hours,
                likeness=like,
                picture=evidence.picture,
                score=judged.value,
                parts=judged.parts,
            )
        )
    found.sort(key=lambda c: (-c.score, c.metres or 0.0, c.id))
    return found[:most]


def _rows(asked: Asked, setting: Setting) -> list[dict[str, Any]]:
    told = _statement(asked, setting)
    if told is None:
        return []
    return [{name: getattr(c, name) for name in _COLUMNS} for c in Case.objects.raw(*told)]


def _statement(asked: Asked, setting: Setting) -> tuple[str, list[Any]] | None:
    """Open cases of the place that are worth comparing: the same class first, then the nearest, then the
    newest. The database puts them in order, so that of a crowd only these are read.

    In SQL by hand: each report asks it, and building the statement anew cost more than answering it. Never
    in the order of numbers alone: that would tempt the planner to walk the table.
    """
    wanted: list[Any] = []
    order = []
    if asked.category_id is not None:
        order.append("CASE WHEN category_id = %s OR category_id IS NULL THEN 0 ELSE 1 END")
        wanted.append(asked.category_id)
    if asked.lng is not None and asked.lat is not None:
        reach = setting.duplicate_metres * WIDER
        west, south, east, north = geo.bbox_around(asked.lng, asked.lat, reach)
        where, here = "lat BETWEEN %s AND %s AND lng BETWEEN %s AND %s", [south, north, west, east]
        order.append("(lat - %s) * (lat - %s) + (lng - %s) * (lng - %s) * %s")
        wanted += [asked.lat, asked.lat, asked.lng, asked.lng, cos(radians(asked.lat)) ** 2]
    elif asked.site_id is not None:
        where, here = "site_id = %s", [asked.site_id]
    elif asked.road_id is not None:
        where, here = "road_id = %s", [asked.road_id]
    else:
        return None
    since = asked.at - dt.timedelta(hours=setting.duplicate_hours * LONGER)
    return (
        f"SELECT {', '.join(_COLUMNS)} FROM cases_case WHERE {where} AND reported_at >= %s"  # noqa: S608  (our own words)
        f" AND state IN ({_OPEN}) AND id <> %s"
        f" ORDER BY {', '.join([*order, '-id'])} LIMIT {COMPARED}",
        [*here, since, asked.case_id or 0, *wanted],
    )


def _near_enough(
    asked: Asked, rows: Iterable[dict[str, Any]], setting: Setting
) -> list[dict[str, Any]]:
    """The rows with their distance, without those in the corners of the box."""
    reach = setting.duplicate_metres * WIDER
    kept = []
    for row in rows:
        metres = None
        if None not in (asked.lng, asked.lat, row["lng"], row["lat"]):
            metres = geo.metres((asked.lng, asked.lat), (row["lng"], row["lat"]))  # type: ignore[arg-type]
            if metres > reach:
                continue
        kept.append({**row, "metres": metres})
    return kept


def _near(asked: Asked, row: dict[str, Any], setting: Setting) -> float:
    if row["metres"] is not None:
        return scoring.nearness(row["metres"], setting.duplicate_metres)
    if asked.site_id is not None and asked.site_id == row["site_id"]:
        return scoring.SAME_SITE
    return scoring.SAME_ROAD


def _same_class(a: int | None, b: int | None) -> bool | None:
    return None if a is None or b is None else a == b


def _picture_distances(file_ids: Sequence[int], case_ids: list[int]) -> dict[int, int]:
    """By case: in how many of 64 places the likest pair of pictures differs. One statement, none without."""
    if not file_ids:
        return {}
    number = models.BigIntegerField()
    ours = PictureMark.objects.filter(file_id__in=list(file_ids), dhash__isnull=False).values_list(
        models.Value(0, output_field=number), "dhash"
    )
    theirs = Evidence.objects.filter(
        case_id__in=case_ids, kind=EvidenceKind.BEFORE, file__picture_mark__dhash__isnull=False
    ).values_list("case_id", "file__picture_mark__dhash")
    mine: list[tuple[int, int]] = []
    others: list[tuple[int, int]] = []
    for case_id, mark in ours.union(theirs, all=True):
        (others if case_id else mine).append((case_id, mark % (1 << 64)))
    found: dict[int, int] = {}
    for case_id, mark in others:
        for _own, value in mine:
            differ = pictures.distance(value, mark)
            found[case_id] = min(differ, found.get(case_id, 64))
    return found


@lru_cache(maxsize=1024)
def _vector(text: str, _words: int) -> Vector:
    """A text as a vector, by the words of the catalogue of that stamp. Kept: where many report at one place,
    the same cases are compared again and again."""
    return vector(text, _rarity())


def _rarity() -> Rarity:
    """What every matter says is no evidence: rarity by the words of the catalogue in force."""
    return stamps.cached(
        standards.STAMP, lambda: Rarity.of(_matters(standards.in_force())), key="duplicates"
    )


def _matters(tree: standards.Tree) -> Iterable[str]:
    for leaf in tree.leaves:
        yield " ".join([leaf.name, leaf.words, leaf.help, *(c.text for c in leaf.conditions)])
