"""The verbs that write places. System administrators edit; everybody signed in reads.

``put`` and ``change`` take rows as a person gives them (references by code) for every kind of
:mod:`lifang.places.kinds`; forms, imports, the grid maker and the demo all come through here.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core import journal, stamps
from lifang.core.acts import Actor
from lifang.core.errors import Conflict, Field, Forbidden, Invalid, Missing
from lifang.places import codes, geometry
from lifang.places.atlas import area_of
from lifang.places.checks import bounded, check, problem
from lifang.places.gridding import grid
from lifang.places.indexing import forget, index
from lifang.places.kinds import CELL, KINDS, TEMPLATES, Kind
from lifang.places.models import Cell, CodeTemplate, PlaceName, Region, Road, Site, SiteType
from lifang.places.rows import Clean, Row

MAX_ROWS = 50_000
_BATCH = 500


def may_edit(by: Actor) -> bool:
    return by.automatic or "system_admin" in by.roles


def _must_edit(by: Actor) -> None:
    if not may_edit(by):
        raise Forbidden("places.forbidden", _("只有系统管理员可以维护地点"))


def kind_of(name: str) -> Kind:
    if name not in KINDS:
        raise Missing("places.kind", _("没有这种地点：%(name)s") % {"name": name})
    return KINDS[name]


# ---------------------------------------------------------------- rows of any kind


@transaction.atomic
def put(*, by: Actor, kind: str, rows: Sequence[Row], update: bool = False) -> list[Any]:
    """Add ``rows``; with ``update``, rows whose code exists change that place (and put it into use
    again). All or nothing.

    Returns the table rows in the order given. Raises :class:`Invalid` with every error by row and
    column.
    """
    _must_edit(by)
    spec = kind_of(kind)
    bounded(rows, MAX_ROWS)
    cleans, errors = check(spec, rows, update=update)
    if errors:
        raise problem(errors)
    for c in cleans:
        if c.target is not None:
            c.target.active = True
    return _write(by, spec, cleans)


@transaction.atomic
def change(*, by: Actor, kind: str, id: int, row: Row) -> Any:
    """Replace the values of one place. ``geometry`` left out of ``row`` stays as it is."""
    _must_edit(by)
    spec = kind_of(kind)
    target = _one(spec, id)
    given = dict(row)
    if spec.shape in ("area", "line") and "geometry" not in given:
        given["geometry"] = target.geometry
    cleans, errors = check(spec, [given], targets=[target])
    if errors:
        raise problem(errors)
    if spec.model is Region:
        _no_loop(target, cleans[0].values["parent"])
    return _write(by, spec, cleans)[0]


@transaction.atomic
def retire(*, by: Actor, kind: str, id: int) -> Any:
    """Take a place out of use. What refers to it keeps it; it is found and proposed no more."""
    _must_edit(by)
    spec = kind_of(kind)
    target = _one(spec, id)
    if not target.active:
        return target
    _not_in_use(target)
    target.active = False
    target.save(update_fields=["active"])
    journal.write(by=by, room="places", verb=f"retire_{_word(spec)}", subject=target)
    _changed(spec)
    forget(spec, [target.id])
    return target


@transaction.atomic
def restore(*, by: Actor, kind: str, id: int) -> Any:
    """Take a retired place into use again, if it still fits among the others."""
    _must_edit(by)
    spec = kind_of(kind)
    target = _one(spec, id)
    if target.active:
        return target
    _cleans, errors = check(spec, [as_row(spec, target)], targets=[target])
    if errors:
        raise problem(errors)
    target.active = True
    target.save(update_fields=["active"])
    journal.write(by=by, room="places", verb=f"restore_{_word(spec)}", subject=target)
    _changed(spec)
    index(spec, [target])
    return target


def as_row(spec: Kind, target: Any) -> dict[str, Any]:
    """A table row as ``put`` and ``change`` take it."""
    row: dict[str, Any] = {}
    for c in spec.columns:
        value = getattr(target, c.name)
        row[c.name] = (value.code if value else None) if c.type == "ref" else value
    if spec.shape in ("area", "line"):
        row["geometry"] = target.geometry
    return row


def _one(spec: Kind, id: int) -> Any:
    found = spec.model.objects.select_for_update().filter(id=id).first()
    if found is None:
        raise Missing(
            "places.missing", _("没有编号为 %(id)s 的%(kind)s") % {"id": id, "kind": spec.label}
        )
    return found


def _no_loop(target: Region, parent: Region | None) -> None:
    while parent is not None:
        if parent.id == target.id:
            message = _("上级区划不能是自己或自己的下级")
            raise Invalid("region.loop", message, fields=[Field("parent", message)])
        parent = parent.parent


def _not_in_use(target: Any) -> None:
    if isinstance(target, Region):
        below = target.children.filter(active=True).count()
        inside = target.cells.filter(active=True).count()
        placed = target.sites.filter(active=True).count() + target.shops.filter(active=True).count()
        if below or inside or placed:
            raise Conflict(
                "region.in_use",
                _(
                    "“%(name)s”下还有 %(below)s 个下级区划、%(inside)s 个网格、%(placed)s 个点位和商铺在用，请先停用它们"
                )
                % {"name": target.name, "below": below, "inside": inside, "placed": placed},
            )
    if isinstance(target, SiteType):
        sites = target.sites.filter(active=True).count()
        if sites:
            raise Conflict(
                "site_type.in_use",
                _("还有 %(n)s 个点位属于“%(name)s”，请先改变它们的类型")
                % {"n": sites, "name": target.name},
            )


def _word(spec: Kind) -> str:
    return spec.name.replace("-", "_")


def _changed(spec: Kind) -> None:
    for name in spec.stamps:
        stamps.bump(name)


def _fields(spec: Kind) -> list[str]:
    names = [*(c.name for c in spec.columns), "active"]
    if spec.shape in ("area", "line"):
        names += ["geometry", "west", "south", "east", "north"]
    if spec.shape == "point":
        names.append("cell")
    if spec.model is Cell:
        names.append("area_m2")
    return names


def _write(by: Actor, spec: Kind, cleans: list[Clean]) -> list[Any]:
    """Insert and update in batches, journal each row, index names, move the stamps."""
    new: list[tuple[Any, Any]] = []
    old: list[tuple[Any, Any]] = []
    entries = []
    by_code: dict[str, Any] = {}
    rows: list[Any] = [c.target or spec.model() for c in cleans]
    pairs = list(zip(cleans, rows, strict=True))
    if spec.model is Region:
        pairs.sort(key=lambda pair: int(pair[0].values["level"]))  # parents first
    for c, row in pairs:
        before = _facts(spec, row) if c.target is not None else None
        _fill(spec, row, c, by_code)
        by_code[row.code] = row
        (old if c.target is not None else new).append((row, before))
    for part in _levels(spec, [r for r, _before in new]):
        for r in part:
            if isinstance(r, Region) and r.parent is not None:
                r.parent_id = r.parent.pk
        spec.model.objects.bulk_create(part, batch_size=_BATCH)
    if old:
        spec.model.objects.bulk_update([r for r, _before in old], _fields(spec), batch_size=_BATCH)
    for verb, members in (("add", new), ("change", old)):
        for row, before in members:
            after = _facts(spec, row)
            if before != after:
                entries.append(
                    journal.entry(
                        by=by,
                        room="places",
                        verb=f"{verb}_{_word(spec)}",
                        subject=row,
                        before=before,
                        after=after,
                    )
                )
    journal.write_many(entries)
    _changed(spec)
    index(spec, rows)
    return rows


def _levels(spec: Kind, rows: list[Any]) -> Iterable[list[Any]]:
    """Regions level by level, so that a parent has its number before its children name it."""
    if spec.model is not Region:
        return [rows] if rows else []
    levels = sorted({r.level for r in rows})
    return [[r for r in rows if r.level == level] for level in levels]


def _fill(spec: Kind, row: Any, c: Clean, by_code: Mapping[str, Any]) -> None:
    for column in spec.columns:
        value = c.values[column.name]
        if isinstance(value, str) and column.type == "ref":
            value = by_code.get(value, value)
        if value is None and column.type == "int" and not row._meta.get_field(column.name).null:
            value = 0
        if column.type == "ref" and value is not None and value.pk is not None:
            setattr(row, f"{column.name}_id", value.pk)
        else:
            setattr(row, column.name, value)
    if spec.shape == "point":
        row.cell_id = c.values["cell_id"]
    if spec.shape == "area":
        row.geometry = geometry.write_area(c.area) if c.area else None
        box = c.area.bounds if c.area else (None,) * 4
        row.west, row.south, row.east, row.north = box
    if spec.shape == "line":
        row.geometry = geometry.write_lines(c.lines) if c.lines else None
        box = geometry.bounds_of_lines(c.lines) if c.lines else (None,) * 4
        row.west, row.south, row.east, row.north = box
    if spec.model is Cell and c.area:
        row.area_m2 = round(c.area.m2, 1)


def _facts(spec: Kind, row: Any) -> dict[str, Any]:
    """What the journal keeps of a row: values, references by number, the shape by its box."""
    facts: dict[str, Any] = {}
    for column in spec.columns:
        name = f"{column.name}_id" if column.type == "ref" else column.name
        value = getattr(row, name)
        if column.name == "owner_phone" and value:
            value = value[:3] + "****" + value[-2:]
        facts[name] = value.isoformat() if isinstance(value, dt.date) else value
    if spec.shape in ("area", "line"):
        facts["box"] = [row.west, row.south, row.east, row.north]
        facts["points"] = str(row.geometry).count("[")
    return facts


# ---------------------------------------------------------------- the grid maker


def grid_of(*, region_id: int, side: float = 100.0) -> list[dict[str, Any]]:
    """Rows of cells for a region, numbered west→east, north→south; nothing is written."""
    region = Region.objects.filter(id=region_id).first()
    if region is None:
        raise Missing("places.missing", _("没有编号为 %(id)s 的区划") % {"id": region_id})
    if not region.geometry:
        raise Invalid(
            "grid.no_border", _("“%(name)s”还没有边界，请先画出边界") % {"name": region.name}
        )
    template = CodeTemplate.objects.filter(key="cell").values_list("template", flat=True).first()
    if not template:
        raise Invalid("grid.no_template", _("请先设置单元网格的编码模板"))
    context = {"region": region.code}
    cells = grid(area_of(region.geometry), side)
    return [
        {
            "code": codes.render(template, context, n),
            "region": region.code,
            "grid": "",
            "geometry": geometry.write_area(cell),
            "area_m2": round(cell.m2, 1),
        }
        for n, cell in enumerate(cells, 1)
    ]


@transaction.atomic
def make_grid(
    *, by: Actor, region_id: int, side: float = 100.0, replace: bool = False
) -> list[Cell]:
    """Cut a region into cells of ``side`` metres. ``replace``: cells it had go out of use first.

    Cells that have the same code again are changed in place, so cases keep their cell.
    """
    _must_edit(by)
    rows = grid_of(region_id=region_id, side=side)
    had = Cell.objects.filter(region_id=region_id, active=True)
    n = had.count()
    if n and not replace:
        raise Conflict(
            "grid.exists",
            _("该区划已有 %(n)s 个网格；如要重新划分，请选择“替换原有网格”") % {"n": n},
        )
    if n:
        ids = list(had.values_list("id", flat=True))
        Cell.objects.filter(id__in=ids).update(active=False)
        forget(CELL, ids)
    stored = put(by=by, kind="cell", rows=rows, update=True)
    journal.write(
        by=by,
        room="places",
        verb="make_grid",
        subject=Region.objects.get(id=region_id),
        after={"cells": len(stored), "side": side, "replaced": n},
    )
    return stored


# ---------------------------------------------------------------- other names


@transaction.atomic
def add_name(*, by: Actor, name: str, target: Region | Road | Site, note: str = "") -> PlaceName:
    """Give a region, road or site another name (nickname, old name, anonymised name)."""
    return add_names(by=by, rows=[(name, target, note)])[0]


@transaction.atomic
def add_names(
    *, by: Actor, rows: Sequence[tuple[str, Region | Road | Site, str]]
) -> list[PlaceName]:
    """Several other names at once; a name its place already has is left as it is."""
    _must_edit(by)
    made: list[PlaceName] = []
    for text, target, note in rows:
        name = text.strip()
        if not name or len(name) > 80:
            message = _("别名应为 1 到 80 个字")
            raise Invalid("place_name.length", message, fields=[Field("name", message)])
        where = {_slot(target): target}
        row, new = PlaceName.objects.get_or_create(
            name=name, **where, defaults={"note": note.strip()[:120]}
        )
        made.append(row)
        if new:
            journal.write(
                by=by, room="places", verb="add_name", subject=row, after={_slot(target): target.pk}
            )
    _named([t for _n, t, _note in rows])
    return made


@transaction.atomic
def remove_name(*, by: Actor, id: int) -> None:
    """Take another name away."""
    _must_edit(by)
    row = PlaceName.objects.select_for_update().filter(id=id).first()
    if row is None:
        raise Missing("places.missing", _("没有编号为 %(id)s 的别名") % {"id": id})
    target: Any = row.region or row.road or row.site
    journal.write(
        by=by, room="places", verb="remove_name", subject=row, before={_slot(target): target.pk}
    )
    row.delete()
    _named([target])


def _slot(target: Region | Road | Site) -> str:
    return {Region: "region", Road: "road", Site: "site"}[type(target)]


def _named(targets: Sequence[Region | Road | Site]) -> None:
    stamps.bump("places.names")
    for kind in ("region", "road", "site"):
        index(KINDS[kind], [t for t in targets if _slot(t) == kind])


# ---------------------------------------------------------------- code templates


@transaction.atomic
def put_template(*, by: Actor, key: str, template: str, note: str = "") -> CodeTemplate:
    """Set how codes of a kind are written. Codes given before stay as they are."""
    _must_edit(by)
    if key not in TEMPLATES:
        raise Missing("code_template.key", _("没有这种编码：%(key)s") % {"key": key})
    text = template.strip()
    codes.parse(text)
    row = CodeTemplate.objects.filter(key=key).first()
    before = {"template": row.template} if row else None
    row, _new = CodeTemplate.objects.update_or_create(
        key=key, defaults={"template": text, "note": note.strip()[:200]}
    )
    journal.write(
        by=by,
        room="places",
        verb="put_template",
        subject=row,
        before=before,
        after={"template": text},
    )
    return row
