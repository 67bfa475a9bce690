"""Recordings: their length, their copies without what they tell, and what is refused in words."""

import io
from collections.abc import Callable

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from core import sounds
from lifang.core import files
from lifang.core.errors import Problem
from lifang.core.files.sound import mp4, ogg, plain, span, webm
from lifang.core.files.sound.edits import Broken, Walked
from lifang.core.models import StoredFile

pytestmark = pytest.mark.django_db
#: name and maker of what can tell secrets
MAKERS: list[tuple[str, Callable[..., bytes]]] = [
    ("a.wav", sounds.wav),
    ("a.mp3", sounds.mp3),
    ("a.ogg", sounds.ogg),
    ("a.m4a", sounds.mp4),
    ("a.webm", sounds.webm),
]


def take(data: bytes, name: str = "话.wav", kind: str = "audio") -> StoredFile:
    return files.accept(io.BytesIO(data), name=name, owner="user:1", kinds=(kind,))


def heard(row: StoredFile) -> bytes:
    answer = Client().get(files.url(row.sha256, "view"))
    assert answer.status_code == 200, answer.content
    return b"".join(answer)  # type: ignore[call-overload]  # a streaming answer


@pytest.mark.parametrize(("name", "make"), MAKERS)
def test_it_works(name: str, make: Callable[..., bytes]) -> None:
    row = take(make(3.0, secret=True), name)
    assert row.seconds == pytest.approx(3.0, abs=0.05)
    copy = heard(row)
    assert sounds.SECRET[:8] not in copy
    assert len(copy) == row.size
    again = take(copy, name)  # what is left is still whole
    assert again.seconds == pytest.approx(3.0, abs=0.05)


def test_lengths_of_what_has_no_margins() -> None:
    assert take(sounds.amr(2.0)).seconds == pytest.approx(2.0)
    assert take(sounds.fragmented_mp4(4.0)).seconds == pytest.approx(4.0, abs=0.2)
    assert heard(take(sounds.amr(1.0))) == sounds.amr(1.0)


def test_times_of_making_are_gone() -> None:
    copy = heard(take(sounds.mp4(2.0, secret=True)))
    assert (3_800_000_000).to_bytes(4, "big") not in copy
    assert b"udta" not in copy


def test_the_checksum_of_a_changed_page_is_right() -> None:
    data = sounds.ogg(2.0, secret=True)
    ((at, page),) = ogg.walk(data).edits
    assert data[at : at + 4] == b"OggS"
    blank = page[:22] + b"\0\0\0\0" + page[26:]
    assert int.from_bytes(page[22:26], "little") == ogg.checksum(blank)


@pytest.mark.parametrize(
    "data",
    [
        sounds.amr(3 * 3600),
        sounds.mp4(3 * 3600),
        sounds.ogg(3 * 3600),
        sounds.wav(3 * 3600, rate=1000),
    ],
    ids=["amr", "m4a", "ogg", "wav"],
)
def test_three_hours_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(Problem) as problem:
        take(data)
    assert problem.value.code == "file.too_long"
    assert str(problem.value) == "录音长 3 小时 0 分，最长 10 分，请分成几段录制"
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    "data",
    [
        sounds.mp4(2.0)[:60],
        sounds.mp4(2.0)[:-10],
        sounds.ogg(2.0)[:80],
        sounds.wav(0.0),
        b"#!AMR\n",
        b"ID3\x03\0\0\0\0\0\0" + b"\0" * 300,
        b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + b"A_OPUS",
        b"OggS" + b"\0" * 40,
        b"RIFF\0\0\0\0WAVEfmt ",
    ],
)
def test_what_cannot_be_played_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(Problem) as problem:
        take(data)
    assert problem.value.code == "file.broken"
    assert "重新录制" in str(problem.value)


def test_a_recording_cut_off_at_its_end_is_kept_as_far_as_it_goes() -> None:
    assert take(sounds.wav(4.0)[:-16_000]).seconds == pytest.approx(3.0)
    assert take(sounds.webm(4.0)[:-700]).seconds == pytest.approx(3.4, abs=0.6)


def test_a_picture_is_no_recording() -> None:
    with pytest.raises(Problem) as problem:
        take(b"\xff\xd8\xff" + b"\0" * 200)
    assert problem.value.code == "file.kind"


def test_a_film_that_tells_its_place_second_by_second_has_no_copy() -> None:
    row = take(sounds.mp4(2.0, handler=b"vide", brand=b"mp42"), "a.mp4", "video")
    assert heard(row)
    told = sounds.mp4(3.0, handler=b"meta", brand=b"mp42") + sounds.box(b"free", b"vide")
    row = take(told, "b.mp4", "video")
    answer = Client().get(files.url(row.sha256, "view"))
    assert answer.status_code == 404
    assert "无法去除" in answer.json()["message"]


def test_spans_as_people_say_them() -> None:
    assert [span(s) for s in (45, 200, 600, 10_800)] == [
        "45 秒",
        "3 分 20 秒",
        "10 分",
        "3 小时 0 分",
    ]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(
        [
            (plain.wav, sounds.wav(0.1, secret=True)),
            (plain.amr, sounds.amr(0.2)),
            (plain.mp3, sounds.mp3(0.2, secret=True)),
            (ogg.walk, sounds.ogg(1.0, secret=True)),
            (mp4.walk, sounds.mp4(1.0, secret=True)),
            (mp4.walk, sounds.fragmented_mp4(1.0)),
            (webm.walk, sounds.webm(0.5, secret=True)),
        ]
    ),
    st.integers(0, 5_000),
    st.binary(max_size=12),
)
def test_whatever_is_broken_ends_well(
    case: tuple[Callable[[bytes], Walked], bytes], at: int, junk: bytes
) -> None:
    walk, data = case
    at %= len(data)
    for broken in (data[:at], data[:at] + junk + data[at + len(junk) :], data[:at] + junk):
        try:
            found = walk(broken)
        except (Broken, IndexError, ValueError):
            continue
        assert found.seconds > 0
        assert all(o >= 0 and o + len(b) <= len(broken) for o, b in found.edits)
