"""How areas lie to each other: inside the one above, beside their neighbours, around those below."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from lifang.places import atlas, geometry
from lifang.places.kinds import Kind
from lifang.places.models import Cell, Region
from lifang.places.rows import Clean, Errors
from lifang.places.shapes import Area, Boxes


def relations(kind: Kind, cleans: list[Clean], errors: Errors) -> None:
    if kind.model is Region:
        _check_regions(cleans, errors)
        _check_siblings(cleans, errors)
        _check_parts(cleans, errors)
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


#: borders of neighbours come from different surveys; less than this share is no overlap
_NEIGHBOURS = 0.01


def _check_siblings(cleans: list[Clean], errors: Errors) -> None:
    """Regions of one level under one parent do not overlap, else a point lies in two of them."""
    groups: dict[tuple[str, int], list[tuple[int, Clean]]] = {}
    for i, c in enumerate(cleans):
        if c.area is not None:
            parent = c.values["parent"]
            above = "" if parent is None else parent if isinstance(parent, str) else parent.code
            groups.setdefault((above, c.values["level"]), []).append((i, c))
    moved = {c.target.id for c in cleans if c.target is not None}
    for (above, level), members in groups.items():
        others = Region.objects.filter(level=level, active=True).exclude(id__in=moved)
        others = others.filter(parent__code=above) if above else others.filter(parent=None)
        stored = [(r.name, _stored(r)) for r in others.exclude(geometry=None)]
        areas = [*((c.values["name"], c.area) for _i, c in members), *stored]
        near = _neighbours([a for _name, a in areas])
        for n, (i, c) in enumerate(members):
            for j in near[n]:
                other = areas[j][1]
                if n <= j < len(members) or other is None or c.area is None:
                    continue
                shared = geometry.overlap(c.area, other)
                if shared > _NEIGHBOURS * min(c.area.m2, other.m2):
                    errors.add(
                        i,
                        "geometry",
                        _("“%(name)s”与“%(other)s”重叠 %(m2)s 平方米，请调整边界")
                        % {"name": c.values["name"], "other": areas[j][0], "m2": f"{shared:,.0f}"},
                    )


def _check_parts(cleans: list[Clean], errors: Errors) -> None:
    """A changed border still holds the regions below."""
    changed = {c.target.id: (i, c) for i, c in enumerate(cleans) if c.target and c.area}
    own = {c.values["code"] for c in cleans}
    below = Region.objects.filter(parent__in=changed, active=True).exclude(geometry=None)
    for child in below.exclude(code__in=own):
        i, c = changed[child.parent_id or 0]
        area = _stored(child)
        out = geometry.sticks_out(area, c.area) if area and c.area else 0.0
        if out:
            errors.add(
                i,
                "geometry",
                _("下级区划“%(name)s”有 %(m2)s 平方米在新边界之外，请先调整它")
                % {"name": child.name, "m2": f"{out:,.0f}"},
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
