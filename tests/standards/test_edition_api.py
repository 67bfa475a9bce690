"""Routes of editions: who may do what, what comes back, how many statements it costs."""

import io
import json
from typing import Any

import pytest
from django.test import Client

from factories_assessment import example
from factories_orgs import client_for, make_user
from factories_rounds import make_edition
from lifang.orgs.choices import Role
from lifang.standards.edition_files import workbook, yamls
from lifang.standards.models import AssessmentEdition

pytestmark = pytest.mark.django_db
API = "/api/v1/editions"
JSON: Any = {"content_type": "application/json"}


@pytest.fixture
def ann() -> Client:
    return client_for(make_user(role=Role.EVALUATOR))


def _document(**kw: Any) -> dict[str, Any]:
    return json.loads(json.dumps(example("edition"))) | {"prerequisites": [], "blends": []} | kw


def _file(data: bytes, name: str = "e.xlsx") -> io.BytesIO:
    out = io.BytesIO(data)
    out.name = name
    return out


def test_it_works(ann: Client) -> None:
    made = ann.post(API, {"key": "city", "version": "1", "title": "城市"}, **JSON).json()
    at = f"{API}/{made['id']}"
    assert ann.get(f"{at}/faults").json()[0]["message"] == "没有任何指标"
    saved = ann.put(f"{at}/document", {"edits": 0, "document": _document(key="city", version="1")}, **JSON).json()  # fmt: skip
    assert saved["faults"] == []
    assert saved["edition"]["indicators"] == 15
    node = ann.get(f"{at}/document").json()["document"]["nodes"][5]
    saved = ann.put(f"{at}/nodes", {"edits": 1, "code": node["code"], "row": node | {"points": "11"}}, **JSON).json()  # fmt: skip
    assert [f["path"] for f in saved["faults"]] == ["total"]
    saved = ann.put(f"{at}/head", {"edits": 2, "head": {"total": "99"}}, **JSON).json()
    assert saved["faults"] == []
    assert ann.put(f"{at}/submit", {"edits": 3}, **JSON).json()["change"] == "first"
    assert ann.put(f"{at}/approve").status_code == 403
    bob = client_for(make_user(role=Role.SYSTEM_ADMIN))
    assert len(bob.put(f"{at}/approve").json()["sha256"]) == 64
    assert bob.put(f"{at}/put-in-force").json()["in_force"]
    assert not bob.put(f"{at}/take-out-of-force").json()["in_force"]
    assert bob.get(f"{at}/changes").json() == []


def test_the_list_costs_few_statements_and_leaves_documents_alone(
    ann: Client, django_assert_max_num_queries: Any
) -> None:
    for _n in range(20):
        make_edition()
    ann.get(API)  # who calls is kept after the first time
    with django_assert_max_num_queries(4) as seen:
        page = ann.get(API, {"limit": 50}).json()
    assert len(page["items"]) == 20
    assert not any('"document"' in q["sql"] for q in seen.captured_queries)


def test_one_and_its_document_cost_few_statements(
    ann: Client, django_assert_max_num_queries: Any
) -> None:
    row = make_edition()
    ann.get(API)
    for path in ("", "/document"):
        with django_assert_max_num_queries(4):
            assert ann.get(f"{API}/{row.pk}{path}").status_code == 200


def test_the_list_is_filtered(ann: Client) -> None:
    make_edition(key="city", title="城市体系", in_force=True)
    make_edition(key="minors", title="未成年人体系")
    make_edition(key="county", title="县级体系", published=False)
    got = lambda **q: [r["key"] for r in ann.get(API, q).json()["items"]]  # noqa: E731
    assert got(key="minors") == ["minors"]
    assert got(in_force="true") == ["city"]
    assert got(status="draft") == ["county"]
    assert got(q="未成年") == ["minors"]
    handler = client_for(make_user(role=Role.HANDLER))
    assert [r["key"] for r in handler.get(API).json()["items"]] == ["city", "minors"]


def test_a_draft_is_not_there_for_others() -> None:
    row = make_edition(published=False)
    handler = client_for(make_user(role=Role.HANDLER))
    for path in ("", "/document", "/faults", "/changes", "/export.xlsx", "/export.yaml"):
        assert handler.get(f"{API}/{row.pk}{path}").status_code == 404, path


def test_exports_come_with_names_and_go_in_again(ann: Client) -> None:
    row = make_edition(_document(), title="城市体系")
    for ending in ("xlsx", "yaml"):
        answer = ann.get(f"{API}/{row.pk}/export.{ending}")
        assert ending in answer["Content-Disposition"]
        told = ann.post(f"{API}/file-preview", {"file": _file(answer.content)}).json()
        assert told["fault_count"] == 0
        assert told["indicators"] == 15
        assert told["changes"] == []
    assert ann.get(f"{API}/template.xlsx").content[:2] == b"PK"


def test_a_preview_writes_nothing_and_tells_what_changes(ann: Client) -> None:
    row = make_edition(_document())
    data = workbook.write(_document(version="9", title="新名"))
    told = ann.post(f"{API}/file-preview", {"file": _file(data)}).json()
    assert [(c["gravity"], c["what"]) for c in told["changes"]] == [("text", "title")]
    assert told["against"].endswith(row.version)
    assert AssessmentEdition.objects.count() == 1
    done = ann.post(f"{API}/file", {"file": _file(data)}).json()
    assert done["edition"]["version"] == "9"
    again = ann.post(f"{API}/file", {"file": _file(data)})
    assert again.status_code == 409
    into = {"file": _file(yamls.write(_document(version="9")).encode(), "e.yaml"), "into": done["edition"]["id"], "edits": 0}  # fmt: skip
    assert ann.post(f"{API}/file", into).json()["edition"]["edits"] == 1


def test_a_faulty_file_loads_nothing(ann: Client) -> None:
    doc = _document()
    doc["nodes"][6]["points"] = "ten"
    doc["nodes"][7]["parent"] = "nobody"
    told = ann.post(f"{API}/file", {"file": _file(workbook.write(doc))}).json()
    places = [(f["place"]["sheet"], f["place"]["cell"]) for f in told["faults"]]
    assert ("指标", "D8") in places
    assert ("指标", "B9") in places
    assert told["edition"] is None
    assert not AssessmentEdition.objects.exists()


def test_a_file_of_another_system_does_not_go_into_a_draft(ann: Client) -> None:
    row = make_edition(_document(), published=False)
    body = {"file": _file(workbook.write(_document(key="other"))), "into": row.pk}
    assert ann.post(f"{API}/file", body).status_code == 409


def test_lost_updates_are_refused(ann: Client) -> None:
    row = make_edition(_document(), published=False)
    at = f"{API}/{row.pk}"
    assert ann.put(f"{at}/head", {"edits": 0, "head": {"title": "甲"}}, **JSON).status_code == 200
    answer = ann.put(f"{at}/head", {"edits": 0, "head": {"title": "乙"}}, **JSON)
    assert answer.status_code == 409
    assert "别人" in answer.json()["message"]


def test_crosswalks_are_made_changed_and_confirmed(ann: Client) -> None:
    old = make_edition(_document())
    doc = _document()
    doc["nodes"][5]["title"] = "改写"
    new = make_edition(doc)
    walks = "/api/v1/edition-crosswalks"
    made = ann.post(walks, {"old": old.pk, "new": new.pk}, **JSON).json()
    assert len(made["old_leaves"]) == 15
    assert made["faults"] == []
    rows = made["rows"]
    rows[0]["relation"] = "split"
    put = ann.put(f"{walks}/{made['id']}", {"edits": 0, "rows": rows}, **JSON).json()
    assert len(put["faults"]) == 1
    answer = ann.put(f"{walks}/{made['id']}/confirm", {"edits": 1}, **JSON)
    assert answer.status_code == 422
    rows[0]["relation"] = "reworded"
    ann.put(f"{walks}/{made['id']}", {"edits": 1, "rows": rows}, **JSON)
    done = ann.put(f"{walks}/{made['id']}/confirm", {"edits": 2}, **JSON).json()
    assert done["confirmed_at"]
    assert len(ann.get(walks, {"edition": new.pk}).json()["items"]) == 1
    assert ann.delete(f"{walks}/{made['id']}").status_code == 204
