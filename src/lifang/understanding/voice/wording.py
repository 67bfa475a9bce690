"""What an engine gave → what people read: simplified, mended by ear, numbers as figures."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog

from lifang.understanding.voice import lexicon, numbers

log = structlog.get_logger(__name__)
#: what Whisper writes where nobody speaks, learnt from subtitles of films
_NOBODY = re.compile(
    r"(?:请不吝点赞|點贊|点赞|订阅|訂閱|字幕|独播剧场|獨播劇場|谢谢观看|謝謝觀看|明镜|明鏡|Amara|中文字幕志愿者|下期再见)"
)
#: the same few characters again and again: an engine caught in a loop
_LOOP = re.compile(r"(.{2,20}?)(?:[，,、 ]?\1){3,}")
MOST = 5_000
#: engines of many languages set the marks of English
_MARKS = str.maketrans(",?!;:", "，？！；：")
_BESIDE_HAN = re.compile(r"(?<=[\u4e00-\u9fff])[,?!;:]\s*|\s*[,?!;:](?=[\u4e00-\u9fff])")


@dataclass(frozen=True)
class Worded:
    """``raw`` is what the engine gave; ``repairs`` what was taken for what."""

    text: str
    raw: str
    repairs: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Traditional characters as simplified ones; as it is where OpenCC is not installed."""
    try:
        return str(_simplifier().convert(text))
    except ImportError:
        return text


def worded(raw: str) -> Worded:
    """Every step may fail without losing the words before it."""
    text = _LOOP.sub(r"\1", simplified(raw[:MOST])).strip()
    text = _BESIDE_HAN.sub(lambda m: m[0].strip().translate(_MARKS), text)
    if len(text) < 60 and _NOBODY.search(text):
        text = ""
    repairs: tuple[tuple[str, str], ...] = ()
    try:
        mended = lexicon.mend(text, lexicon.lexicon()) if lexicon.installed() else None
        if mended is not None:
            text, repairs = numbers.written(mended.text, mended.names), mended.repairs
        else:
            text = numbers.written(text)
    except (ValueError, KeyError, IndexError):
        log.exception("transcript_not_mended")
    return Worded(text, raw, repairs)
