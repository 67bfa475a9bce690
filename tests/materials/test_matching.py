"""Files to slots by number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifang.materials.matching import Matcher, Target, noise, normal, sort_key

TARGETS = (
    Target(1, "II-3-12-1", "II-3-12", "plan"),
    Target(2, "II-3-12-2", "II-3-12", "report"),
    Target(3, "II-3-1", "II-3-1", ""),
    Target(4, "II-3-13", "II-3-13", "photos"),
    Target(5, "M01-1", "M01", "方案"),
)
match = Matcher(TARGETS)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("II-3-12-1 工作方案.pdf", 1),
        ("ii_3_12_2说明.docx", 2),
        ("Ⅱ—３—12．1方案.pdf", 1),
        ("II.3.12.1.pdf", 1),
        ("II-3-12-1-3 附件.pdf", 1),
        ("II-3-1 总结.pdf", 3),
        ("II-3-1.pdf", 3),
        ("II-3-14.pdf", None),
        ("II-3-12.pdf", None),
        ("II-3-13照片1.jpg", 4),
        ("II-3-12-plan.pdf", 1),
        ("材料/II-3-12-1 方案/附件2.pdf", 1),
        ("II-3-12-2 报告/II-3-13 照片.jpg", 4),
        ("M01-方案.docx", 5),
        ("M01-10.pdf", None),
        ("方案.pdf", None),
        ("", None),
        ("///", None),
        ("../../II-3-12-1.pdf", 1),
    ],
)
def test_it_works(path: str, wanted: int | None) -> None:
    assert match(path) == wanted


def test_a_name_of_two_slots_is_neither() -> None:
    twice = Matcher([Target(1, "A-1", "A", "x"), Target(2, "A-x", "A", "y")])
    assert twice("A-x.pdf") is None
    assert twice("A-1.pdf") == 1


@given(
    st.sampled_from(TARGETS),
    st.sampled_from(["-", "_", " ", "—", "．", "."]),
    st.text(alphabet="方案报告甲乙丙（）", max_size=8),
)
def test_any_separator_and_any_chinese_title(target: Target, mark: str, title: str) -> None:
    assert match(target.number.replace("-", mark) + title + ".pdf") == target.id
    assert match(f"资料/{target.number.lower()} {title}/1.pdf") == target.id


@given(st.text(max_size=60))
def test_no_name_breaks_it(path: str) -> None:
    assert match(path) in {None, 1, 2, 3, 4, 5}
    assert normal(normal(path)) == normal(path)
    sorted([path, "a2", "a10"], key=sort_key)


@given(st.integers(0, 99), st.integers(0, 99))
def test_a_number_is_never_found_within_a_longer_one(a: int, b: int) -> None:
    only = Matcher([Target(1, f"II-{a}")])
    assert only(f"II-{b}.pdf") == (1 if a == b else None)


def test_leftovers_of_systems() -> None:
    assert noise("__MACOSX/._a.pdf") and noise("x/Thumbs.db") and noise("~$方案.docx")
    assert not noise("方案.pdf")


def test_numbers_sort_by_value() -> None:
    assert sorted(["A-10.pdf", "A-2.pdf", "A-1.pdf"], key=sort_key) == [
        "A-1.pdf",
        "A-2.pdf",
        "A-10.pdf",
    ]
