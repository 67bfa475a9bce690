"""Which pictures look alike: a difference hash per picture, and the search among all of them.

The hash (dHash, Krawetz 2013) says of 8 × 8 places whether the picture gets brighter to the right.
It outlives re-encoding, resizing, watermarks and small crops; two views of one place from different
sides are not alike. Two of 64 places that differ in at most :data:`NEAR` are taken as one picture.

The search is by four bands of 16: two hashes that differ in at most 11 places differ in at most 2 in
one of the bands, so 137 values a band find every one of them, by index.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from django.db.models import Q
from PIL import Image

from lifang.core.models import PictureMark

#: most places of 64 in which two hashes of one picture differ (measured: docs/understanding.md)
NEAR = 10
BANDS, BITS = 4, 16
#: a hash with fewer ones (or zeros) says nothing: fog, night, a thumb on the lens
FEATURES = 6
#: rows looked at for one picture; what is so common is no evidence
MOST = 20_000
#: pictures looked up in one call
MOST_PICTURES = 30


@dataclass(frozen=True)
class Alike:
    """A picture that looks like another one; ``distance`` 0 to :data:`NEAR` places of 64."""

    file_id: int
    distance: int


def dhash(image: Image.Image) -> int | None:
    """The hash of a picture as 64 bits, ``None`` where it has no features."""
    small = image.convert("L").resize((9, 8), Image.Resampling.BOX)
    grey = small.tobytes()
    found = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            found = found << 1 | (grey[at] < grey[at + 1])
    return found if FEATURES <= found.bit_count() <= 64 - FEATURES else None


def distance(a: int, b: int) -> int:
    """In how many of 64 places two hashes differ."""
    return (a ^ b).bit_count()


def bands(value: int) -> tuple[int, ...]:
    """The four parts of a hash that are indexed."""
    return tuple(value >> shift & 0xFFFF for shift in range(0, 64, BITS))


_FLIPS = (
    0,
    *(1 << i for i in range(16)),
    *(1 << i | 1 << j for i, j in combinations(range(16), 2)),
)


def remember(file_id: int, image: Image.Image) -> None:
    """Keep the hash of a stored picture. Idempotent."""
    value = dhash(image)
    row: dict[str, int | None] = {"dhash": None, "band0": None, "band1": None, "band2": None}
    row["band3"] = None
    if value is not None:
        row |= {f"band{n}": band for n, band in enumerate(bands(value))}
        row["dhash"] = value - (1 << 64) if value >> 63 else value
    PictureMark.objects.update_or_create(file_id=file_id, defaults=row)


def hashes(file_ids: Iterable[int]) -> dict[int, int]:
    """The hashes of stored pictures, to compare a few candidates by :func:`distance`; one statement."""
    rows = PictureMark.objects.filter(file_id__in=list(file_ids)).values_list("file_id", "dhash")
    return {file_id: dhash % (1 << 64) for file_id, dhash in rows if dhash is not None}


def alike(file_ids: Iterable[int], *, most: int = 20) -> dict[int, list[Alike]]:
    """For each stored picture those that look like it, nearest first; itself is not among them.

    Pictures not hashed yet, or without features, are left out. One indexed statement a picture, of
    at most :data:`MOST` rows; 45 ms among 1,000,000 pictures.
    """
    wanted = list(dict.fromkeys(file_ids))[:MOST_PICTURES]
    found: dict[int, list[Alike]] = {}
    for file_id, value in hashes(wanted).items():
        where = Q()
        for n, band in enumerate(bands(value)):
            where |= Q(**{f"band{n}__in": [band ^ flip for flip in _FLIPS]})
        rows = PictureMark.objects.filter(where).values_list("file_id", "dhash")[:MOST]
        near = [
            Alike(other, d)
            for other, theirs in rows
            if theirs is not None
            and other != file_id
            and (d := distance(value, theirs % (1 << 64))) <= NEAR
        ]
        if near:
            found[file_id] = sorted(near, key=lambda a: (a.distance, a.file_id))[:most]
    return found
