"""From rows as people give them to clean values: types, references, shapes, codes.

Everything wrong is gathered and told at once, by row and column. Nothing is written here.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid
from lifang.places import atlas, codes, geometry
from lifang.places.kinds import Column, Kind
from lifang.places.models import Cell, CodeTemplate, Region, Road, SiteType
from lifang.places.shapes import Area, Boxes, Ring

Row = Mapping[str, Any]


@dataclass
class Clean:
    """A checked row: values by column, the row of the table it changes (if any), its shape."""

    values: dict[str, Any]
    target: Any = None
    #: checked shape of an area
    area: Area | None = None
    #: checked lines of a road
    lines: list[Ring] | None = None


@dataclass
class Errors:
    """Errors by path. One row: ``geometry``; several: ``rows.3.geometry`` (rows from 1)."""

    many: bool
    found: list[Field] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)

    def add(self, row: int, column: str, message: str) -> None:
        path = f"rows.{row + 1}.{column}" if self.many else column
        self.found.append(Field(path, message))
        self.bad.add(row)

    def problem(self) -> Invalid:
        first = str(self.found[0].message)
        message = (
            _("%(n)s 处有误，第一处：%(first)s") % {"n": len(self.found), "first": first}
            if len(self.found) > 1
            else first
        )
        return Invalid("places.invalid", message, fields=self.found)


def check(
    kind: Kind, rows: Sequence[Row], *, targets: Sequence[Any] | None = None, update: bool = False
) -> tuple[list[Clean], list[Field]]:
    """Check ``rows``; returns the clean ones and all errors.

    ``targets``: the table row that each input row changes. ``update``: a row whose code exists
    changes that one; otherwise an existing code is an error.
    """
    errors = Errors(many=(targets is None and len(rows) != 1) or len(rows) > 1)
    cleans: list[Clean] = []
    for i, row in enumerate(rows):
        values = {c.name: _value(c, row.get(c.name), i, errors) for c in kind.columns}
        cleans.append(Clean(values, targets[i] if targets else None))
    _references(kind, cleans, errors)
    if update and targets is None:
        _match(kind, cleans)
    _shapes(kind, rows, cleans, errors)
    _place(kind, cleans, errors)
    _codes(kind, cleans, errors)
    if not errors.found:
        _relations(kind, cleans, errors)
    return cleans, errors.found


def problem(found: list[Field]) -> Invalid:
    return Errors(many=False, found=found).problem()


# ---------------------------------------------------------------- values


def _value(column: Column, given: Any, row: int, errors: Errors) -> Any:
    if isinstance(given, str):
        given = given.strip().replace("\x00", "")
    if given is None or given == "":
        if column.required:
            errors.add(row, column.name, _("%(label)s必填") % {"label": column.label})
        return "" if column.type == "text" else None
    try:
        return _typed(column, given)
    except ValueError as exc:
        errors.add(row, column.name, str(exc))
        return None


def _typed(column: Column, given: Any) -> Any:
    label = {"label": column.label}
    match column.type:
        case "int":
            number = _number(given)
            if number is None or number != int(number) or not 0 <= number < 2_000_000_000:
                raise ValueError(_("%(label)s应为不小于 0 的整数") % label)
            return int(number)
        case "float":
            number = _number(given)
            if number is None:
                raise ValueError(_("%(label)s应为数字") % label)
            return number
        case "date":
            return _date(given, label)
        case "choice":
            for key, name in column.choices:
                if given == key or str(given) in (str(key), str(name)):
                    return key
            names = "、".join(str(n) for _k, n in column.choices)
            raise ValueError(_("%(label)s只能是：%(list)s") % {**label, "list": names})
    # numbers typed into a code column of a sheet come as floats
    text = str(int(given)) if isinstance(given, float) and given.is_integer() else str(given)
    if column.max and len(text) > column.max:
        raise ValueError(_("%(label)s最多 %(n)s 个字") % {**label, "n": column.max})
    return text


def _number(given: Any) -> float | None:
    if isinstance(given, bool):
        return None
    try:
        number = float(given)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _date(given: Any, label: dict[str, Any]) -> dt.date:
    if isinstance(given, dt.datetime):
        return given.date()
    if isinstance(given, dt.date):
        return given
    try:
        return dt.date.fromisoformat(str(given).replace("/", "-"))
    except ValueError as exc:
        raise ValueError(_("%(label)s格式有误，例：2026-03-01") % label) from exc


# ---------------------------------------------------------------- references


def _references(kind: Kind, cleans: list[Clean], errors: Errors) -> None:
    for column in (c for c in kind.columns if c.type == "ref"):
        wanted = {c.values[column.name] for c in cleans if c.values[column.name]}
        found: dict[str, Any] = {}
        if wanted:
            rows = column.model.objects.filter(code__in=wanted)
            found = {r.code: r for r in rows}
            if column.model is SiteType:  # people write the type's name
                names = SiteType.objects.filter(name__in=wanted - found.keys())
                found |= {t.name: t for t in names}
        # a region may hang on one that stands in the same sheet
        own = {c.values["code"] for c in cleans} if column.model is kind.model else set()
        for i, c in enumerate(cleans):
            code = c.values[column.name]
            c.values[column.name] = found.get(code)
            if not code or code in found:
                continue
            if code in own:
                c.values[column.name] = code
                continue
            errors.add(
                i,
                column.name,
                _("%(label)s %(code)s 不存在，请先建立") % {"label": column.label, "code": code},
            )


def _match(kind: Kind, cleans: list[Clean]) -> None:
    """Point each row to the table row that bears its code."""
    wanted = [c.values["code"] for c in cleans if c.values["code"]]
    found = {r.code: r for r in kind.model.objects.filter(code__in=wanted)}
    for c in cleans:
        c.target = found.get(c.values["code"])


# ---------------------------------------------------------------- shapes and places


def _shapes(kind: Kind, rows: Sequence[Row], cleans: list[Clean], errors: Errors) -> None:
    if kind.shape not in ("area", "line"):
        return
    for i, (row, c) in enumerate(zip(rows, cleans, strict=True)):
        given = row.get("geometry")
        if given is None:
            if kind.model is Cell:
                errors.add(i, "geometry", _("单元网格必须有边界"))
            continue
        try:
            if kind.shape == "area":
                c.area = geometry.read_area(given)
            else:
                c.lines = geometry.read_line(given)
        except Invalid as exc:
            errors.add(i, "geometry", str(exc.message))


def _place(kind: Kind, cleans: list[Clean], errors: Errors) -> None:
    """Region, cell and road of points; region of a road from its middle."""
    if kind.shape == "point":
        for i, c in enumerate(cleans):
            lng, lat = c.values["lng"], c.values["lat"]
            if lng is None or lat is None:
                continue
            if not (-180 <= lng <= 180 and -90 <= lat <= 90):
                errors.add(i, "lng", _("坐标超出经纬度范围；经度在前、纬度在后"))
                continue
            at = atlas.locate(lng, lat)
            c.values["cell_id"] = at.cell.id if at.cell else None
            if c.values["region"] is None and at.region:
                c.values["region"] = Region(id=at.region.id, code=at.region.code)
            if c.values["road"] is None and at.road:
                c.values["road"] = Road(id=at.road.id, code=at.road.code)
            if c.values["region"] is None and i not in errors.bad:
                errors.add(i, "region", _("此坐标不在任何已登记的区划内，请填写区划编码或核对坐标"))
    elif kind.model is Road:
        for c in cleans:
            if c.values["region"] is None and c.lines:
                found = atlas.locate(*geometry.middle_of_lines(c.lines)).region
                if found:
                    c.values["region"] = Region(id=found.id, code=found.code)


# ---------------------------------------------------------------- codes


def context(values: Mapping[str, Any]) -> dict[str, str]:
    """What a code template may draw on."""
    out: dict[str, str] = {}
    for name in ("parent", "region", "type"):
        value = values.get(name)
        if value is not None:
            out[name] = value if isinstance(value, str) else str(value.code)
    if values.get("category_code"):
        out["category"] = str(values["category_code"])
    return out


def _codes(kind: Kind, cleans: list[Clean], errors: Errors) -> None:
    """Check codes against the template, make those left empty, refuse doubles."""
    templates = dict(CodeTemplate.objects.values_list("key", "template")) if kind.template else {}
    serials: dict[tuple[str, str], int] = {}
    for i, c in enumerate(cleans):
        code = c.values["code"]
        if i in errors.bad:
            continue
        if not code and c.target is not None:
            code = c.values["code"] = c.target.code
        template = templates.get(kind.template(c.values)) if kind.template else None
        if not code:
            _make_code(kind, template, i, c, serials, errors)
        elif template and (c.target is None or code != c.target.code):
            ctx = context(c.values)
            if not codes.matches(template, code, ctx):
                errors.add(
                    i,
                    "code",
                    _("编码 %(code)s 不符合编码模板，应为：%(form)s")
                    % {"code": code, "form": codes.describe(template, ctx)},
                )
    _doubles(kind, cleans, errors)


def _make_code(
    kind: Kind,
    template: str | None,
    row: int,
    c: Clean,
    serials: dict[tuple[str, str], int],
    errors: Errors,
) -> None:
    if not template:
        errors.add(row, "code", _("编码必填（尚未设置编码模板，不能自动生成）"))
        return
    ctx = context(c.values)
    before, known = codes.stem(template, ctx)
    key = (template, known)
    if key not in serials:
        taken = kind.model.objects.filter(code__startswith=before).values_list("code", flat=True)
        serials[key] = codes.next_serial(template, ctx, taken)
    try:
        c.values["code"] = codes.render(template, ctx, serials[key])
    except Invalid as exc:
        errors.add(row, "code", str(exc.message))
        return
    serials[key] += 1


def _doubles(kind: Kind, cleans: list[Clean], errors: Errors) -> None:
    wanted = {c.values["code"] for c in cleans if c.values["code"]}
    taken = dict(kind.model.objects.filter(code__in=wanted).values_list("code", "id"))
    seen: dict[str, int] = {}
    for i, c in enumerate(cleans):
        code = c.values["code"]
        if not code:
            continue
        if code in seen:
            errors.add(
                i,
                "code",
                _("编码 %(code)s 与第 %(n)s 行重复") % {"code": code, "n": seen[code] + 1},
            )
        elif code in taken and (c.target is None or c.target.id != taken[code]):
            errors.add(i, "code", _("编码 %(code)s 已被使用") % {"code": code})
        seen.setdefault(code, i)


# ---------------------------------------------------------------- relations between areas


def _relations(kind: Kind, cleans: list[Clean], errors: Errors) -> None:
    if kind.model is Region:
        _check_regions(cleans, errors)
    elif kind.model is Cell:
        _check_cells(cleans, errors)


def _stored(row: Any) -> Area | None:
    return atlas.area_of(row.geometry) if row is not None and row.geometry else None


def _check_regions(cleans: list[Clean], errors: Errors) -> None:
    own = {c.values["code"]: c for c in cleans}
    parents: dict[int, Area | None] = {}
    for i, c in enumerate(cleans):
        parent, level = c.values["parent"], c.values["level"]
        if parent is None:
            continue
        above = own[parent].values["level"] if isinstance(parent, str) else parent.level
        if above >= level:
            errors.add(i, "parent", _("上级区划的级别应高于本级"))
            continue
        if c.area is None:
            continue
        if isinstance(parent, str):
            shape = own[parent].area
        elif parent.code in own:
            shape = own[parent.code].area or _stored(parent)
        else:
            if parent.id not in parents:
                parents[parent.id] = _stored(parent)
            shape = parents[parent.id]
        out = geometry.sticks_out(c.area, shape) if shape is not None else 0.0
        if out:
            errors.add(
                i,
                "geometry",
                _("“%(name)s”的边界有 %(m2)s 平方米超出上级区划")
                % {"name": c.values["name"], "m2": f"{out:,.0f}"},
            )


def _check_cells(cleans: list[Clean], errors: Errors) -> None:
    """Inside the community; no overlap with the community's other cells, stored or in this batch."""
    by_region: dict[int, list[tuple[int, Clean]]] = {}
    for i, c in enumerate(cleans):
        by_region.setdefault(c.values["region"].id, []).append((i, c))
    moved = [c.target.id for c in cleans if c.target is not None]
    stored: dict[int, list[tuple[str, Area]]] = {r: [] for r in by_region}
    others = Cell.objects.filter(region__in=by_region, active=True).exclude(id__in=moved)
    for cell in others.only("code", "region_id", "geometry"):
        area = _stored(cell)
        if area is not None:
            stored[cell.region_id].append((cell.code, area))
    for region_id, members in by_region.items():
        _check_community(members, stored[region_id], errors)


def _check_community(
    members: list[tuple[int, Clean]], stored: list[tuple[str, Area]], errors: Errors
) -> None:
    region = members[0][1].values["region"]
    border = _stored(region)
    areas = [*((c.values["code"], c.area) for _i, c in members), *stored]
    near = _neighbours([a for _code, a in areas])
    for n, (i, c) in enumerate(members):
        if c.area is None:
            continue
        out = geometry.sticks_out(c.area, border) if border is not None else 0.0
        if out:
            errors.add(
                i,
                "geometry",
                _("网格 %(code)s 有 %(m2)s 平方米超出“%(region)s”的边界")
                % {"code": c.values["code"], "m2": f"{out:,.0f}", "region": region.name},
            )
        for j in near[n]:
            other = areas[j][1]
            # each pair inside the batch is told once, at its later row
            if n <= j < len(members) or other is None:
                continue
            shared = geometry.overlap(c.area, other)
            if shared:
                errors.add(
                    i,
                    "geometry",
                    _("网格 %(code)s 与网格 %(other)s 重叠 %(m2)s 平方米")
                    % {"code": c.values["code"], "other": areas[j][0], "m2": f"{shared:,.0f}"},
                )


def _neighbours(areas: Sequence[Area | None]) -> list[list[int]]:
    """For each area, the positions of those whose boxes meet its own."""
    known = [(i, a) for i, a in enumerate(areas) if a is not None and a.polygons]
    index = Boxes([a.bounds for _i, a in known])
    found: list[list[int]] = [[] for _a in areas]
    for i, a in known:
        found[i] = sorted(known[j][0] for j in index.meeting(a.bounds))
    return found


def bounded(rows: Iterable[Any], most: int) -> None:
    """Refuse batches that no person would look at."""
    n = sum(1 for _row in rows)
    if n > most:
        raise Invalid(
            "places.too_many", _("一次最多 %(most)s 行，收到 %(n)s 行") % {"most": most, "n": n}
        )
