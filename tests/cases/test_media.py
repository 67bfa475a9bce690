"""What pictures of a case say beside its words."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from factories_cases import LAT, LNG, Town, make_file, make_report, make_town
from factories_orgs import client_for, make_user
from lifang.cases import actions
from lifang.cases.models import Case, Evidence
from lifang.cases.queries.media import media
from lifang.core.files import likeness
from lifang.core.models import PictureMark, StoredFile
from lifang.orgs.choices import Role
from lifang.orgs.models import User
from lifang.understanding.pictures.models import PictureFinding

pytestmark = pytest.mark.django_db


@pytest.fixture
def town() -> Town:
    return make_town()


def marked(value: int, **kw: Any) -> StoredFile:
    """A stored picture that looks as ``value`` says."""
    row = make_file(**kw)
    bands = {f"band{n}": b for n, b in enumerate(likeness.bands(value))}
    PictureMark.objects.create(file=row, dhash=value, **bands)
    return row


def of(case: Case, town: Town, who: str = "checker") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = media(town[who], case.pk)["pictures"]
    return found


def test_it_works(town: Town) -> None:
    photo = make_file(
        taken_at=timezone.now() - dt.timedelta(days=3, hours=1), exif_lng=LNG, exif_lat=LAT + 0.0108
    )
    case = make_report(file_ids=[photo.pk]).case
    (picture,) = of(case, town)
    words = [d["words"] for d in picture["differences"]]
    assert words == ["照片拍摄于3天前", "照片拍摄地距所报地点1.2公里"]
    assert picture["publicity_words"] == "待核"


def test_an_after_photo_of_another_case_is_shown_to_the_checker_with_that_case(town: Town) -> None:
    value = 0x0F1E2D3C4B5A6978
    first = town.dispatched()
    actions.hand_back(
        by=town["handler"], case_id=first.pk, note="好了", file_ids=[marked(value).pk]
    )
    second = town.dispatched()
    again = marked(value ^ 0b1011)
    actions.hand_back(by=town["handler"], case_id=second.pk, note="好了", file_ids=[again.pk])
    (picture,) = of(second, town)
    (found,) = picture["used_again"]
    assert (found["case_id"], found["number"], found["distance"]) == (first.pk, first.number, 3)
    assert found["words"] == f"与案件 {first.number}的照片高度相似，可能重复使用"


def test_the_same_file_twice_is_found_without_any_hash(town: Town) -> None:
    photo = make_file()
    first, second = town.dispatched(), town.dispatched()
    for case in (first, second):
        actions.hand_back(by=town["handler"], case_id=case.pk, note="好了", file_ids=[photo.pk])
    assert [a["number"] for a in of(second, town)[0]["used_again"]] == [first.number]


def test_a_photo_before_handed_in_as_the_one_after(town: Town) -> None:
    photo = marked(0x123456789ABCDEF)
    case = town.dispatched(file_ids=[photo.pk])
    actions.hand_back(by=town["handler"], case_id=case.pk, note="好了", file_ids=[photo.pk])
    before, after = of(case, town)
    assert before["used_again"] == []
    assert after["used_again"][0]["words"] == "与本案处置前照片相同，可能不是处置后的现场"


def test_an_after_photo_older_than_the_report(town: Town) -> None:
    case = town.dispatched()
    old = make_file(taken_at=timezone.now() - dt.timedelta(hours=5))
    actions.hand_back(by=town["handler"], case_id=case.pk, note="好了", file_ids=[old.pk])
    (picture,) = of(case, town)
    assert [d["kind"] for d in picture["differences"]] == ["before_report"]


def test_pictures_drawn_for_the_made_up_city_are_not_compared(town: Town) -> None:
    photo = make_file(owner="demo")
    make_report(file_ids=[photo.pk])
    assert of(make_report(file_ids=[photo.pk]).case, town)[0]["used_again"] == []


def test_a_case_of_elsewhere_is_not_named(town: Town) -> None:
    photo = make_file()
    make_report(file_ids=[photo.pk])
    Case.objects.update(area="440100")
    here = make_report(file_ids=[photo.pk]).case
    (found,) = of(here, town)[0]["used_again"]
    assert (found["case_id"], found["number"]) == (None, "")
    assert found["words"] == "与另一案件的照片相同，可能是同一问题"


def test_no_more_statements_for_more_pictures(
    town: Town, django_assert_max_num_queries: Any
) -> None:
    photos = [make_file().pk for _n in range(9)]
    case = make_report(file_ids=photos).case
    with django_assert_max_num_queries(7):
        assert len(of(case, town)) == 9


def test_a_person_decides_what_everybody_sees(town: Town, monkeypatch: Any) -> None:
    photo = make_file()
    case = make_report(file_ids=[photo.pk]).case
    PictureFinding.objects.create(file=photo, publicity="checked", checked_at=timezone.now())
    path = f"/api/v1/cases/{case.pk}/pictures/{photo.pk}"
    clerk = client_for(User.objects.get(pk=town["acceptor"].user_id or 0))

    def put(client: Any, **body: Any) -> Any:
        return client.put(path, body, content_type="application/json")

    assert put(clerk, show=False).status_code == 422
    answer = put(clerk, show=False, reason="能认出住户")
    assert answer.status_code == 200, answer.content
    assert answer.json()["pictures"][0]["publicity"] == "held"
    assert put(client_for(make_user(role=Role.HANDLER)), show=True).status_code == 404
    checker = client_for(User.objects.get(pk=town["checker"].user_id or 0))
    assert put(checker, show=True).status_code == 403
    other = make_file()
    missing = clerk.put(
        f"/api/v1/cases/{case.pk}/pictures/{other.pk}",
        {"show": True},
        content_type="application/json",
    )
    assert missing.status_code == 404
    assert Evidence.objects.count() == 1
