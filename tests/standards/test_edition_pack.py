"""The editions that ship, and packs read and written without loss."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from factories_standards import BASE
from lifang.core import packs as core_packs
from lifang.core.packs import Report
from lifang.orgs.acting import SYSTEM
from lifang.standards import edition_files, edition_packs, editions
from lifang.standards import edition_queries as queries
from lifang.standards.edition_files import workbook, yamls
from lifang.standards.editions import kinds
from lifang.standards.models import AssessmentEdition, EditionCrosswalk


def _load() -> Report:
    report = Report()
    edition_packs.load(BASE, SYSTEM, report)
    return report


def _read(key: str, version: str) -> editions.Edition:
    for f in edition_packs.read(BASE):
        if f.walk is None and (f.document["key"], f.document["version"]) == (key, version):
            assert f.found.faults == []
            return editions.read(f.document)
    raise AssertionError(key)


@pytest.mark.django_db
def test_it_works() -> None:
    assert _load().errors == []
    in_force = AssessmentEdition.objects.filter(in_force=True).values_list("key", "version")
    assert set(in_force) == {("city", "2026"), ("county", "2026"), ("minors", "2026")}
    rows = dict(AssessmentEdition.objects.values_list("version", "change").filter(key="city"))
    assert rows == {"2026": "first", "2027": "structural"}
    for row in AssessmentEdition.objects.all():
        assert row.sha256 == editions.digest(row.document)
        assert row.faults == 0


def test_the_city_has_66_indicators_in_the_weights_of_the_sample() -> None:
    city = _read("city", "2026")
    count = Counter(n.code[0] for n in city.leaves)
    assert count == {"F": 22, "M": 16, "N": 12, "Q": 8, "P": 4, "X": 4}
    points: Counter[str] = Counter()
    for n in city.leaves:
        points[n.code[0]] += n.points  # type: ignore[assignment]
    told = {k: points[k] for k in "FMQN"}
    assert told == {"F": Decimal(45), "M": Decimal(25), "Q": Decimal(15), "N": Decimal(15)}
    assert city.total == 100
    assert city.bonus_cap == 6
    assert [(p.edition, p.at_least) for p in city.prerequisites] == [("minors", 85)]
    assert [(b.edition, float(b.share)) for b in city.blends] == [("minors", 0.2)]


def test_every_kind_of_rule_is_used() -> None:
    used = {type(m.rule) for n in _read("city", "2026").leaves for m in n.measures}
    assert used == set(kinds.Rule.__args__)


def test_the_minors_have_5_areas_and_27_standards() -> None:
    minors = _read("minors", "2026")
    assert [len(minors.children[area]) for area in minors.children[""]] == [4, 4, 8, 5, 6]
    assert minors.total == 100


def test_a_total_need_not_be_100() -> None:
    county = _read("county", "2026")
    points: Counter[str] = Counter()
    for n in county.leaves:
        points[n.code[0]] += n.points  # type: ignore[assignment]
    assert {k: str(points[k]) for k in "FMQN"} == {
        "F": "46.3",
        "M": "39.7",
        "Q": "10.0",
        "N": "10.0",
    }
    assert county.total == 106


def test_thresholds_that_are_known_are_kept() -> None:
    city = _read("city", "2026")
    cuts = {c: city.nodes[c].measures[0].rule for c in ("N01", "N02", "N03", "N04")}
    assert [next(str(a) for a, _v in r.cuts) for r in cuts.values()] == ["95", "80", "1", "400"]  # type: ignore[union-attr]


@pytest.mark.parametrize("version", ["2026", "2027"])
def test_every_field_indicator_has_a_checklist_of_known_places_and_classes(version: str) -> None:
    city = _read("city", version)
    fed = {f[:2] for i in city.items.values() for rows in i.feeds.values() for f in rows}
    for leaf in city.leaves:
        for m in leaf.measures:
            assert m.method != "field" or (leaf.code, m.key) in fed, leaf.code


@pytest.mark.django_db
def test_nothing_in_it_is_unknown_to_the_base_pack() -> None:
    assert core_packs.load(BASE.parent, by=SYSTEM).errors == []
    for row in AssessmentEdition.objects.all():
        assert queries.check(row.document, row.pk) == []


@pytest.mark.parametrize("f", edition_packs.read(BASE), ids=lambda f: f.path.stem)
def test_as_a_workbook_and_as_yaml_it_comes_back_the_same(f: edition_packs.EditionFile) -> None:
    if f.walk is not None:
        return
    for data in (workbook.write(f.document), yamls.write(f.document).encode()):
        found = edition_files.read(data)
        assert found.faults == []
        assert editions.digest(found.document) == editions.digest(f.document)


@pytest.mark.django_db
def test_the_crosswalk_has_every_relation_and_is_confirmed() -> None:
    _load()
    walk = EditionCrosswalk.objects.get()
    assert walk.confirmed_at is not None
    relations = {r.relation for r in queries.walk_rows(walk)}
    assert relations == {"equal", "reworded", "split", "merge", "dropped", "new"}


@pytest.mark.django_db
def test_loading_twice_changes_nothing() -> None:
    _load()
    before = list(AssessmentEdition.objects.order_by("id").values("id", "sha256", "in_force"))
    report = _load()
    assert report.errors == []
    assert report.counts == {}
    assert (
        list(AssessmentEdition.objects.order_by("id").values("id", "sha256", "in_force")) == before
    )
    assert EditionCrosswalk.objects.count() == 1


@pytest.mark.django_db
def test_a_pack_written_and_read_again_is_the_same(tmp_path: Path) -> None:
    _load()
    before = set(
        AssessmentEdition.objects.values_list("key", "version", "sha256", "in_force", "note")
    )
    rows = EditionCrosswalk.objects.get().rows
    core_packs.export(tmp_path / "ours", name="ours", title="本市")
    EditionCrosswalk.objects.all().delete()
    AssessmentEdition.objects.update(previous=None)
    AssessmentEdition.objects.all().delete()
    report = Report()
    edition_packs.check(tmp_path / "ours" / "standards", report)
    edition_packs.load(tmp_path / "ours" / "standards", SYSTEM, report)
    assert report.errors == []
    again = set(
        AssessmentEdition.objects.values_list("key", "version", "sha256", "in_force", "note")
    )
    assert again == before
    assert EditionCrosswalk.objects.get().rows == rows


@pytest.mark.django_db
def test_a_fault_names_file_and_line_and_nothing_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text("name: t\n")
    folder = tmp_path / "standards" / "editions"
    folder.mkdir(parents=True)
    text = (BASE / "editions" / "minors-2026.yaml").read_text()
    (folder / "good.yaml").write_text(text)
    (folder / "bad.yaml").write_text(
        text.replace("key: minors", "key: bad").replace("points: '4'", "points: four", 1)
    )
    report = core_packs.load(tmp_path, by=SYSTEM)
    assert any("bad.yaml" in e and "第" in e and "four" in e for e in report.errors)
    assert not AssessmentEdition.objects.exists()
