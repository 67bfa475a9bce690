"""From one edition to the next: rows proposed, kept, checked, confirmed."""

import copy
from typing import Any

import pytest

from factories_assessment import example
from factories_orgs import acting_for, make_user
from lifang.core.errors import Conflict, Invalid
from lifang.orgs.acting import SYSTEM, Acting
from lifang.orgs.choices import Role
from lifang.standards import edition_actions as actions
from lifang.standards import edition_queries as queries
from lifang.standards import editions
from lifang.standards.editions import crosswalk
from lifang.standards.models import AssessmentEdition, EditionCrosswalk

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Acting:
    return acting_for(make_user(role=Role.EVALUATOR))


def _version(version: str, nodes: Any = None, **kw: Any) -> AssessmentEdition:
    doc = copy.deepcopy(example("edition")) | {
        "version": version,
        "prerequisites": [],
        "blends": [],
    }
    doc = doc | {"key": "made"} | kw
    if nodes:
        doc["nodes"] = nodes(doc["nodes"])
        doc.pop("total")
    return actions.load(by=SYSTEM, document=doc)[0]


def _changed(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """S-1 gone, 2-3 under another code, 3-1 told in other words, 3-9 new."""
    out = [n for n in nodes if n["code"] != "S-1"]
    for n in out:
        if n["code"] == "2-3":
            n["code"] = "2-9"
        if n["code"] == "3-1":
            n["title"] = "污水集中处理率"
    return [*out, next(n for n in out if n["code"] == "3-2") | {"code": "3-9", "title": "新"}]


def test_it_works(ann: Acting) -> None:
    old, new = _version("1"), _version("2", _changed)
    walk = actions.create_crosswalk(by=ann, old=old.pk, new=new.pk)
    rows = {(*r["old"], "→", *r["new"]): (r["relation"], r["carry"]) for r in walk.rows}
    assert rows["1-1", "→", "1-1"] == ("equal", "copy")
    assert rows["2-3", "→", "2-9"] == ("equal", "copy")
    assert rows["3-1", "→", "3-1"] == ("reworded", "copy")
    assert rows["S-1", "→"] == ("dropped", "none")
    assert rows["→", "3-9"] == ("new", "none")
    assert actions.confirm_crosswalk(by=ann, crosswalk_id=walk.pk, edits=0).confirmed_at


def test_what_is_left_out_or_named_twice_is_not_confirmed(ann: Acting) -> None:
    old, new = _version("1"), _version("2", _changed)
    walk = actions.create_crosswalk(by=ann, old=old.pk, new=new.pk)
    rows = [r for r in walk.rows if r["old"] != ["1-1"]] + [
        {"old": ["1-2"], "new": ["1-1", "nobody"], "relation": "split"}
    ]
    kept = actions.put_crosswalk(by=ann, crosswalk_id=walk.pk, edits=0, rows=rows)
    assert kept.rows[-1]["carry"] == "review"
    shown = queries.walk_shown(ann, walk.pk)
    assert len(shown["faults"]) == 3
    with pytest.raises(Invalid) as refused:
        actions.confirm_crosswalk(by=ann, crosswalk_id=walk.pk, edits=1)
    told = " ".join(str(f.message) for f in refused.value.fields)
    assert "nobody" in told
    assert "“1-1”没有对应关系" in told
    assert "“1-2”重复" in told


def test_a_changed_crosswalk_is_confirmed_anew_and_not_overwritten(ann: Acting) -> None:
    old, new = _version("1"), _version("2", _changed)
    walk = actions.create_crosswalk(by=ann, old=old.pk, new=new.pk)
    actions.confirm_crosswalk(by=ann, crosswalk_id=walk.pk, edits=0)
    changed = actions.put_crosswalk(by=ann, crosswalk_id=walk.pk, edits=0, rows=walk.rows)
    assert changed.confirmed_at is None
    with pytest.raises(Conflict, match="别人"):
        actions.put_crosswalk(by=ann, crosswalk_id=walk.pk, edits=0, rows=[])


def test_it_joins_two_versions_of_one_system_once(ann: Acting) -> None:
    old, new = _version("1"), _version("2", _changed)
    other = _version("1", key="other")
    for a, b in ((old, old), (old, other)):
        with pytest.raises(Invalid):
            actions.create_crosswalk(by=ann, old=a.pk, new=b.pk)
    actions.create_crosswalk(by=ann, old=old.pk, new=new.pk)
    with pytest.raises(Conflict):
        actions.create_crosswalk(by=ann, old=old.pk, new=new.pk)
    assert EditionCrosswalk.objects.count() == 1


def test_two_equal_versions_are_equal_row_by_row() -> None:
    edition = editions.read(example("edition"))
    rows = crosswalk.suggest(edition, edition)
    assert {r.relation for r in rows} == {"equal"}
    document = {"format": crosswalk.FORMAT, "rows": [r.plain() for r in rows]}
    assert crosswalk.read(document, edition, edition) == rows
