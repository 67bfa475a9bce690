"""Text in a picture: PP-OCR through ``rapidocr`` (Apache-2.0), weights in its package.

Needs the extra ``[pictures]``.
"""

import importlib.util
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from PIL import Image

from lifang.understanding.pictures.fields import Line, cut_short, plain

#: longest side looked at, in pixels
EDGE = 1280
#: so much around a line that is looked at again
RIM = 0.3
#: lines looked at again in one picture
AGAIN = 5


def installed() -> bool:
    return importlib.util.find_spec("rapidocr") is not None


def name() -> str:
    try:
        return f"rapidocr-{version('rapidocr')}"
    except PackageNotFoundError:
        return ""


@lru_cache(maxsize=1)
def _engine() -> Any:
    import logging

    from rapidocr import RapidOCR

    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return RapidOCR(
        params={"Global.log_level": "error", "EngineConfig.onnxruntime.intra_op_num_threads": 1}
    )


def read(image: Image.Image) -> list[Line]:
    """Lines of text with boxes in pixels of ``image``; 0.5 s for 1280 pixels on one core.

    A line whose mobile number lost figures (the reader drops repeated ones) is read again at
    twice the size; the longer reading counts.
    """
    share = min(1.0, EDGE / max(image.size))
    small = image.convert("RGB")
    if share < 1:
        small = small.resize((round(image.width * share), round(image.height * share)))
    lines = [_grown(line, 1 / share) for line in _lines(small)]
    for line in cut_short(lines)[:AGAIN]:
        better = _again(image, line)
        if better is not None:
            lines[lines.index(line)] = better
    return lines


def _lines(image: Image.Image) -> list[Line]:
    import numpy as np

    # the engine takes BGR, as OpenCV does
    found = _engine()(np.ascontiguousarray(np.asarray(image)[:, :, ::-1]))
    if found.boxes is None or found.txts is None:
        return []
    scores = found.scores or (0.0,) * len(found.txts)
    return [
        Line(
            text,
            float(score),
            (
                float(box[:, 0].min()),
                float(box[:, 1].min()),
                float(box[:, 0].max()),
                float(box[:, 1].max()),
            ),
        )
        for box, text, score in zip(found.boxes, found.txts, scores, strict=True)
    ]


def _grown(line: Line, by: float) -> Line:
    left, top, right, bottom = line.box
    return Line(line.text, line.score, (left * by, top * by, right * by, bottom * by))


def _again(image: Image.Image, line: Line) -> Line | None:
    left, top, right, bottom = line.box
    rim = RIM * (bottom - top)
    part = image.crop(
        (
            max(0, int(left - rim)),
            max(0, int(top - rim)),
            min(image.width, int(right + rim)),
            min(image.height, int(bottom + rim)),
        )
    )
    # twice the height, and wider still: repeated figures need room between them
    part = part.convert("RGB").resize((part.width * 3, part.height * 2), Image.Resampling.BICUBIC)
    best = max(_lines(part), key=lambda x: _figures(x.text), default=None)
    if best is None or _figures(best.text) <= _figures(line.text):
        return None
    return Line(best.text, best.score, line.box)


def _figures(text: str) -> int:
    return sum(c.isdigit() for c in plain(text))
