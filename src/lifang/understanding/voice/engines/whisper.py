"""Whisper through faster-whisper (MIT), with a model folder in CTranslate2's format."""

import importlib.util
import logging
import sys
from collections.abc import Sequence
from importlib import import_module
from math import exp
from pathlib import Path
from types import ModuleType
from typing import Any

from lifang.understanding.voice.engines.base import NoEngine, Recording, Spoken

#: letters of hints that the prompt may have: more, and it forgets what it hears
PROMPT = 120


def installed() -> bool:
    """Whether faster-whisper and what it computes with are there."""
    names = ("faster_whisper", "ctranslate2", "tokenizers", "onnxruntime")
    return all(importlib.util.find_spec(n) is not None for n in names)


def module(name: str) -> Any:
    """A module of faster-whisper. It imports PyAV, only to open files, and PyAV's wheels carry GPL
    encoders: we give it samples, so an empty module stands in where PyAV is not installed."""
    if importlib.util.find_spec("av") is None and "av" not in sys.modules:
        sys.modules["av"] = ModuleType("av")
        try:
            return import_module(name)
        finally:
            del sys.modules["av"]
    return import_module(name)


class FasterWhisperEngine:
    """``folder`` has ``model.bin``, ``config.json``, ``tokenizer.json`` and a vocabulary."""

    decodes = True

    def __init__(self, folder: Path, *, name: str = "") -> None:
        if not installed():
            raise NoEngine("没有安装 faster-whisper：请安装 lifang[speech]")
        logging.getLogger("faster_whisper").setLevel(logging.WARNING)
        self.name = "whisper"
        self.model = name or folder.name
        self._model = module("faster_whisper").WhisperModel(
            str(folder), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True
        )

    def transcribe(self, sound: Recording, *, hints: Sequence[str]) -> Spoken:
        """1.5 to 2 s for a recording of up to 30 s with the base model on two cores."""
        prompt = ""
        for hint in hints:
            if len(prompt) + len(hint) > PROMPT:
                break
            prompt += f"、{hint}" if prompt else hint
        segments, _info = self._model.transcribe(
            sound.pcm,
            language="zh",
            beam_size=5,
            # the ladder of temperatures turns bad sound into minutes of work
            temperature=0.0,
            condition_on_previous_text=False,
            initial_prompt=f"以下是普通话的句子，市民反映：{prompt}。",
            vad_filter=True,
            no_speech_threshold=0.6,
        )
        found = [s for s in segments if s.no_speech_prob < 0.8]
        if not found:
            return Spoken("", self.model, 0.0)
        words = "，".join(s.text.strip(" ，。") for s in found if s.text.strip(" ，。"))
        mean = sum(s.avg_logprob for s in found) / len(found)
        return Spoken(words, self.model, round(exp(mean), 3))
