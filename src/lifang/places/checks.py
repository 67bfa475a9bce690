"""From rows as people give them to clean values: types, references, shapes, codes.

Everything wrong is gathered and told at once, by row and column. Nothing is written here.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid
from lifang.places import atlas, codes, geometry
from lifang.places.kinds import Kind
from lifang.places.models import Cell, CodeTemplate, Region, Road, SiteType
from lifang.places.relations import relations
from lifang.places.rows import Clean, Errors, Row, value


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
        values = {c.name: value(c, row.get(c.name), i, errors) for c in kind.columns}
        cleans.append(Clean(values, targets[i] if targets else None))
    _references(kind, cleans, errors)
    if update and targets is None:
        _match(kind, cleans)
    _shapes(kind, rows, cleans, errors)
    _place(kind, cleans, errors)
    _codes(kind, cleans, errors)
    if not errors.found:
        relations(kind, cleans, errors)
    return cleans, errors.found


def problem(found: list[Field]) -> Invalid:
    return Errors(many=False, found=found).problem()


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


def bounded(rows: Iterable[Any], most: int) -> None:
    """Refuse batches that no person would look at."""
    n = sum(1 for _row in rows)
    if n > most:
        raise Invalid(
            "places.too_many", _("一次最多 %(most)s 行，收到 %(n)s 行") % {"most": most, "n": n}
        )
