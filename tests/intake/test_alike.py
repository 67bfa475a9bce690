"""Before sending: was this reported already, and shall it be followed?"""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from factories_cases import LAT, LNG, Town, make_file, make_report, make_town
from factories_orgs import acting_for, make_user
from factories_places import make_site
from lifang.cases import actions
from lifang.cases.choices import State
from lifang.cases.models import Case, Evidence, Report, Step
from lifang.cases.telling import tell
from lifang.core import files
from lifang.core.models import Notification
from lifang.orgs.choices import Role
from lifang.understanding.pictures.models import PictureFinding, Publicity

pytestmark = pytest.mark.django_db
URL = "/api/v1/public/alike"
WORDS = "小区北门口垃圾桶满了三天没人清"
OTHERS = "北门口的垃圾桶又满了没人清，臭"


@pytest.fixture
def town() -> Town:
    return make_town()


def ask(**kw: Any) -> Any:
    body = {"text": OTHERS, "lng": LNG + 0.0001, "lat": LAT, "system": "wgs84"} | kw
    return Client().post(URL, body, content_type="application/json")


def form(**kw: Any) -> dict[str, Any]:
    return {
        "client_id": "form-0001", "text": OTHERS, "lng": str(LNG), "lat": str(LAT),
        "system": "wgs84", "address": "北门口",
    } | kw  # fmt: skip


def test_it_works(town: Town) -> None:
    case = make_report(text=WORDS, category_key=town.category.key, address="北门口").case
    answer = ask()
    assert answer.status_code == 200, answer.content
    [known] = answer.json()
    assert known["number"] == case.number
    assert known["category"] == town.category.name
    assert 5 < known["metres"] < 15
    assert WORDS not in answer.content.decode()


def test_something_else_or_elsewhere_asks_nothing(town: Town) -> None:
    make_report(text=WORDS, category_key=town.category.key)
    assert ask(text="广场舞音响太大影响学生").json() == []
    assert ask(lng=LNG + 0.01).json() == []
    assert ask(lng=None, lat=None, system="").json() == []


def test_a_class_that_is_not_for_the_public_is_not_shown(town: Town) -> None:
    make_report(text=WORDS, category_key=town.category.key)
    town.category.public = False
    town.category.save()
    from lifang.core import stamps
    from lifang.standards.queries import STAMP

    stamps.bump(STAMP)
    assert ask().json() == []


@pytest.mark.parametrize(
    ("publicity", "shown"),
    [(Publicity.CHECKED, True), (Publicity.HELD, False), (Publicity.FAILED, False), (None, False)],
)
def test_only_a_checked_picture_is_shown(
    town: Town, publicity: Publicity | None, shown: bool
) -> None:
    photo = make_file()
    make_report(text=WORDS, file_ids=[photo.pk])
    if publicity is not None:
        PictureFinding.objects.create(file=photo, publicity=publicity, checked_at=timezone.now())
    thumb = ask().json()[0]["thumb"]
    assert bool(thumb) is shown
    assert not shown or "/public-thumb?" in thumb


def test_without_position_the_site_that_is_said_is_asked_for(town: Town) -> None:
    make_site(name="金穗花园", region=town.region)
    case = make_report(text="金穗花园门口垃圾没人清", lng=None, lat=None).case
    [known] = ask(text="门口垃圾桶满了没人清", address="金穗花园", lng=None, lat=None).json()
    assert (known["number"], known["metres"]) == (case.number, None)


def test_an_undeclared_system_is_refused(town: Town) -> None:
    assert ask(system="").status_code == 422


def test_the_form_asks_before_it_sends_and_keeps_the_pictures(town: Town) -> None:
    first = make_report(text=WORDS, category_key=town.category.key).case
    client, photo = Client(), make_file()
    page = client.post("/report", form(kept=[files.token(photo)]))
    body = page.content.decode()
    assert page.status_code == 200
    assert "已有人反映，要关注它吗？" in body
    assert Report.objects.count() == 1
    carried = {
        m[1]: m[2] for m in re.finditer(r'type="hidden" name="([^"]+)" value="([^"]*)"', body)
    }
    assert files.by_token(carried["kept"]) == photo
    done = client.post("/report", carried | {"same_as": first.number})
    assert done.status_code == 302
    joined = Report.objects.order_by("-id")[0]
    assert joined.case_id == first.pk
    assert joined.origin.state == State.MERGED
    assert Evidence.objects.filter(report=joined, file=photo).exists()


def test_another_matter_is_sent_as_its_own(town: Town) -> None:
    first = make_report(text=WORDS, category_key=town.category.key).case
    done = Client().post("/report", form(asked="1", same_as=""))
    assert done.status_code == 302
    own = Report.objects.order_by("-id")[0].case
    assert own.pk != first.pk
    assert own.state == State.REPORTED


def test_a_broken_form_is_told_and_not_asked_about(town: Town) -> None:
    make_report(text=WORDS)
    page = Client().post("/report", form(lng="abc"))
    assert page.status_code == 422
    assert "应为数字" in page.content.decode()


def test_who_follows_sees_each_step_of_the_first_case(town: Town) -> None:
    first = town.dispatched(text=WORDS)
    Client().post("/report", form(asked="1", same_as=first.number))
    joined = Report.objects.order_by("-id")[0]
    actions.start(by=town["handler"], case_id=first.pk)
    page = Client().get(f"/follow/{joined.origin.number}?code={joined.follow_code}")
    body = page.content.decode()
    assert first.number in body
    assert town.unit.name in body


def told(step: Step) -> set[int]:
    tell(step.pk)
    rows = Notification.objects.filter(subject_id=step.pk, kind__startswith="follow.")
    return set(rows.values_list("user_id", flat=True))


def test_merged_reporters_with_an_account_are_told_of_each_step(town: Town) -> None:
    people = [
        acting_for(make_user(role=Role.COLLECTOR, unit=town.unit, area="990102")) for _n in range(2)
    ]
    first = make_report(text=WORDS, by=people[0]).case
    second = make_report(text=OTHERS, by=people[1]).case
    actions.merge(by=town["acceptor"], case_id=second.pk, into_id=first.pk)
    merged = Step.objects.get(case=second, verb="merge")
    assert told(merged) == {people[1].user_id}
    note = Notification.objects.get(subject_id=merged.pk, kind="follow.merge")
    assert first.number in note.title
    assert second.number in note.link
    case = Case.objects.get(pk=first.pk)
    actions.file(by=town["acceptor"], case_id=case.pk, category_id=town.category.pk)
    filed = Step.objects.get(case=case, verb="file")
    assert told(filed) == {p.user_id for p in people}
    tell(filed.pk)
    assert Notification.objects.filter(subject_id=filed.pk, kind="follow.file").count() == 2


def test_steps_that_are_not_public_are_not_told(town: Town) -> None:
    reporter = acting_for(make_user(role=Role.COLLECTOR, unit=town.unit, area="990102"))
    case = make_report(text=WORDS, by=reporter).case
    actions.note(by=town["acceptor"], case_id=case.pk, text="内部备注")
    assert told(Step.objects.get(case=case, verb="note")) == set()
