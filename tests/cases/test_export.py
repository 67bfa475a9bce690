"""The case list as a workbook says in words what it was narrowed down to."""

import pytest

from factories_cases import make_town
from lifang.cases import export
from lifang.cases.queries.filters import CaseFilter

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    town = make_town()
    case = town.dispatched()
    assert case.category is not None and case.lead_unit is not None
    asked = CaseFilter.model_validate(
        {
            "state": ["dispatched", "closed"],
            "unit": case.lead_unit_id,
            "category": case.category.key,
            "late": True,
        }
    )
    assert dict(export.in_words(asked)) == {
        "状态": "待处置、已结案",
        "主办单位（含下级）": case.lead_unit.name,
        "类别": case.category.name,
        "超期": "是",
    }


def test_every_filter_has_a_word() -> None:
    assert set(CaseFilter.model_fields) == set(export.names())
