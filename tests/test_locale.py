"""English is complete beside the Chinese: every marked text has a translation with its placeholders."""

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "scripts"))
import compile_locale
import messages

_PLACE = re.compile(r"%\(\w+\)[sd]|%[sd]|\{[^}]*\}")


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    path = messages.ROOT / messages.PO
    return compile_locale.read(path)


def test_it_works(english: dict[str, str]) -> None:
    assert english["登录"] == "Sign in"


def test_every_text_has_its_english(english: dict[str, str]) -> None:
    known = {key.split("\x00")[0] for key in english}
    missing = sorted(set(messages.found()) - known)
    assert not missing, "run scripts/messages.py and translate:\n" + "\n".join(missing)


def test_no_english_is_left_of_a_text_that_is_gone(english: dict[str, str]) -> None:
    found = set(messages.found())
    stale = sorted(k.split("\x00")[0] for k in english if k and k.split("\x00")[0] not in found)
    assert not stale, "run scripts/messages.py:\n" + "\n".join(stale)


def test_placeholders_are_the_same_on_both_sides(english: dict[str, str]) -> None:
    wrong = []
    for source, text in english.items():
        want = sorted(_PLACE.findall(source.split("\x00")[0]))
        wrong += [
            source for form in text.split("\x00") if source and sorted(_PLACE.findall(form)) != want
        ]
    assert not wrong


def test_no_chinese_is_left_in_the_english(english: dict[str, str]) -> None:
    allowed = re.compile("里坊|紧急工作时|小时|个工作日|自然日|、")
    left = [
        t for s, t in english.items() if s and re.search(r"[\u4e00-\u9fff]", allowed.sub("", t))
    ]
    assert not left
