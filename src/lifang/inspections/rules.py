"""Pure checks of what inspectors hand in."""

import datetime as dt
from dataclasses import dataclass

#: lines that one call may bring
MOST = 5_000
#: a device's clock may be ahead by this much
AHEAD = dt.timedelta(hours=1)

WORDS = {
    "pass": "pass", "符合": "pass", "合格": "pass", "是": "pass", "√": "pass", "1": "pass",
    "fail": "fail", "不符合": "fail", "不合格": "fail", "否": "fail", "×": "fail", "0": "fail",
    "na": "na", "不适用": "na", "不涉及": "na", "/": "na",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line as it comes in: codes of place and item, what was found."""

    place: str
    item: str
    state: str
    seen_at: dt.datetime
    count: int = 1
    cause: str = ""
    note: str = ""
    disputed: bool = False
    lng: float | None = None
    lat: float | None = None
    seen_by_name: str = ""
    form: str = ""
    #: SHA-256 of photos that are in the file store
    photos: tuple[str, ...] = ()


def state_of(text: str) -> str:
    """``pass``, ``fail``, ``na`` from the words people use; empty where it is none of them."""
    return WORDS.get(text.strip().lower(), "")
