"""Places out: Excel for people, GeoJSON for other systems. Both come in again by the importer."""

import io
from collections.abc import Iterator
from typing import Any

import orjson
from django.utils.translation import gettext as _

from lifang.core import exports
from lifang.core.errors import Missing
from lifang.places import actions, queries
from lifang.places.kinds import Kind

_CHUNK = 500
#: characters that a cell of Excel holds
_CELL = 32_767


def _rows(kind: Kind, *, phones: bool, **filters: Any) -> Iterator[dict[str, Any]]:
    found = queries.listing(kind, **filters).order_by("code")
    if kind.shape in ("area", "line"):
        found = found.defer(None)
    for row in found.iterator(chunk_size=_CHUNK):
        values = actions.as_row(kind, row)
        if "owner_phone" in values and not phones:
            values["owner_phone"] = queries.masked(values["owner_phone"])
        yield values


def excel(kind: Kind, *, phones: bool = False, **filters: Any) -> bytes:
    """An .xlsx with the importer's titles; shapes as GeoJSON text."""
    shaped = kind.shape in ("area", "line")
    columns = [
        exports.Column(c.label, kind={"int": "int", "date": "date"}.get(c.type, "text"))
        for c in kind.columns
    ]
    if shaped:
        columns.append(exports.Column(_("图形"), 20))
    labels = {c.name: dict(c.choices) for c in kind.columns if c.choices}

    def lines() -> Iterator[list[Any]]:
        for values in _rows(kind, phones=phones, **filters):
            line = [
                str(labels[c.name].get(values[c.name], "")) if c.name in labels else values[c.name]
                for c in kind.columns
            ]
            if shaped:
                text = orjson.dumps(values["geometry"]).decode() if values["geometry"] else ""
                line.append(text if len(text) <= _CELL else "")
            yield line

    out = io.BytesIO()
    exports.table(out, title=kind.label, columns=columns, rows=lines())
    return out.getvalue()


def geojson(kind: Kind, *, phones: bool = False, **filters: Any) -> bytes:
    """A FeatureCollection (WGS-84) whose properties are the importer's columns."""
    features = []
    for values in _rows(kind, phones=phones, **filters):
        if kind.shape == "point":
            shape: Any = {"type": "Point", "coordinates": [values.pop("lng"), values.pop("lat")]}
        else:
            shape = values.pop("geometry", None)
        features.append({"type": "Feature", "geometry": shape, "properties": values})
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def export(kind: Kind, ending: str, *, phones: bool, **filters: Any) -> tuple[bytes, str]:
    """The file and its content type, by ending."""
    if ending == "xlsx":
        return excel(kind, phones=phones, **filters), exports.XLSX
    if ending == "geojson" and kind.shape:
        return geojson(kind, phones=phones, **filters), "application/geo+json; charset=utf-8"
    raise Missing("places.export", _("没有这种导出格式，可用：xlsx、geojson"))
