"""Draft → check → publish: who may, what is refused, what stays frozen."""

import copy
from typing import Any

import pytest

from factories_assessment import example
from factories_orgs import acting_for, make_user
from factories_rounds import make_edition
from lifang.core.errors import Conflict, Forbidden, Invalid, Missing
from lifang.core.models import JournalEntry
from lifang.orgs.acting import SYSTEM, Acting
from lifang.orgs.choices import Role
from lifang.standards import edition_actions as actions
from lifang.standards import edition_queries as queries
from lifang.standards import edition_rows, editions
from lifang.standards.choices import ChangeClass, EditionStatus
from lifang.standards.edition_tidy import tidy
from lifang.standards.models import AssessmentEdition, EditionCrosswalk

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Acting:
    return acting_for(make_user(role=Role.EVALUATOR))


@pytest.fixture
def bob() -> Acting:
    return acting_for(make_user(role=Role.EVALUATOR))


def document(version: str = "1", **kw: Any) -> dict[str, Any]:
    """The example, leaning on nothing else."""
    doc = copy.deepcopy(example("edition"))
    return {**doc, "key": "made", "version": version, "prerequisites": [], "blends": []} | kw


def published(version: str = "1", **kw: Any) -> AssessmentEdition:
    row, _made = actions.load(by=SYSTEM, document=document(version, **kw))
    return row


def test_it_works(ann: Acting, bob: Acting) -> None:
    draft = actions.create_from(by=ann, document=document())
    assert (draft.indicators, draft.points, draft.faults) == (15, 100, 0)
    submitted = actions.submit(by=ann, edition_id=draft.pk, edits=0)
    assert submitted.change == ChangeClass.FIRST
    done = actions.approve(by=bob, edition_id=draft.pk)
    assert done.status == EditionStatus.PUBLISHED
    assert done.sha256 == editions.digest(tidy(document())[0])
    assert actions.put_in_force(by=bob, edition_id=draft.pk).in_force
    verbs = JournalEntry.objects.filter(room="standards").values_list("verb", flat=True)
    assert list(verbs.order_by("id")) == ["create", "submit", "publish", "put_in_force"]


def test_a_first_or_scoring_version_is_approved_by_somebody_else(ann: Acting, bob: Acting) -> None:
    published()
    doc = document("2")
    doc["nodes"][5]["points"], doc["nodes"][6]["points"] = "11", "11"
    row = actions.create_from(by=ann, document=doc)
    assert actions.submit(by=ann, edition_id=row.pk, edits=0).change == ChangeClass.SCORING
    with pytest.raises(Forbidden):
        actions.approve(by=ann, edition_id=row.pk)
    assert actions.approve(by=bob, edition_id=row.pk).sha256


@pytest.mark.parametrize(
    ("field", "change"), [("title", ChangeClass.TEXT), ("help", ChangeClass.COMPATIBLE)]
)
def test_words_alone_may_be_approved_by_the_same(ann: Acting, field: str, change: str) -> None:
    published()
    doc = document("2")
    doc["nodes"][5][field] = "换一种说法"
    row = actions.create_from(by=ann, document=doc)
    assert actions.submit(by=ann, edition_id=row.pk, edits=0).change == change
    assert actions.approve(by=ann, edition_id=row.pk).status == EditionStatus.PUBLISHED


def test_an_indicator_that_goes_is_structural(ann: Acting) -> None:
    published()
    doc = document("2")
    doc["nodes"] = [n for n in doc["nodes"] if n["code"] != "S-1"]
    row = actions.create_from(by=ann, document=doc)
    assert actions.submit(by=ann, edition_id=row.pk, edits=0).change == ChangeClass.STRUCTURAL


def test_a_copy_without_any_difference_is_refused(ann: Acting) -> None:
    published()
    row = actions.create_from(by=ann, document=document("2"))
    with pytest.raises(Conflict, match="没有差别"):
        actions.submit(by=ann, edition_id=row.pk, edits=0)


def test_publishing_is_refused_with_every_fault(ann: Acting) -> None:
    doc = document(blends=[{"edition": "nobody", "share": "0.2"}])
    doc["nodes"][6]["points"] = "ten"
    doc["nodes"][7]["parent"] = "nobody"
    row = actions.create_from(by=ann, document=doc)
    assert row.faults >= 3
    with pytest.raises(Invalid) as refused:
        actions.submit(by=ann, edition_id=row.pk, edits=0)
    paths = {f.path for f in refused.value.fields}
    assert {"nodes[6].points", "nodes[7].parent", "blends[0].edition"} <= paths
    row.refresh_from_db()
    assert row.status == EditionStatus.DRAFT


def test_systems_may_not_lean_on_each_other_in_a_ring(ann: Acting) -> None:
    base = published(key="minors")
    city = published(key="city", blends=[{"edition": "minors", "share": "0.2"}])
    doc = document("2", key="minors", prerequisites=[{"edition": "city", "at_least": "1"}])
    row = actions.create_from(by=ann, document=doc)
    (fault,) = queries.faults_of(ann, row.pk)
    assert "互相引用" in fault.message
    own = document("3", key="city", blends=[{"edition": "city", "share": "0.1"}])
    assert "引用自己" in queries.check(own)[0].message
    assert base.pk != city.pk


def test_published_and_submitted_versions_are_frozen(ann: Acting) -> None:
    row = published()
    for act in (
        lambda: actions.replace_document(by=ann, edition_id=row.pk, edits=row.edits, document={}),
        lambda: actions.change_head(by=ann, edition_id=row.pk, edits=row.edits, head={}),
        lambda: actions.delete_edition(by=ann, edition_id=row.pk),
        lambda: actions.submit(by=ann, edition_id=row.pk, edits=row.edits),
    ):
        with pytest.raises(Conflict, match="冻结"):
            act()
    draft = actions.create_from(by=ann, document=document("2", title="改名"))
    actions.submit(by=ann, edition_id=draft.pk, edits=0)
    with pytest.raises(Conflict, match="审批"):
        actions.change_head(by=ann, edition_id=draft.pk, edits=0, head={"title": "x"})
    actions.send_back(by=ann, edition_id=draft.pk, reason="再看看")
    actions.change_head(by=ann, edition_id=draft.pk, edits=0, head={"title": "又改名"})


def test_two_editors_do_not_overwrite_each_other(ann: Acting, bob: Acting) -> None:
    row = actions.create_from(by=ann, document=document())
    actions.change_head(by=ann, edition_id=row.pk, edits=0, head={"title": "甲"})
    with pytest.raises(Conflict, match="别人"):
        actions.change_head(by=bob, edition_id=row.pk, edits=0, head={"title": "乙"})
    row.refresh_from_db()
    assert (row.title, row.edits) == ("甲", 1)


def test_a_version_overtaken_by_another_must_be_submitted_anew(ann: Acting, bob: Acting) -> None:
    published("1")
    doc = document("2", title="改名")
    row = actions.create_from(by=ann, document=doc)
    actions.submit(by=ann, edition_id=row.pk, edits=0)
    published("3", title="又一版")
    with pytest.raises(Conflict, match="重新提交"):
        actions.approve(by=bob, edition_id=row.pk)


def test_of_each_key_one_version_is_in_force_and_other_keys_stay(ann: Acting) -> None:
    city, minors = published(key="city"), published(key="minors")
    newer = published("2", key="city", title="新版")
    for row in (city, minors, newer):
        actions.put_in_force(by=ann, edition_id=row.pk)
    now = AssessmentEdition.objects.filter(in_force=True).values_list("pk", flat=True)
    assert set(now) == {minors.pk, newer.pk}
    actions.take_out_of_force(by=ann, edition_id=newer.pk)
    assert not AssessmentEdition.objects.filter(key="city", in_force=True).exists()
    with pytest.raises(Conflict, match="草稿"):
        draft = actions.create_from(by=ann, document=document("9"))
        actions.put_in_force(by=ann, edition_id=draft.pk)


def test_a_row_is_put_moved_renamed_and_taken_out(ann: Acting) -> None:
    row = actions.create_from(by=ann, document=document())
    node = next(n for n in row.document["nodes"] if n["code"] == "1-1")
    put = lambda code, new, **kw: actions.put_row(  # noqa: E731
        by=ann, edition_id=row.pk, edits=kw.pop("edits"), part="nodes", code=code, row=new, **kw
    )
    done = put("1-1", node | {"code": "1-0"}, edits=0)
    feeds = {
        f["leaf"] for i in done.document["items"] for r in i.get("feeds", {}).values() for f in r
    }
    assert "1-0" in feeds
    assert "1-1" not in feeds
    done = put("1", {"code": "A", "title": "改码"}, edits=1)
    assert {n.get("parent") for n in done.document["nodes"] if n["code"].startswith("1-")} == {"A"}
    done = put("", {"code": "1-9", "parent": "A", "title": "新"}, edits=2, before="1-2")
    codes = [n["code"] for n in done.document["nodes"]]
    assert codes.index("1-9") == codes.index("1-2") - 1
    with pytest.raises(Invalid, match="重复"):
        put("", {"code": "1-2"}, edits=3)
    done = actions.remove_row(by=ann, edition_id=row.pk, edits=3, part="nodes", code="A")
    codes = [n["code"] for n in done.document["nodes"]]
    assert not any(c.startswith("1-") or c == "A" for c in codes)
    assert not any(i.get("feeds") for i in done.document["items"] if i["code"] == "litter")
    with pytest.raises(Missing):
        actions.remove_row(by=ann, edition_id=row.pk, edits=4, part="items", code="nobody")
    actions.remove_row(by=ann, edition_id=row.pk, edits=4, part="items", code="litter")


def test_what_cannot_be_kept_is_refused_and_not_dropped(ann: Acting) -> None:
    row = actions.create_from(by=ann, document=document())
    with pytest.raises(Invalid) as refused:
        actions.put_row(
            by=ann,
            edition_id=row.pk,
            edits=0,
            part="nodes",
            code="1-1",
            row={"code": "1-1", "colour": "red", "measures": "many"},
        )
    assert {f.path for f in refused.value.fields} == {"nodes[5].colour", "nodes[5].measures"}


def test_a_version_stands_once(ann: Acting) -> None:
    published()
    with pytest.raises(Conflict, match="已经存在"):
        actions.create_edition(by=ann, key="made", version="1", title="又一个")
    with pytest.raises(Invalid):
        actions.create_edition(by=ann, key="Made Up", version="1", title="x")


def test_a_copy_has_the_content_under_its_own_version(ann: Acting) -> None:
    row = published()
    made = actions.create_edition(by=ann, key="made", version="2", title="副本", copy_of=row.pk)
    assert made.document["nodes"] == row.document["nodes"]
    assert (made.document["version"], made.version) == ("2", "2")


@pytest.mark.parametrize("role", [Role.LEADER, Role.HANDLER, Role.ACCEPTOR, Role.AUDIT_ADMIN])
def test_others_read_and_do_not_write(role: Role) -> None:
    other = acting_for(make_user(role=role))
    row = published()
    draft = actions.create_from(by=SYSTEM, document=document("2"))
    for act in (
        lambda: actions.create_from(by=other, document=document("3")),
        lambda: actions.submit(by=other, edition_id=draft.pk, edits=0),
        lambda: actions.approve(by=other, edition_id=draft.pk),
        lambda: actions.put_in_force(by=other, edition_id=row.pk),
        lambda: actions.delete_edition(by=other, edition_id=draft.pk),
    ):
        with pytest.raises(Forbidden):
            act()
    seen = set(queries.visible_to(other).values_list("pk", flat=True))
    assert seen == ({row.pk, draft.pk} if role == Role.LEADER else {row.pk})


def test_unknown_places_and_classes_are_told_but_do_not_hinder(ann: Acting) -> None:
    from factories_places import make_site_type
    from factories_standards import make_category

    make_site_type(code="market")
    make_category(key="event-x")
    doc = document()
    doc["items"][0]["categories"] = ["event-x", "event-nobody"]
    told = queries.check(doc)
    assert {f.grave for f in told} == {False}
    assert any("road" in f.message for f in told)
    assert [f.message for f in told if "event-nobody" in f.message]
    assert not any("event-x" in f.message for f in told)


def test_deleting_a_draft_takes_its_crosswalks_along(ann: Acting) -> None:
    old = published()
    draft = actions.create_from(by=ann, document=document("2", title="改"))
    actions.create_crosswalk(by=ann, old=old.pk, new=draft.pk)
    actions.delete_edition(by=ann, edition_id=draft.pk)
    assert not EditionCrosswalk.objects.exists()


def test_a_draft_in_use_is_not_deleted(ann: Acting) -> None:
    from factories_rounds import make_round

    draft = make_edition(published=False)
    make_round(edition=draft)
    with pytest.raises(Conflict, match="轮次"):
        actions.delete_edition(by=ann, edition_id=draft.pk)


def test_a_published_version_is_read_once_a_process(django_assert_num_queries: Any) -> None:
    row = published()
    edition_rows.edition(row)
    with django_assert_num_queries(0):
        edition_rows.edition(row)


def test_a_draft_whose_sum_does_not_fit_yet_is_compared_all_the_same(ann: Acting) -> None:
    published()
    doc = document("2")
    doc["nodes"][5]["points"] = "11"
    row = actions.create_from(by=ann, document=doc)
    (change,) = queries.differences(ann, row.pk)
    assert (change.what, change.before, change.after) == ("points", "12", "11")
    node = row.document["nodes"][6] | {"points": "ten"}
    actions.put_row(by=ann, edition_id=row.pk, edits=0, part="nodes", code=node["code"], row=node)
    with pytest.raises(Conflict, match="比较"):
        queries.differences(ann, row.pk)


def test_differences_are_told_in_words(ann: Acting) -> None:
    published()
    doc = document("2")
    doc["nodes"][5]["measures"][0]["rule"]["cuts"] = [["0.92", "1"]]
    row = actions.create_from(by=ann, document=doc)
    (change,) = queries.differences(ann, row.pk)
    assert change.after == "实地考察 分档 ≥0.92=1，其余 0"


def test_a_copy_of_an_older_version_is_compared_with_that_one(ann: Acting) -> None:
    old = published("1")
    later = document("2")
    later["nodes"] = [n for n in later["nodes"] if n["code"] != "S-1"]
    actions.load(by=SYSTEM, document=later)
    made = actions.create_edition(by=ann, key="made", version="1.1", title="勘误", copy_of=old.pk)
    assert actions.submit(by=ann, edition_id=made.pk, edits=0).change == ChangeClass.TEXT
    assert actions.approve(by=ann, edition_id=made.pk).previous_id == old.pk
