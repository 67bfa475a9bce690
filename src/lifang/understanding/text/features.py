"""Messages as grams of characters and of syllables.

Four channels: characters and syllables (toneless pinyin, which survives the homophones of speech
recognition and of hasty typing) of the whole message and of its head, since the title or the first
words name the matter.
"""

import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

#: longer messages repeat themselves; bounds time and memory of a prediction
MOST_CHARS = 4_000
HEAD_CHARS = 40
LONGEST_GRAM = 3

_SPACES = re.compile(r"\s+")
_CJK = "\u3400-\u9fff\uf900-\ufaff"
_BETWEEN = re.compile(rf"(?<=[{_CJK},。!?;:、]) +(?=[{_CJK},。!?;:、])")


def clean(text: str) -> str:
    """One form of a message: full width to half, lower case, no lone surrogates or controls.

    Blanks between Chinese characters go (messages that come split into words are the same as
    those that do not); line ends stay, since the first line is the title.
    """
    text = text[: 4 * MOST_CHARS].encode("utf-8", "ignore").decode("utf-8")
    text = unicodedata.normalize("NFKC", text).lower()
    text = "".join(
        c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cn")
    )
    lines = (_BETWEEN.sub("", _SPACES.sub(" ", line)).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)[:MOST_CHARS]


def joined(cleaned: str) -> str:
    """A cleaned message in one line without blanks."""
    return cleaned.replace("\n", "").replace(" ", "")


def head(cleaned: str) -> str:
    """The first line of a cleaned message, or its first words."""
    first = joined(cleaned.split("\n", 1)[0])
    return (first if len(first) >= 4 else joined(cleaned))[:HEAD_CHARS]


@lru_cache(maxsize=32_768)
def syllable(character: str) -> str:
    """Toneless pinyin of a Chinese character; anything else is itself."""
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(character)) or character


#: sounds that speakers of the south and recognisers of speech do not tell apart
_MERGED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))


@lru_cache(maxsize=32_768)
def _sound(character: str) -> int:
    said = syllable(character)
    for fine, coarse in _MERGED:
        said = said.replace(fine, coarse)
    return zlib.crc32(said.encode())


#: channel → its weight beside the others; each is brought to unit length before
WEIGHTS = {"characters": 1.0, "sounds": 0.8, "head": 1.0, "head_sounds": 0.8}


@dataclass(frozen=True)
class Grams:
    """Grams of one channel: ``ids`` (uint32, ascending) and how often each occurs."""

    ids: Any
    counts: Any


def channels(cleaned: str) -> dict[str, Grams]:
    """The grams of each channel of a cleaned message."""
    whole, first = joined(cleaned), head(cleaned)
    return {
        "characters": _counted(_codes(whole)),
        "sounds": _counted(_numbers([_sound(c) for c in whole])),
        "head": _counted(_codes(first)),
        "head_sounds": _counted(_numbers([_sound(c) for c in first])),
    }


def _codes(text: str) -> Any:
    return _numbers([ord(c) for c in text])


def _numbers(values: list[int]) -> Any:
    import numpy as np

    return np.array(values, dtype=np.uint64)


def _hashes(codes: Any, length: int) -> Any:
    """A number for each gram of ``length``: its characters mixed, folded to 32 bits.

    Numbers instead of words: a model holds no text of the messages it was learnt from.
    """
    import numpy as np

    count = len(codes) - length + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint32)
    mixed = np.full(count, length, dtype=np.uint64)
    for k in range(length):
        mixed = (mixed ^ codes[k : k + count]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(16)).astype(np.uint32)


def _counted(codes: Any) -> Grams:
    import numpy as np

    found = [_hashes(codes, n) for n in range(1, LONGEST_GRAM + 1)]
    return Grams(*np.unique(np.concatenate(found), return_counts=True))


def key(cleaned: str) -> str:
    """What two messages share that are the same but for blanks and punctuation."""
    return "".join(c for c in cleaned if c.isalnum())


def digest(cleaned: str) -> int:
    """63 bits that stand for a message: tells whether a text was learnt from, without keeping it."""
    return int.from_bytes(hashlib.sha256(key(cleaned).encode()).digest()[:8], "big") >> 1


#: characters that a word shown to people neither begins nor ends with
_EDGES = frozenset("的了是在和有我你他们这那就都也很被把将要去来到从对为以及等之于与吗呢啊吧个")
_WORD_MOST = 6


def told(cleaned: str, strength: Mapping[int, float], most: int = 6) -> tuple[str, ...]:
    """The words of a message whose grams weigh most, the strongest first.

    ``strength``: number of a gram → how much it spoke. Grams that overlap are one word.
    """
    words: dict[str, float] = {}
    for line in cleaned.splitlines():
        for word, weight in _runs(joined(line), strength):
            if weight > words.get(word, 0.0):
                words[word] = weight
    kept: list[str] = []
    for word in sorted(words, key=lambda w: (-words[w], w)):
        if len(kept) < most and not any(word in k or k in word for k in kept):
            kept.append(word)
    return tuple(kept)


def _runs(line: str, strength: Mapping[int, float]) -> Iterable[tuple[str, float]]:
    """Stretches of a line that spoke, with what they weigh."""
    codes = _codes(line)
    found = []
    for n in range(2, LONGEST_GRAM + 1):
        for at, number in enumerate(_hashes(codes, n).tolist()):
            weight = strength.get(number, 0.0)
            if weight > 0 and line[at : at + n].isalnum():
                found.append((weight, at, at + n))
    found.sort(reverse=True)
    runs: list[tuple[float, int, int]] = []
    for weight, begin, end in found[:24]:
        for i, (sum_, first, last) in enumerate(runs):
            low, high = min(begin, first), max(end, last)
            overlap = begin < last and first < end
            if overlap and high - low <= _WORD_MOST and line[low:high].isalnum():
                runs[i] = (sum_ + weight, low, high)
                break
        else:
            runs.append((weight, begin, end))
    for weight, low, high in runs:
        word = line[low:high].strip("".join(_EDGES))
        if len(word) >= 2:
            yield word, weight
