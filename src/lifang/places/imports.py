"""Tables of places: one import for each kind, made from :mod:`lifang.places.kinds`.

Coordinates come in a *declared* system and are converted here. A table changes only the columns it
has; rows are told apart by code.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from lifang.core import geo, imports
from lifang.core.errors import Invalid
from lifang.core.imports import Context, ImportSpec, Outcome, Row
from lifang.places import actions, queries
from lifang.places.kinds import KINDS, Column, Kind

GEOMETRY = "geometry"
_ALIASES: dict[str, tuple[str, ...]] = {
    "code": ("编号", "代码", "编码", "区划代码", "点位编码", "部件编码", "网格编码"),
    "name": ("名称", "点位名称", "道路名称", "商铺名称", "部件名称", "社区名称", "区划名称"),
    "lng": ("经度", "x", "lon", "longitude", "东经"),
    "lat": ("纬度", "y", "latitude", "北纬"),
    "type": ("点位类型", "类型", "类别"),
    "level": ("等级", "级别", "道路等级"),
    "region": ("区划", "区划代码", "所属区划", "所属社区", "社区代码"),
    "parent": ("上级", "上级代码", "上级区划"),
    "road": ("道路", "所在道路", "道路编码"),
    "address": ("地址", "位置", "详细地址"),
    "owner_phone": ("电话", "联系电话", "手机"),
    "owner_name": ("负责人", "店主", "经营者"),
    "category_code": ("类别代码", "小类代码", "部件类别"),
    "owner_code": ("权属单位", "权属单位代码"),
}
_KINDS = {
    "text": "text",
    "bool": "bool",
    "int": "int",
    "float": "decimal",
    "date": "date",
    "ref": "code",
}


def _column(kind: Kind, column: Column) -> imports.Column:
    own = {"编号", "代码"} if column.name == "code" else set()
    taken = {str(c.label) for c in kind.columns if c.name != column.name}
    aliases = [a for a in _ALIASES.get(column.name, ()) if a in own or a not in taken]
    code = column.name in ("code", "category_code", "owner_code")
    return imports.Column(
        key=column.name,
        title=column.label,
        kind="choice" if column.type == "choice" else "code" if code else _KINDS[column.type],
        # a point may come as geometry; what is really missing is told row by row
        required=column.required and column.name not in ("lng", "lat"),
        aliases=tuple(aliases),
        choices={str(label): str(key) for key, label in column.choices} or None,
        max_length=column.max,
        note=column.help,
    )


def _load(kind: Kind) -> imports.spec.Load:
    def load(rows: list[Row], context: Context, outcome: Outcome) -> None:
        codes = [str(r["code"]) for r in rows if r["code"]]
        there = {r.code: actions.as_row(kind, r) for r in queries.by_code(kind, codes)}
        given = []
        for row in rows:
            try:
                given.append(there.get(str(row["code"]), {}) | _given(kind, row, context))
            except Invalid as problem:
                outcome.error(row, GEOMETRY, problem.message)
        if outcome.error_count:
            return
        try:
            made = actions.put(by=context.by, kind=kind.name, rows=given, update=True)
        except Invalid as problem:
            for field in problem.fields:
                number, _dot, column = field.path.removeprefix("rows.").partition(".")
                at = int(number) - 1 if column else 0
                outcome.error(rows[at], column or field.path, field.message)
            return
        for row, stored in zip(rows, made, strict=True):
            before = there.get(stored.code)
            outcome.put(
                row,
                made=before is None,
                name=str(stored),
                changes=_changes(kind, before, actions.as_row(kind, stored)) if before else None,
            )

    return load


def _given(kind: Kind, row: Row, context: Context) -> dict[str, Any]:
    """The columns that the table has, coordinates in WGS-84."""
    values: dict[str, Any] = {
        k: float(v) if isinstance(v, Decimal) else v for k, v in row.values.items()
    }
    shape = values.pop(GEOMETRY, None)
    system = context.options.get("system", "")
    if kind.shape == "point":
        if shape is not None:
            values["lng"], values["lat"] = _point(shape)
        if values.get("lng") is not None and values.get("lat") is not None:
            values["lng"], values["lat"] = geo.to_wgs84(values["lng"], values["lat"], system)
    elif shape is not None:
        values[GEOMETRY] = _converted(shape, system)
    return values


def _point(shape: Mapping[str, Any]) -> tuple[float, float]:
    coordinates = shape.get("coordinates")
    if (
        shape.get("type") != "Point"
        or not isinstance(coordinates, list | tuple)
        or len(coordinates) < 2
        or not all(isinstance(x, int | float) for x in coordinates[:2])
    ):
        raise Invalid("geometry.point", _("应为一个点（Point）"))
    return float(coordinates[0]), float(coordinates[1])


def _converted(shape: Mapping[str, Any], system: str) -> dict[str, Any]:
    """A geometry with all its positions in WGS-84; what is no position stays for the check."""

    def turn(item: Any) -> Any:
        if not isinstance(item, list | tuple):
            return item
        numbers = [x for x in item[:2] if isinstance(x, int | float) and not isinstance(x, bool)]
        if len(numbers) == 2:
            return list(geo.to_wgs84(float(numbers[0]), float(numbers[1]), system))
        return [turn(x) for x in item]

    return {"type": shape.get("type"), "coordinates": turn(shape.get("coordinates"))}


def _changes(kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Field titles with what was and what is; shapes only by name."""
    found: dict[str, Any] = {}
    for column in kind.columns:
        old, new = before[column.name], after[column.name]
        if (old or "") != (new or ""):
            found[str(column.label)] = (old, new)
    if before.get(GEOMETRY) != after.get(GEOMETRY):
        found[str(_("图形"))] = (_("原图形"), _("新图形"))
    return found


def _spec(kind: Kind) -> ImportSpec:
    columns = [_column(kind, c) for c in kind.columns]
    if kind.shape:
        title = _("坐标点") if kind.shape == "point" else _("图形")
        columns.append(
            imports.Column(GEOMETRY, title, "geometry", note=_("GeoJSON；导入 GeoJSON 文件时自带"))
        )
    return imports.register(
        ImportSpec(
            kind=f"places.{kind.name}",
            title=kind.label,
            columns=tuple(columns),
            load=_load(kind),
            key=("code",),
            asks_system=bool(kind.shape),
        )
    )


# ---------------------------------------------------------------- other names

_TARGETS = {str(KINDS[k].label): k for k in ("region", "road", "site")}


def _load_names(rows: list[Row], context: Context, outcome: Outcome) -> None:
    found = []
    for row in rows:
        try:
            target = queries.target_of(str(row["kind"]), str(row["code"]))
        except Invalid as problem:
            outcome.error(row, problem.fields[0].path, problem.message)
            continue
        new = not queries.has_name(target, str(row["name"]))
        found.append((str(row["name"]), target, str(row["note"] or "")))
        outcome.put(row, made=new, name=str(row["name"]))
    if not outcome.error_count:
        actions.add_names(by=context.by, rows=found)


for _kind in KINDS.values():
    _spec(_kind)

imports.register(
    ImportSpec(
        kind="places.name",
        title=_("别名"),
        columns=(
            imports.Column("name", _("别名"), required=True, max_length=80),
            imports.Column(
                "kind", _("地点种类"), "choice", required=True, choices=_TARGETS, aliases=("种类",)
            ),
            imports.Column("code", _("地点编码"), "code", required=True, aliases=("编码",)),
            imports.Column("note", _("说明"), max_length=120, aliases=("备注",)),
        ),
        load=_load_names,
        key=("name", "code"),
    )
)
