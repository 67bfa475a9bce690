"""Pure rules of the public door: masking, wording, what a reporter may do, limits."""

import re
import unicodedata
from datetime import datetime, timedelta

from lifang.cases.choices import State

#: longest text of one report by a citizen, in characters
MAX_TEXT = 5000
#: most pictures, recordings and films with one report
MAX_FILES = 9
#: reports within this many days count as "already reported nearby"
NEAR_DAYS = 30
#: share of the limit by address over the one by device: many people share one address
ADDRESS_FACTOR = 10
#: wrong number-and-code pairs an address (a number) may send within an hour
GUESSES_BY_ADDRESS = 30
GUESSES_BY_NUMBER = 60
HOUR = timedelta(hours=1)

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)(\d{4})(\d{4})(?!\d)")
_IDENTITY = re.compile(r"(?<![\dXx])([1-9]\d{5})(\d{8})(\d{3}[\dXx])(?![\dXx])")


def clean_text(text: str) -> str:
    """The text without control characters and needless space; line breaks stay.

    A null byte is refused by PostgreSQL, other controls spoil every Excel export.
    """
    kept = "".join(
        c for c in text.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c) != "Cc"
    )
    lines = [" ".join(line.split()) for line in kept.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def mask_phone(phone: str) -> str:
    """``13812345678`` → ``138****5678``; anything shorter keeps its last two characters."""
    phone = phone.strip()
    if len(phone) >= 11:
        return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"
    return "*" * max(len(phone) - 2, 0) + phone[-2:] if phone else ""


def mask_name(name: str) -> str:
    """``张小明`` → ``张**``."""
    name = name.strip()
    return name[:1] + "*" * (len(name) - 1)


def mask_text(text: str) -> str:
    """Mobile numbers and identity numbers inside a text, masked."""
    text = _IDENTITY.sub(lambda m: m[1] + "*" * 8 + m[3], text)
    return _PHONE.sub(lambda m: f"{m[1]}****{m[3]}", text)


def clean_number(number: str) -> str:
    """A case number or code as typed: full-width forms and inner spaces mended."""
    return re.sub(r"[\s\-—－]+", "", unicodedata.normalize("NFKC", number)).upper()


def wait(started: datetime, now: datetime, window: timedelta = HOUR) -> tuple[int, int]:
    """``(seconds, whole minutes)`` until a window that began at ``started`` is over."""
    seconds = max(int((started + window - now).total_seconds()), 1)
    return seconds, -(-seconds // 60)


def may_rate(
    *, state: str, closed_at: datetime | None, now: datetime, days: int, rated: bool
) -> bool:
    """A closed case may be rated once, within ``days`` after closing."""
    return (
        state == State.CLOSED
        and not rated
        and closed_at is not None
        and now <= closed_at + timedelta(days=days)
    )


def may_reopen(*, state: str, closed_at: datetime | None, now: datetime, days: int) -> bool:
    """A closed case may be reopened by its reporter within ``days`` after closing."""
    return (
        state == State.CLOSED and closed_at is not None and now <= closed_at + timedelta(days=days)
    )
