"""Code templates: other cities' lengths are data, not program."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.core.errors import Invalid
from lifang.places import codes


def test_it_works() -> None:
    assert codes.render("{region}{serial:3}", {"region": "990102001001"}, 7) == "990102001001007"


@pytest.mark.parametrize(
    ("template", "context", "code"),
    [
        ("{region}{serial:3}", {"region": "990102001001"}, "990102001001001"),  # 15, GB/T 30428.1
        ("{region}{serial:2}", {"region": "990102001001"}, "99010200100101"),  # 14, CJ/T 213
        (
            "{region:6}{category:4}{serial:6}",
            {"region": "990102001", "category": "0103"},
            "9901020103000001",
        ),
        ("{parent}{digits:3}", {"parent": "990102"}, "990102001"),
        ("{type}-{serial:4}", {"type": "market"}, "market-0001"),
    ],
)
def test_known_formats_fit(template: str, context: dict[str, str], code: str) -> None:
    assert codes.matches(template, code, context)
    assert not codes.matches(template, code + "1", context)
    assert not codes.matches(template, "8" + code[1:], context)


@given(st.integers(0, 999), st.text("0123456789", min_size=6, max_size=12))
def test_what_is_rendered_matches(serial: int, region: str) -> None:
    template = "{region:6}-{serial:3}"
    code = codes.render(template, {"region": region}, serial)
    assert codes.matches(template, code, {"region": region})
    assert codes.next_serial(template, {"region": region}, [code, "other"]) == serial + 1


@pytest.mark.parametrize(
    "bad", ["", "abc", "{serial}", "{nobody:3}", "{serial:3}{serial:2}", "{region", "{Region}"]
)
def test_a_template_nobody_can_follow_is_refused(bad: str) -> None:
    with pytest.raises(Invalid) as told:
        codes.parse(bad)
    assert told.value.fields[0].path == "template"


def test_a_full_serial_says_so() -> None:
    with pytest.raises(Invalid) as told:
        codes.render("{serial:2}", {}, 100)
    assert told.value.code == "code.serial_full"


def test_a_template_with_hand_written_digits_cannot_count() -> None:
    with pytest.raises(Invalid) as told:
        codes.render("{parent}{digits:3}", {"parent": "9901"}, 1)
    assert told.value.code == "code.needs_hand"


def test_the_form_is_told_in_words() -> None:
    assert codes.describe("{region}{serial:3}", {"region": "9901"}) == "9901 + 3 位流水号"
