"""Formulas over named counts, rounding, periods. Pure."""

import ast
import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lifang.core.errors import Invalid

ROUNDING = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
#: how the signs of an expression are printed
_SIGN: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "−", ast.Mult: "×"}
_LONGEST = 200


class Expression:
    """``closed + 2 * (due - deferred)``: a closed set of names, whole numbers, ``+ - *``, brackets."""

    def __init__(self, text: str, names: frozenset[str]) -> None:
        self.text = text
        try:
            if len(text) > _LONGEST:
                raise SyntaxError
            self._tree = ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise Invalid(
                "formula.syntax", _("公式“%(text)s”写法有误") % {"text": text[:60]}
            ) from None
        self.names = frozenset(self._check(self._tree, names))

    def _check(self, node: ast.AST, names: frozenset[str]) -> Iterator[str]:
        match node:
            case ast.Name(id=name):
                if name not in names:
                    raise Invalid(
                        "formula.name",
                        _("公式“%(text)s”中的“%(name)s”不是已有的统计量")
                        % {"text": self.text, "name": name},
                    )
                yield name
            case ast.Constant(value=bool()):
                raise self._refused()
            case ast.Constant(value=int()):
                return
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SIGN:
                yield from self._check(left, names)
                yield from self._check(right, names)
            case _:
                raise self._refused()

    def _refused(self) -> Invalid:
        return Invalid(
            "formula.syntax",
            _("公式“%(text)s”只能用统计量、整数、加减乘与括号") % {"text": self.text},
        )

    def value(self, counts: Mapping[str, int]) -> int:
        return _value(self._tree, counts)

    def printed(self, labels: Mapping[str, str | Promise]) -> str:
        """The expression in the words of the counts: ``应结案 − 缓办``."""
        return _printed(self._tree, labels)


def _value(node: ast.AST, counts: Mapping[str, int]) -> int:
    match node:
        case ast.Name(id=name):
            return counts.get(name, 0)
        case ast.Constant(value=int(value)):
            return value
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _value(left, counts) + _value(right, counts)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _value(left, counts) - _value(right, counts)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _value(left, counts) * _value(right, counts)
    raise AssertionError("checked when it was read")


def _printed(node: ast.AST, labels: Mapping[str, str | Promise], inner: bool = False) -> str:
    match node:
        case ast.Name(id=name):
            return str(labels.get(name, name))
        case ast.BinOp(left=left, op=op, right=right):
            text = (
                f"{_printed(left, labels, True)} {_SIGN[type(op)]} {_printed(right, labels, True)}"
            )
            return f"({text})" if inner else text
        case ast.Constant(value=value):
            return str(value)
    raise AssertionError("checked when it was read")


@dataclass(frozen=True)
class Rounding:
    """Declared once, used for every printed rate."""

    digits: int = 2
    mode: str = "half_up"

    def percent(self, part: int, whole: int) -> Decimal | None:
        """``part`` of ``whole`` in per cent; ``None`` (no data) where nothing was due."""
        if whole <= 0:
            return None
        exact = Decimal(part) * 100 / Decimal(whole)
        return exact.quantize(Decimal(1).scaleb(-self.digits), rounding=ROUNDING[self.mode])


@dataclass(frozen=True)
class Rate:
    key: str
    name: str
    numerator: Expression
    denominator: Expression
    group: str = "units"
    #: high | low | none: which way is better
    good: str = "high"

    def text(self, labels: Mapping[str, str | Promise]) -> str:
        """``结案率 = 已结案 ÷ 应结案 × 100%``"""
        top, bottom = self.numerator.printed(labels), self.denominator.printed(labels)
        if " " in bottom:
            bottom = f"({bottom})"
        return f"{self.name} = {f'({top})' if ' ' in top else top} ÷ {bottom} × 100%"


@dataclass(frozen=True)
class Figure:
    """A number made of counts that is not a rate."""

    key: str
    name: str
    value: Expression


@dataclass(frozen=True)
class Formulas:
    rounding: Rounding
    rates: Mapping[str, Rate]
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class Answer:
    """A rate worked out: the value, and the two numbers it is made of."""

    rate: Rate
    n: int
    of: int
    value: Decimal | None


def answer(rate: Rate, counts: Mapping[str, int], rounding: Rounding) -> Answer:
    n, of = rate.numerator.value(counts), rate.denominator.value(counts)
    return Answer(rate, n, of, rounding.percent(n, of))


def shown(value: Decimal | None) -> str:
    """As printed in a sheet: ``93.72%`` or ``无数据``."""
    return _("无数据") if value is None else f"{value}%"


# ---------------------------------------------------------------- periods


@dataclass(frozen=True)
class Span:
    """Whole grains (``y`` year, ``m`` month, ``d`` day) that begin in ``[start, end)``."""

    grain: str
    start: dt.date
    end: dt.date


def cover(start: dt.date, end: dt.date) -> list[Span]:
    """Disjoint spans that make up the days ``[start, end)``: years and months where whole ones fit."""
    spans: list[Span] = []
    if start >= end:
        return spans
    first = start if start.day == 1 else _next_month(start)
    last = end.replace(day=1)
    if first >= last:
        return [Span("d", start, end)]
    if start < first:
        spans.append(Span("d", start, first))
    spans += _months(first, last)
    if last < end:
        spans.append(Span("d", last, end))
    return spans


def _months(start: dt.date, end: dt.date) -> list[Span]:
    first = start if start.month == 1 else dt.date(start.year + 1, 1, 1)
    last = dt.date(end.year, 1, 1)
    if first >= last:
        return [Span("m", start, end)]
    parts = [Span("m", start, first), Span("y", first, last), Span("m", last, end)]
    return [p for p in parts if p.start < p.end]


def _next_month(day: dt.date) -> dt.date:
    return dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)


def previous(start: dt.date, end: dt.date) -> tuple[dt.date, dt.date]:
    """The period before: the months before for whole months, else as many days before."""
    if start.day == 1 and end.day == 1:
        months = (end.year - start.year) * 12 + end.month - start.month
        index = start.year * 12 + start.month - 1 - months
        return dt.date(index // 12, index % 12 + 1, 1), start
    return start - (end - start), start
