"""A speech server of the city's own, by the request that most of them answer.

``POST multipart/form-data`` with ``file``, ``model``, ``language`` and ``prompt``; the answer is JSON
with ``text`` (the shape of OpenAI's ``/v1/audio/transcriptions``, which FunASR, vLLM, faster-whisper
and SenseVoice servers speak). Nothing is sent anywhere unless an operator sets the address.
"""

from collections.abc import Sequence

import httpx

from lifang.understanding.voice.engines.base import Recording, Spoken

#: a server that needs longer for ten minutes of sound is as good as none
TIMEOUT = httpx.Timeout(300.0, connect=5.0)
PROMPT = 200


class RemoteHttpEngine:
    """``url`` as set by the operator; ``key`` goes as ``Authorization: Bearer``."""

    name = "remote"
    #: the server decodes; nothing is needed here
    decodes = False

    def __init__(
        self, url: str, key: str = "", *, transport: httpx.BaseTransport | None = None
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._url = url
        self._client = httpx.Client(
            timeout=TIMEOUT, headers=headers, transport=transport, follow_redirects=False
        )

    def transcribe(self, sound: Recording, *, hints: Sequence[str]) -> Spoken:
        with sound.path.open("rb") as stream:
            answer = self._client.post(
                self._url,
                files={"file": ("recording", stream, sound.content_type)},
                data={"model": "default", "language": "zh", "prompt": "、".join(hints)[:PROMPT]},
            )
        answer.raise_for_status()
        said = answer.json()
        if not isinstance(said, dict) or not isinstance(said.get("text"), str):
            raise ValueError("the speech server's answer has no text")
        return Spoken(said["text"].strip()[:20_000], httpx.URL(self._url).host)
