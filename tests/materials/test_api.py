"""The whole way over the API: chosen, checked, handed in, judged; who may open the files."""

import io

import pytest
from django.test import Client

from factories_materials import Office, docx_bytes, make_office, photo
from factories_orgs import client_for, make_user
from lifang.core import files
from lifang.core.models import Upload
from lifang.orgs.choices import Role
from lifang.orgs.models import User

pytestmark = pytest.mark.django_db
BASE = "/api/v1/materials"


@pytest.fixture
def office() -> Office:
    return make_office()


def client(office: Office, who: str) -> Client:
    return client_for(User.objects.get(pk=getattr(office, who).user_id))


def put(c: Client, path: str, **body: object) -> dict[str, object]:
    answer = c.put(f"{BASE}{path}", body, content_type="application/json")
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def test_it_works(office: Office) -> None:
    clerk, first, second = (client(office, w) for w in ("clerk", "first", "second"))
    data = docx_bytes()
    begun = clerk.post(
        "/api/v1/uploads",
        {"name": "报告.docx", "size": len(data), "kinds": ["document"]},
        content_type="application/json",
    ).json()
    for at in range(0, len(data), 10_000):
        clerk.patch(
            f"/api/v1/uploads/{begun['id']}", data[at : at + 10_000],
            content_type="application/octet-stream", headers={"upload-offset": str(at)},
        )  # fmt: skip
    token = clerk.post(f"/api/v1/uploads/{begun['id']}/finish").json()["token"]
    filing = office.filing("II-3-12-2").pk
    told = clerk.post(
        f"{BASE}/check", {"filing_id": filing, "files": [token]}, content_type="application/json"
    ).json()
    assert told["passed"] and told["files"][0]["words"] > 0
    page = put(clerk, f"/filings/{filing}/attach", files=[token], hand_in=True)
    assert page["status"] == "submitted"
    assert Upload.objects.count() == 1
    queue = first.get(f"{BASE}/filings?level=1").json()["items"]
    assert [r["id"] for r in queue] == [filing]
    seen = first.get(f"{BASE}/filings/{filing}").json()["submission_id"]
    put(first, f"/filings/{filing}/review", level=1, grade="A", seen=seen)
    done = put(second, f"/filings/{filing}/review", level=2, grade="A", seen=seen)
    assert (done["status"], done["grade"]) == ("accepted", "A")


def test_bad_bodies_are_told_by_field(office: Office) -> None:
    first = client(office, "first")
    filing = office.submitted().pk
    for body in ({"level": 3, "grade": "A"}, {"level": 1}, {"level": 1, "grade": "A" * 30}):
        answer = first.put(f"{BASE}/filings/{filing}/review", body, content_type="application/json")
        assert answer.status_code == 422 and answer.json()["fields"]
    clerk = client(office, "clerk")
    answer = clerk.put(
        f"{BASE}/filings/{filing}/attach", {"files": ["forged"]}, content_type="application/json"
    )
    assert answer.status_code == 422 and answer.json()["code"] == "file.token"


def test_pages_follow_each_other(office: Office) -> None:
    clerk = client(office, "clerk")
    one = clerk.get(f"{BASE}/filings?limit=2").json()
    two = clerk.get(f"{BASE}/filings?limit=2&cursor={one['next']}").json()
    assert [r["number"] for r in one["items"] + two["items"]] == [
        "II-3-12-1", "II-3-12-2", "II-3-13",
    ]  # fmt: skip
    assert two["next"] is None
    assert clerk.get(f"{BASE}/filings?status=nonsense").status_code == 422


def test_files_open_to_those_who_see_the_material(office: Office) -> None:
    shown = photo(name="a.jpg")
    put(
        client(office, "clerk"), f"/filings/{office.filing('II-3-13').pk}/attach",
        files=[files.token(shown), files.token(photo())],
    )  # fmt: skip
    path = f"/files/{shown.sha256}/view"
    for who, status in (("clerk", 200), ("first", 200), ("leader", 200), ("stranger", 403)):
        assert client(office, who).get(path).status_code == status, who
    assert Client().get(path).status_code == 401


def test_a_zip_by_the_api(office: Office) -> None:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("II-3-12-2.docx", docx_bytes())
    out.seek(0)
    out.name = "a.zip"
    clerk = client(office, "clerk")
    answer = clerk.post(f"{BASE}/rounds/{office.round.pk}/unpack", {"file": out})
    told = answer.json()
    assert answer.status_code == 200 and told["matches"][0]["number"] == "II-3-12-2"
    line = {
        "filing_id": told["matches"][0]["filing_id"],
        "tokens": [told["matches"][0]["files"][0]["token"]],
    }
    done = clerk.post(
        f"{BASE}/rounds/{office.round.pk}/batch", {"lines": [line], "hand_in": True},
        content_type="application/json",
    )  # fmt: skip
    assert done.json() == {"filed": 1}


def test_rounds_tell_how_far_each_is(office: Office) -> None:
    office.submitted()
    [row] = client(office, "clerk").get(f"{BASE}/rounds").json()
    assert (row["filings"], row["settled"]) == (3, 0)
    assert client_for(make_user(role=Role.CHECKER)).get(f"{BASE}/rounds").json()[0]["filings"] == 0


def test_a_unit_without_anything_has_an_empty_library(office: Office) -> None:
    assert client(office, "stranger").get(f"{BASE}/library").json() == {"items": [], "next": None}
