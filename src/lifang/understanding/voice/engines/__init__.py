"""Who writes down what is said: one of several engines behind one shape, chosen by setting."""

from lifang.config import config
from lifang.understanding.voice.engines import packaged, sherpa, whisper
from lifang.understanding.voice.engines.base import Engine, NoEngine, Recording, Spoken

__all__ = ["Engine", "NoEngine", "Recording", "Spoken", "chosen", "engine"]

_MADE: dict[tuple[str, str], Engine] = {}


def chosen() -> str:
    """Which engine is set up here: its key, or empty where there is none. Loads nothing."""
    wish = config().speech_engine
    if wish != "auto":
        return "" if wish == "off" else wish
    if config().speech_url:
        return "remote"
    folder = config().speech_model
    if folder is not None:
        return "whisper" if (folder / "model.bin").is_file() else "sherpa"
    return "packaged" if whisper.installed() and packaged.parts() else ""


def engine() -> Engine:
    """The engine of this process, loaded once. Raises :class:`NoEngine` in words."""
    key = chosen()
    where = str(config().speech_model or "")
    if (key, where) not in _MADE:
        _MADE[key, where] = _make(key)
    return _MADE[key, where]


def _make(key: str) -> Engine:
    if key == "remote":
        from lifang.understanding.voice.engines.remote import RemoteHttpEngine

        return RemoteHttpEngine(config().speech_url, config().speech_key.get_secret_value())
    if key == "packaged":
        return whisper.FasterWhisperEngine(packaged.folder(), name=packaged.NAME)
    folder = config().speech_model
    if key in ("sherpa", "whisper") and (folder is None or not folder.is_dir()):
        raise NoEngine(f"LIFANG_SPEECH_MODEL 不是文件夹：{folder}")
    if key == "sherpa" and folder is not None:
        return sherpa.SherpaOnnxEngine(folder)
    if key == "whisper" and folder is not None:
        return whisper.FasterWhisperEngine(folder)
    raise NoEngine("没有语音转写引擎：请安装 lifang[speech]，或设置 LIFANG_SPEECH_URL")
