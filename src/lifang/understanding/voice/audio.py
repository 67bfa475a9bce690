"""A recording as samples. Needs the extra ``[speech]`` (soundfile, numpy, scipy).

WAV, MP3, Ogg and WebM with Opus are decoded by libsndfile (LGPL). AAC and AMR have no decoder in a
wheel that carries no GPL code: they are decoded by the machine's ``ffmpeg``, or by PyAV, where an
operator has installed one of them; else a person listens.
"""

import importlib.util
import io
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from lifang.core.files.sound.edits import Broken
from lifang.understanding.voice.engines.base import RATE, NoEngine
from lifang.understanding.voice.remux import ogg_of_webm

if TYPE_CHECKING:
    import numpy as np

#: quieter than this, −50 dB under the loudest there is, nobody speaks
QUIET = 0.003
#: speech fills at least so much of a second
LEAST = 0.25
#: what libsndfile reads
_PLAIN = ("audio/wav", "audio/mpeg", "audio/ogg")
#: seconds that ffmpeg may take for ten minutes of sound
_PATIENCE = 120


def decode(path: Path, content_type: str, *, most: float) -> "np.ndarray":
    """Samples as float32, one channel, 16,000 a second, of at most ``most`` seconds.

    What is cut off at its end is given as far as it goes; raises ``ValueError`` where there is no
    sound, :class:`NoEngine` where nothing here decodes it.
    """
    if content_type in _PLAIN:
        return _plain(path, most)
    if content_type == "audio/webm":
        try:
            return _plain(io.BytesIO(ogg_of_webm(path.read_bytes())), most)
        except Broken:
            pass  # Vorbis, or laced: the others below may know it
    if importlib.util.find_spec("av") is not None:
        return _by_av(path, most)
    if program := shutil.which("ffmpeg"):
        return _by_ffmpeg(program, path, most)
    raise NoEngine(f"解码 {content_type} 需要 ffmpeg，本机没有安装")


def _plain(source: Path | io.BytesIO, most: float) -> "np.ndarray":
    import numpy as np
    import soundfile
    from scipy.signal import resample_poly

    try:
        with soundfile.SoundFile(source if isinstance(source, io.BytesIO) else str(source)) as file:
            pcm = file.read(int(most * file.samplerate), dtype="float32", always_2d=True)
            rate = file.samplerate
    except soundfile.LibsndfileError as problem:
        raise ValueError(f"not to be decoded: {problem}") from problem
    mono = pcm.mean(axis=1)
    if not len(mono):
        raise ValueError("no sound in it")
    if rate != RATE:
        share = Fraction(RATE, rate)
        mono = resample_poly(mono, share.numerator, share.denominator)
    found: np.ndarray = np.asarray(mono, dtype=np.float32)
    return found


def _by_av(path: Path, most: float) -> "np.ndarray":
    import av
    import numpy as np

    parts, length, limit = [], 0, int(most * RATE)
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


def _by_ffmpeg(program: str, path: Path, most: float) -> "np.ndarray":
    import numpy as np

    # only files, no network: a container may name other places to read from
    done = subprocess.run(  # noqa: S603  (a fixed program; the path is our own)
        [program, "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe", "-i", str(path),
         "-t", str(most), "-vn", "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"],
        capture_output=True, timeout=_PATIENCE, check=False,
    )  # fmt: skip
    if not done.stdout:
        raise ValueError(f"not to be decoded: {done.stderr.decode(errors='replace')[:200]}")
    pcm: np.ndarray = np.frombuffer(done.stdout[: len(done.stdout) // 2 * 2], "<i2")
    return pcm.astype(np.float32) / 32_768


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
    from lifang.understanding.voice.engines import whisper

    if not whisper.installed():
        return True
    vad = whisper.module("faster_whisper.vad")
    return bool(vad.get_speech_timestamps(pcm, vad.VadOptions(min_speech_duration_ms=200)))
