"""A recording as samples. Needs the extra ``[speech]`` (PyAV, numpy)."""

from pathlib import Path
from typing import TYPE_CHECKING

from lifang.understanding.voice.engines.base import RATE

if TYPE_CHECKING:
    import numpy as np

#: quieter than this, −50 dB under the loudest there is, nobody speaks
QUIET = 0.003
#: speech fills at least so much of a second
LEAST = 0.25


def decode(path: Path, *, most: float) -> "np.ndarray":
    """Samples as float32, one channel, 16,000 a second, of at most ``most`` seconds.

    What is cut off at its end is given as far as it goes; raises ``ValueError`` where there is
    no sound at all.
    """
    import av
    import numpy as np

    parts, length = [], 0
    limit = int(most * RATE)
    try:
        with av.open(str(path), metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise ValueError("no sound in it")
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in container.decode(audio=0):
                for part in resampler.resample(frame):
                    samples = part.to_ndarray().reshape(-1)
                    parts.append(samples)
                    length += len(samples)
                if length >= limit:
                    break
    except av.error.FFmpegError as problem:
        if not parts:
            raise ValueError(f"not to be decoded: {problem}") from problem
    if not parts:
        raise ValueError("no sound in it")
    pcm: np.ndarray = np.concatenate(parts)[:limit].astype(np.float32) / 32_768
    return pcm


def silent(pcm: "np.ndarray") -> bool:
    """Whether nobody speaks: all quiet, or noise in which a voice detector finds no voice."""
    import numpy as np

    block = RATE // 20
    whole = len(pcm) // block * block
    if not whole:
        return True
    loud = np.sqrt((pcm[:whole].reshape(-1, block) ** 2).mean(axis=1)) > QUIET
    if loud.sum() * 0.05 < LEAST:
        return True
    return not _voice(pcm)


def _voice(pcm: "np.ndarray") -> bool:
    """Silero's detector, which faster-whisper brings; without it, sound counts as speech."""
    try:
        from faster_whisper.vad import VadOptions, get_speech_timestamps
    except ImportError:
        return True
    return bool(get_speech_timestamps(pcm, VadOptions(min_speech_duration_ms=200)))
