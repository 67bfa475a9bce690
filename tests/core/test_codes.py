"""Numbers by template: never given twice."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction

from factories_orgs import client_for, make_user
from lifang.core import codes
from lifang.core.errors import Problem
from lifang.orgs.choices import Role

MARCH = dt.datetime(2026, 3, 1, 2, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_it_works() -> None:
    codes.set_template("case", "{area}{date:%Y%m%d}{seq:05}")
    assert codes.number("case", area="990102", at=MARCH) == "9901022026030100001"
    assert codes.number("case", area="990102", at=MARCH) == "9901022026030100002"
    assert codes.number("case", area="990103", at=MARCH) == "9901032026030100001"
    night = dt.datetime(2026, 3, 1, 17, tzinfo=dt.UTC)  # 1:00 of the next day in China
    assert codes.number("case", area="990102", at=night) == "9901022026030200001"


@pytest.mark.parametrize(
    "template",
    [
        "",
        "{area}",
        "{seq}{seq}",
        "{seq:05}{colour}",
        "{seq:0x5q}",
        "{seq",
        "{date:%Y}{seq.real}",
        "{0}{seq}",
    ],
)
def test_templates_that_could_not_work_are_refused(template: str) -> None:
    with pytest.raises(Problem):
        codes.check(template)


@pytest.mark.django_db
def test_a_kind_without_a_template_is_an_error_in_words() -> None:
    with pytest.raises(Problem) as problem:
        codes.number("nothing")
    assert "编号规则" in str(problem.value)


@pytest.mark.django_db(transaction=True)
def test_no_number_is_given_twice_and_a_rolled_back_one_is_no_loss() -> None:
    codes.set_template("n", "{seq}")
    given: list[str] = []

    def work(n: int) -> None:
        try:
            for i in range(15):
                try:
                    with transaction.atomic():
                        number = codes.number("n")
                        if i % 5 == n:
                            raise ValueError
                        given.append(number)
                except ValueError:
                    continue
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(given) == len(set(given)) == 48


@pytest.mark.django_db
def test_administrators_change_templates() -> None:
    codes.set_template("case", "{seq:05}")
    admin = client_for(make_user(role=Role.SYSTEM_ADMIN))
    path = "/api/v1/code-templates/case"
    changed = admin.put(path, {"template": "A{seq:03}"}, content_type="application/json").json()
    assert changed["example"] == "A001"
    assert codes.number("case") == "A001"
    assert admin.put(path, {"template": "A"}, content_type="application/json").status_code == 422
    other = client_for(make_user(role=Role.DISPATCHER))
    assert (
        other.put(path, {"template": "B{seq}"}, content_type="application/json").status_code == 403
    )
    assert [t["key"] for t in admin.get("/api/v1/code-templates").json()] == ["case"]
