"""The catalogue that ships, and packs read and written."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings

from factories_standards import BASE, load_base
from lifang.core import packs as core_packs
from lifang.core.errors import Invalid
from lifang.orgs.acting import SYSTEM
from lifang.standards import actions, packs, queries
from lifang.standards.choices import CategoryKind
from lifang.standards.models import Catalogue
from lifang.standards.rules import CatalogueDoc, canonical, faults

from .catalogues import catalogues


def _base() -> list[CatalogueDoc]:
    return [doc for doc, _wanted in packs.read(BASE)]


@pytest.mark.django_db
def test_it_works() -> None:
    load_base()
    found = queries.in_force().by_key("event-appearance.exposed-rubbish")
    assert found is not None and found.default_condition is not None
    assert found.default_condition.limit_text == "4 工作时"


def test_the_base_pack_has_no_fault() -> None:
    for doc in _base():
        assert faults(doc) == []


def test_it_has_all_majors_and_both_orders() -> None:
    street, emergency = _base()
    for doc, code in ((street, "04"), (emergency, "05")):
        majors = [c for c in doc.categories if not c.parent]
        count = {k: sum(c.kind == k for c in majors) for k in CategoryKind.values}
        assert count == {"component": 5, "event": 6, "matter": 15}
        by_key = {c.key: c for c in doc.categories}
        assert by_key["event-street"].code == code
        assert by_key["event-street.hawkers"].code == f"{code}01"
    assert {c.key for c in street.categories} == {c.key for c in emergency.categories}


def test_every_class_has_words_and_a_help_for_its_major() -> None:
    for c in _base()[0].categories:
        if c.parent:
            assert len(c.words.split()) >= 5, c.key
            assert c.conditions, c.key


def test_a_word_is_not_given_to_two_classes_of_one_kind_and_name() -> None:
    names = [(c.kind, c.name) for c in _base()[0].categories if c.parent]
    assert len(names) == len(set(names))


@pytest.mark.django_db
def test_loading_twice_changes_nothing() -> None:
    load_base()
    before = list(Catalogue.objects.values("id", "sha256", "in_force"))
    actions.load_pack(by=SYSTEM, folder=BASE)
    assert list(Catalogue.objects.values("id", "sha256", "in_force")) == before


@settings(max_examples=30, deadline=None)
@given(catalogues())
def test_a_catalogue_written_as_a_pack_reads_back_the_same(doc: CatalogueDoc) -> None:
    with tempfile.TemporaryDirectory() as folder:
        packs.write(doc, Path(folder))
        ((again, in_force),) = packs.read(Path(folder))
    assert canonical(again) == canonical(doc)
    assert not in_force


def test_the_base_pack_written_reads_back_the_same(tmp_path: Path) -> None:
    for doc in _base():
        packs.write(doc, tmp_path / doc.code, in_force=True)
        ((again, in_force),) = packs.read(tmp_path / doc.code)
        assert again == doc
        assert in_force


def test_a_fault_in_a_file_names_file_and_class(tmp_path: Path) -> None:
    (tmp_path / "catalogue.yaml").write_text("code: a\nversion: 1\nname: 甲\nfiles: [e.yaml]\n")
    (tmp_path / "e.yaml").write_text(
        "kind: event\ncategories:\n- key: event-a\n  name: 甲\n  children:\n"
        "  - {key: event-a.b, name: 乙, conditions: [{when: 丙, limit: 4周, close: 丁}]}\n"
    )
    with pytest.raises(Invalid) as refusal:
        packs.read(tmp_path)
    assert "e.yaml" in str(refusal.value.message)
    assert "event-a.b" in str(refusal.value.message)
    assert "4周" in str(refusal.value.message)


def test_broken_yaml_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "catalogue.yaml").write_text("code: [a\nversion: 1\n")
    with pytest.raises(Invalid) as refusal:
        packs.read(tmp_path)
    assert "行" in str(refusal.value.message)


@pytest.mark.django_db
def test_the_whole_base_pack_checks_loads_and_comes_out_again(tmp_path: Path) -> None:
    assert core_packs.check(BASE.parent).errors == []
    assert core_packs.load(BASE.parent, by=SYSTEM).errors == []
    before = queries.document(queries.in_force().id)
    core_packs.export(tmp_path / "ours", name="ours", title="本市")
    ((again, in_force),) = packs.read(tmp_path / "ours" / "standards")
    assert again == before
    assert in_force
