"""The catalogue as an Excel sheet, loss-free both ways: one row per filing condition.

Reading is forgiving as cities' own tables need it (domain §7 no. 5): merged cells carry down,
``1`` is ``01``, line breaks in names go, ``4小时`` means working hours. Errors name row and column.
"""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from lifang.core.errors import Invalid
from lifang.standards.choices import CategoryKind
from lifang.standards.rules import (
    CatalogueDoc,
    CategoryDoc,
    ConditionDoc,
    clean_name,
    clean_text,
    clean_words,
    pad_code,
    parse_limit,
    write_limit,
)

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: heading, field, width. The order is the order of columns.
COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("类型", "kind", 8),
    ("大类代码", "major_code", 9),
    ("大类名称", "major_name", 14),
    ("小类代码", "minor_code", 9),
    ("小类名称", "minor_name", 18),
    ("立案条件", "text", 40),
    ("时限", "limit", 9),
    ("结案条件", "closing", 40),
    ("处置前照片", "photos_before", 10),
    ("处置后照片", "photos_after", 10),
    ("默认条件", "default", 9),
    ("条件启用", "condition_active", 9),
    ("标识", "key", 34),
    ("常用叫法", "words", 50),
    ("提示", "help", 24),
    ("公开", "public", 7),
    ("优先级", "priority", 8),
    ("排序", "order", 8),
    ("启用", "active", 7),
)
REQUIRED = ("类型", "大类代码", "小类代码", "小类名称", "立案条件", "时限", "结案条件")
#: other headings found in cities' tables
ALIASES = {
    "大类编码": "大类代码",
    "小类编码": "小类代码",
    "大类": "大类名称",
    "小类": "小类名称",
    "立案标准": "立案条件",
    "处置时限": "时限",
    "办理时限": "时限",
    "结案标准": "结案条件",
    "结案规范": "结案条件",
    "别名": "常用叫法",
}
_KINDS = {
    str(label): key for key, label in (("component", "部件"), ("event", "事件"), ("matter", "诉求"))
}
_KIND_NAMES = {v: k for k, v in _KINDS.items()}
_LIMIT_TEXT = {"U": "紧急工作时", "UD": "紧急工作日", "h": "工作时", "d": "工作日", "n": "自然日"}


@dataclass(frozen=True)
class CellError:
    """What is wrong in one cell: row as Excel counts, column by heading, message in Chinese."""

    row: int
    column: str
    message: str


@dataclass
class Reading:
    """What a sheet holds. With errors, ``doc`` is what could be read, for the preview."""

    doc: CatalogueDoc
    errors: list[CellError] = field(default_factory=list)
    #: the row where each class begins, by key
    rows: dict[str, int] = field(default_factory=dict)


def write(doc: CatalogueDoc) -> bytes:
    """The workbook. Majors have a row of their own (no minor code); minors one per condition."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False,
                                     "strings_to_urls": False, "strings_to_numbers": False})  # fmt: skip
    head = book.add_format({"bold": True, "bg_color": "#E8EDF5", "border": 1, "valign": "vcenter"})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    sheet = book.add_worksheet("目录")
    sheet.freeze_panes(1, 5)
    for i, (heading, _name, width) in enumerate(COLUMNS):
        sheet.set_column(i, i, width, text)
        sheet.write_string(0, i, heading, head)
    at = 0
    for at, row in enumerate(rows(doc), 1):
        for i, value in enumerate(row):
            sheet.write_string(at, i, value, text)
    sheet.autofilter(0, 0, max(at, 1), len(COLUMNS) - 1)
    sheet.data_validation(1, 0, 5000, 0, {"validate": "list", "source": list(_KINDS)})
    book.close()
    return out.getvalue()


def rows(doc: CatalogueDoc) -> Iterable[list[str]]:
    """The sheet's rows as text, below the heading."""
    by_key = {c.key: c for c in doc.categories}
    for c in _in_order(doc):
        major = by_key.get(c.parent, c)
        base = {
            "kind": _KIND_NAMES.get(str(c.kind), str(c.kind)),
            "major_code": major.code,
            "major_name": major.name,
            "minor_code": c.code[len(major.code) :] if c.parent else "",
            "minor_name": c.name if c.parent else "",
            "key": c.key,
            "words": c.words,
            "help": c.help,
            "public": _yes_no(c.public),
            "priority": str(c.priority),
            "order": str(c.order),
            "active": _yes_no(c.active),
        }
        for x in sorted(c.conditions, key=lambda x: x.number) or [None]:  # type: ignore[list-item]
            cells = base | (_condition_cells(x) if x is not None else {})
            yield [cells.get(name, "") for _heading, name, _width in COLUMNS]


def _in_order(doc: CatalogueDoc) -> Iterable[CategoryDoc]:
    for major in (c for c in doc.categories if not c.parent):
        yield major
        yield from (c for c in doc.categories if c.parent == major.key)


def _condition_cells(x: ConditionDoc) -> dict[str, str]:
    short = write_limit(x.limit, x.unit)
    amount = short.rstrip("UDhdn")
    return {
        "text": x.text,
        "limit": amount + _LIMIT_TEXT[short[len(amount) :]],
        "closing": x.closing,
        "photos_before": str(x.photos_before),
        "photos_after": str(x.photos_after),
        "default": _yes_no(x.default),
        "condition_active": _yes_no(x.active),
    }


def _yes_no(value: bool) -> str:
    return "是" if value else "否"


def read(
    table: Sequence[Sequence[object]], *, code: str, version: str, name: str, note: str = ""
) -> Reading:
    """A sheet's cells, heading row first, as a catalogue. Never raises for what a cell holds."""
    if not table:
        error = CellError(1, "", _("表格是空的"))
        return Reading(CatalogueDoc(code, version, name, note), [error])
    errors: list[CellError] = []
    places = _headings(table[0], errors)
    if errors:
        return Reading(CatalogueDoc(code, version, name, note), errors)
    records = (
        (n, {h: cells[i] for h, i in places.items() if i < len(cells)})
        for n, cells in enumerate(table[1:], 2)
    )
    return read_records(records, code=code, version=version, name=name, note=note)


def read_records(
    records: Iterable[tuple[int, Mapping[str, object]]],
    *,
    code: str,
    version: str,
    name: str,
    note: str = "",
) -> Reading:
    """Rows with their number as Excel counts and their cells by heading, as a catalogue."""
    reader = _Reader()
    for n, values in records:
        if any(_text(v) for v in values.values()):
            reader.take(n, values)
    doc = CatalogueDoc(code, version, name, note, tuple(reader.finish()))
    return Reading(
        doc, reader.errors, {c.key: reader.rows_of[c.kind, c.code] for c in doc.categories}
    )


def _headings(first: Sequence[object], errors: list[CellError]) -> dict[str, int]:
    known = {h for h, _name, _width in COLUMNS}
    places: dict[str, int] = {}
    for i, cell in enumerate(first):
        heading = clean_name(_text(cell)).replace(" ", "")
        heading = ALIASES.get(heading, heading)
        if heading in known:
            places.setdefault(heading, i)
    errors += [CellError(1, h, _("缺少“%(h)s”列") % {"h": h}) for h in REQUIRED if h not in places]
    return places


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean_text(str(value))


@dataclass
class _Reader:
    """Row by row; holds the class at hand so that merged cells carry down."""

    errors: list[CellError] = field(default_factory=list)
    majors: dict[tuple[str, str], CategoryDoc] = field(default_factory=dict)
    minors: dict[tuple[str, str], CategoryDoc] = field(default_factory=dict)
    rows_of: dict[tuple[str, str], int] = field(default_factory=dict)
    kind: str = ""
    major: tuple[str, str] | None = None
    minor: tuple[str, str] | None = None
    n: int = 0

    def take(self, n: int, row: Mapping[str, object]) -> None:
        self.n = n
        before = len(self.errors)
        self._kind(row)
        self._major(row)
        own = any(_text(row.get(h)) for h in ("小类代码", "小类名称"))
        has_condition = any(_text(row.get(h)) for h in ("立案条件", "时限", "结案条件"))
        if own:
            self._minor(row)
        elif _text(row.get("大类代码")) and self.minor is None:
            self._describe_major(row)
        if has_condition and len(self.errors) == before:
            self._condition(row)

    def _fail(self, column: str, message: str) -> None:
        self.errors.append(CellError(self.n, column, message))

    def _get(self, row: Mapping[str, object], column: str, convert: Callable[[Any], Any]) -> Any:
        """The converted cell, or ``None`` with an error noted."""
        try:
            return convert(row.get(column, ""))
        except Invalid as problem:
            self._fail(column, str(problem.message))
        return None

    def _kind(self, row: Mapping[str, object]) -> None:
        given = clean_name(_text(row.get("类型")))
        if given:
            kind = _KINDS.get(given, given if given in CategoryKind.values else "")
            if not kind:
                self._fail("类型", _("只能是：%(list)s") % {"list": "、".join(_KINDS)})
            elif kind != self.kind:
                self.kind, self.major, self.minor = kind, None, None
        elif not self.kind:
            self._fail("类型", _("必填"))

    def _major(self, row: Mapping[str, object]) -> None:
        if not _text(row.get("大类代码")):
            if self.major is None:
                self._fail("大类代码", _("必填"))
            return
        code = self._get(row, "大类代码", pad_code)
        if code is None or not self.kind:
            return
        at = (self.kind, code)
        if at != self.major:
            self.minor = None
        self.major = at
        name = clean_name(_text(row.get("大类名称")))
        if at not in self.majors:
            if not name:
                self._fail("大类名称", _("必填"))
            self.majors[at] = CategoryDoc(self.kind, code, f"{self.kind}-{code}", name)
            self.rows_of[at] = self.n
        elif name and name != self.majors[at].name:
            self._fail("大类名称", _("与上文的“%(name)s”不一致") % {"name": self.majors[at].name})

    def _minor(self, row: Mapping[str, object]) -> None:
        if self.major is None:
            return
        code = self._get(row, "小类代码", pad_code)
        if code is None:
            return
        at = (self.kind, self.major[1] + code)
        self.minor = at
        if at in self.minors:
            name = clean_name(_text(row.get("小类名称")))
            if name and name != self.minors[at].name:
                self._fail(
                    "小类名称", _("与上文的“%(name)s”不一致") % {"name": self.minors[at].name}
                )
            return
        name = self._name(row, "小类名称", 60)
        parent = self.majors[self.major]
        doc = CategoryDoc(self.kind, at[1], f"{parent.key}.{code}", name, parent=parent.key)
        self.minors[at] = self._described(doc, row)
        self.rows_of[at] = self.n

    def _name(self, row: Mapping[str, object], column: str, most: int) -> str:
        name = clean_name(_text(row.get(column)))
        if not name:
            self._fail(column, _("必填"))
        elif len(name) > most:
            self._fail(column, _("最多 %(n)s 个字") % {"n": most})
        return name

    def _describe_major(self, row: Mapping[str, object]) -> None:
        if self.major is not None and self.major in self.majors:
            self.majors[self.major] = self._described(self.majors[self.major], row)

    def _described(self, c: CategoryDoc, row: Mapping[str, object]) -> CategoryDoc:
        key = clean_name(_text(row.get("标识")))
        return replace(
            c,
            key=key or c.key,
            words=clean_words(_text(row.get("常用叫法"))),
            help=clean_text(_text(row.get("提示"))),
            public=self._flag(row, "公开", True),
            priority=self._number(row, "优先级", 0, 9),
            order=self._number(row, "排序", int(c.code), 2**31 - 1),
            active=self._flag(row, "启用", True),
        )

    def _flag(self, row: Mapping[str, object], column: str, default: bool) -> bool:
        text = _text(row.get(column))
        if text in ("是", "1", "True", "TRUE", "true", "√", "Y", "y"):
            return True
        if text in ("否", "0", "False", "FALSE", "false", "×", "N", "n"):
            return False
        if text:
            self._fail(column, _("应为是或否"))
        return default

    def _number(self, row: Mapping[str, object], column: str, default: int, most: int) -> int:
        text = _text(row.get(column))
        if not text:
            return default
        if not text.isascii() or not text.isdigit() or int(text) > most:
            self._fail(column, _("应为 0 到 %(n)s 的整数") % {"n": most})
            return default
        return int(text)

    def _condition(self, row: Mapping[str, object]) -> None:
        at = self.minor or self.major
        if at is None:
            return
        box = self.minors if self.minor else self.majors
        limit = self._get(row, "时限", lambda v: parse_limit(_text(v)))
        texts = {}
        for column, name in (("立案条件", "text"), ("结案条件", "closing")):
            texts[name] = clean_text(_text(row.get(column)))
            if not texts[name]:
                self._fail(column, _("必填"))
            elif len(texts[name]) > 300:
                self._fail(column, _("最多 %(n)s 个字") % {"n": 300})
        if limit is None:
            return
        c = box[at]
        given = _text(row.get("默认条件"))
        box[at] = replace(
            c,
            conditions=(
                *c.conditions,
                ConditionDoc(
                    number=len(c.conditions) + 1,
                    limit=limit[0],
                    unit=limit[1].value,
                    photos_before=self._number(row, "处置前照片", 0, 9),
                    photos_after=self._number(row, "处置后照片", 1, 9),
                    default=self._flag(row, "默认条件", False) if given else not c.conditions,
                    active=self._flag(row, "条件启用", True),
                    **texts,
                ),
            ),
        )

    def finish(self) -> Iterable[CategoryDoc]:
        """Majors and their minors; a major whose key a later row told gives it to its minors."""
        for at, major in self.majors.items():
            yield major
            for code, minor in self.minors.items():
                if code[0] == at[0] and code[1][:2] == at[1]:
                    was = minor.parent
                    key = minor.key
                    if (
                        was != major.key
                        and key.startswith(f"{was}.")
                        and key[len(was) + 1 :].isdigit()
                    ):
                        key = f"{major.key}.{key[len(was) + 1 :]}"
                    yield replace(minor, parent=major.key, key=key)


def field_of(heading: str) -> str:
    """The field under a heading; the heading itself if there is none."""
    return next((name for h, name, _width in COLUMNS if h == heading), heading)
