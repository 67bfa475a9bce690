"""sherpa-onnx (Apache-2.0) with a model folder that the city supplies; its kind is told by its files."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lifang.understanding.voice.engines.base import RATE, NoEngine, Recording, Spoken

THREADS = 2


class SherpaOnnxEngine:
    """SenseVoice, Paraformer, Zipformer (transducer or CTC) or Whisper, as published by sherpa-onnx."""

    decodes = True

    def __init__(self, folder: Path) -> None:
        if importlib.util.find_spec("sherpa_onnx") is None:
            raise NoEngine("没有安装 sherpa-onnx：pip install sherpa-onnx")
        import sherpa_onnx

        self.name = "sherpa-onnx"
        self.model = folder.name
        self._recogniser = _load(sherpa_onnx.OfflineRecognizer, folder)

    def transcribe(self, sound: Recording, *, hints: Sequence[str]) -> Spoken:
        stream = self._recogniser.create_stream()
        stream.accept_waveform(RATE, sound.pcm)
        self._recogniser.decode_stream(stream)
        return Spoken(str(stream.result.text).strip(), self.model)


def kind_of(folder: Path) -> str:
    """What a folder holds: transducer | whisper | sense_voice | paraformer | zipformer_ctc."""
    if _one(folder, "*joiner*.onnx"):
        return "transducer"
    if _one(folder, "*encoder*.onnx") and _one(folder, "*decoder*.onnx"):
        return "paraformer-streaming" if "paraformer" in folder.name else "whisper"
    names = folder.name.lower() + " " + " ".join(p.name.lower() for p in folder.glob("*.onnx"))
    if "sense" in names:
        return "sense_voice"
    if "paraformer" in names:
        return "paraformer"
    return "zipformer_ctc" if "ctc" in names else ""


def _one(folder: Path, pattern: str) -> str:
    """The file of that name; the 8-bit one where there are two."""
    found = sorted(folder.glob(pattern), key=lambda p: ("int8" not in p.name, p.name))
    return str(found[0]) if found else ""


def _load(maker: Any, folder: Path) -> Any:
    kind, tokens = kind_of(folder), _one(folder, "*tokens*.txt")
    model = _one(folder, "*.onnx")
    if not tokens or not model:
        raise NoEngine(f"{folder} 里没有 *.onnx 和 tokens.txt")
    common = {"tokens": tokens, "num_threads": THREADS}
    encoder, decoder = _one(folder, "*encoder*.onnx"), _one(folder, "*decoder*.onnx")
    if kind == "transducer":
        joiner = _one(folder, "*joiner*.onnx")
        return maker.from_transducer(encoder=encoder, decoder=decoder, joiner=joiner, **common)
    if kind == "whisper":
        return maker.from_whisper(encoder=encoder, decoder=decoder, language="zh", **common)
    if kind == "sense_voice":
        return maker.from_sense_voice(model=model, language="zh", use_itn=True, **common)
    if kind == "paraformer":
        return maker.from_paraformer(paraformer=model, **common)
    if kind == "zipformer_ctc":
        return maker.from_zipformer_ctc(model=model, **common)
    raise NoEngine(f"认不出 {folder} 是哪一种语音模型（文件夹名请保留发布时的名字）")
