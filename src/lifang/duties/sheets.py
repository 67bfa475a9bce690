"""Rules and pairings as Excel sheets: one table of columns writes and reads them.

Units, roads, sites, shops and components stand in the sheet by code, with the name beside it for
people; a sheet that names them without a code is understood where the name is unique.
"""

import datetime as dt
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import xlsxwriter
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from lifang.duties.choices import PairingKind
from lifang.duties.models import DutyRule, Pairing
from lifang.duties.schemas import category_name
from lifang.orgs.models import Post, Unit, User
from lifang.places.models import Component, Region, Road, Shop, Site
from lifang.standards.rules import clean_name, clean_text
from lifang.standards.sheets import CellError

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: heading, width
PLACE_COLUMNS = (
    ("区划代码", 15),
    ("道路", 26),
    ("点位", 26),
    ("商铺", 26),
    ("部件", 26),
    ("责任网格", 12),
    ("生效日期", 12),
    ("失效日期", 12),
    ("备注", 30),
    ("启用", 7),
)
RULE_COLUMNS = (
    ("编号", 8),
    ("类别标识", 34),
    ("类别名称", 18),
    ("主办单位", 26),
    ("协办单位", 34),
    ("岗位", 18),
    ("权属优先", 9),
    *PLACE_COLUMNS,
)
PAIRING_COLUMNS = (
    ("类型", 14),
    ("姓名", 12),
    ("账号", 14),
    ("电话", 16),
    ("职务", 22),
    ("单位", 26),
    *PLACE_COLUMNS,
)


def _coded(row: Any) -> str:
    return f"{row.code} {clean_name(str(row.name))}" if row is not None else ""


def _yes_no(value: bool) -> str:
    return "是" if value else "否"


def _place_cells(row: DutyRule | Pairing) -> list[str]:
    return [
        row.area,
        _coded(row.road),
        _coded(row.site),
        _coded(row.shop),
        _coded(row.component),
        row.grid,
        row.valid_from.isoformat() if row.valid_from else "",
        row.valid_to.isoformat() if row.valid_to else "",
        row.note,
        _yes_no(row.active),
    ]


def rules_sheet(rows: Iterable[DutyRule]) -> bytes:
    return _book(
        "责任规则",
        RULE_COLUMNS,
        (
            [
                str(r.number),
                r.category,
                category_name(r.category),
                _coded(r.lead_unit),
                "\n".join(_coded(u) for u in r.assisting.all()),
                r.post.title if r.post else "",
                _yes_no(r.owner_first),
                *_place_cells(r),
            ]
            for r in rows
        ),
    )


def pairings_sheet(rows: Iterable[Pairing]) -> bytes:
    return _book(
        "包联关系",
        PAIRING_COLUMNS,
        (
            [
                str(PairingKind(p.kind).label),
                p.person_name,
                p.user.username if p.user else "",
                p.phone,
                p.title,
                _coded(p.unit),
                *_place_cells(p),
            ]
            for p in rows
        ),
    )


def _book(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[list[str]]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#E8EDF5", "border": 1})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 1)
    for i, (heading, width) in enumerate(columns):
        sheet.set_column(i, i, width, text)
        sheet.write_string(0, i, heading, head)
    at = 0
    for at, row in enumerate(rows, 1):
        for i, value in enumerate(row):
            sheet.write_string(at, i, value, text)
    sheet.autofilter(0, 0, max(at, 1), len(columns) - 1)
    book.close()
    return out.getvalue()


def download(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=TYPE)
    answer["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx") or "attachment"
    return answer


@dataclass
class Reading:
    """Rows as arguments of the actions, each with its number in the sheet; errors by cell."""

    rows: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)


def read_rules(records: Iterable[tuple[int, Mapping[str, object]]]) -> Reading:
    """Rules from rows with their numbers. Several units in a cell stand on lines or between ``、``."""
    return _Reader().run(records, _rule)


def read_pairings(records: Iterable[tuple[int, Mapping[str, object]]]) -> Reading:
    return _Reader().run(records, _pairing)


class _Reader:
    """Cells to values, with look-up tables read once."""

    def __init__(self) -> None:
        self.found = Reading()
        self.n = 0
        self.row: Mapping[str, object] = {}
        self._tables: dict[Any, tuple[dict[str, int], dict[str, list[int]]]] = {}

    def run(
        self,
        records: Iterable[tuple[int, Mapping[str, object]]],
        take: Callable[["_Reader"], dict[str, Any]],
    ) -> Reading:
        for self.n, self.row in records:
            if any(_text(v) for v in self.row.values()):
                self.found.rows.append((self.n, take(self)))
        return self.found

    def fail(self, column: str, message: str) -> None:
        self.found.errors.append(CellError(self.n, column, message))

    def text(self, column: str) -> str:
        return _text(self.row.get(column))

    def flag(self, column: str, default: bool) -> bool:
        text = self.text(column)
        if text and text not in ("是", "否"):
            self.fail(column, _("应为是或否"))
        return text == "是" if text else default

    def date(self, column: str) -> dt.date | None:
        value = self.row.get(column)
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        text = _text(value).replace("/", "-").replace(".", "-")
        if not text:
            return None
        try:
            return dt.date(*(int(p) for p in text.split("-")))
        except (ValueError, TypeError):
            self.fail(column, _("日期格式有误，例：2026-03-01"))
            return None

    def pick(self, column: str, model: Any, text: str | None = None) -> int | None:
        """The row of ``model`` whose code begins the cell, or whose name it is."""
        text = self.text(column) if text is None else text
        if not text:
            return None
        codes, names = self._table(model)
        hit = codes.get(text.split()[0]) or codes.get(text)
        if hit is None:
            same = names.get(text, [])
            if len(same) > 1:
                self.fail(column, _("有 %(n)s 个“%(t)s”，请改填编码") % {"n": len(same), "t": text})
                return None
            hit = same[0] if same else None
        if hit is None:
            self.fail(column, _("没有找到“%(t)s”") % {"t": text[:40]})
        return hit

    def _table(self, model: Any) -> tuple[dict[str, int], dict[str, list[int]]]:
        if model not in self._tables:
            codes: dict[str, int] = {}
            names: dict[str, list[int]] = {}
            rows = model.objects.filter(active=True).values_list("id", "code", "name")
            for i, code, name in rows.iterator():
                codes[code] = i
                names.setdefault(clean_name(name), []).append(i)
            self._tables[model] = (codes, names)
        return self._tables[model]

    def place(self) -> dict[str, Any]:
        area = self.text("区划代码")
        if area and not (area.isascii() and area.isdigit() and len(area) <= 12):
            area = next(iter(self._region(area)), "")
        return {
            "area": area,
            "road_id": self.pick("道路", Road),
            "site_id": self.pick("点位", Site),
            "shop_id": self.pick("商铺", Shop),
            "component_id": self.pick("部件", Component),
            "grid": self.text("责任网格"),
            "valid_from": self.date("生效日期"),
            "valid_to": self.date("失效日期"),
            "note": self.text("备注"),
            "active": self.flag("启用", True),
        }

    def _region(self, name: str) -> list[str]:
        codes = list(Region.objects.filter(name=name, active=True).values_list("code", flat=True))
        if len(codes) != 1:
            self.fail("区划代码", _("没有找到唯一的区划“%(t)s”，请填代码") % {"t": name[:40]})
        return codes[:1]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean_text(str(value))


def _rule(r: _Reader) -> dict[str, Any]:
    number = r.text("编号")
    if number and not (number.isascii() and number.isdigit() and 0 < int(number) < 2**31):
        r.fail("编号", _("应为正整数"))
        number = ""
    helpers = [
        h
        for h in r.text("协办单位").replace("、", "\n").replace("；", "\n").split("\n")
        if h.strip()
    ]
    lead = r.pick("主办单位", Unit)
    post = None
    if title := r.text("岗位"):
        post = (
            Post.objects.filter(unit_id=lead or 0, title=title).values_list("id", flat=True).first()
        )
        if post is None:
            r.fail("岗位", _("主办单位没有岗位“%(t)s”") % {"t": title[:40]})
    return {
        "number": int(number) if number else None,
        "category": r.text("类别标识"),
        "lead_unit_id": lead,
        "assisting": [u for u in (r.pick("协办单位", Unit, h.strip()) for h in helpers) if u],
        "post_id": post,
        "owner_first": r.flag("权属优先", False),
        **r.place(),
    }


def _pairing(r: _Reader) -> dict[str, Any]:
    kinds = {str(label): key for key, label in PairingKind.choices}
    kind = kinds.get(r.text("类型"), "")
    if not kind:
        r.fail("类型", _("只能是：%(list)s") % {"list": "、".join(kinds)})
    user = None
    if login := r.text("账号"):
        user = User.objects.filter(username=login).values_list("id", flat=True).first()
        if user is None:
            r.fail("账号", _("没有账号“%(t)s”") % {"t": login[:40]})
    return {
        "kind": kind,
        "person_name": clean_name(r.text("姓名")),
        "user_id": user,
        "phone": r.text("电话"),
        "title": clean_name(r.text("职务")),
        "unit_id": r.pick("单位", Unit),
        **r.place(),
    }
