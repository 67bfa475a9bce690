"""Parts of an edition in words, for lists of what differs. Short; the numbers are those of the document."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from lifang.standards.editions import kinds
from lifang.standards.editions.shape import Measure, NaPolicy, Rounding, Slot


def tell(value: Any) -> str:
    """Any value of a node, an item or the edition itself."""
    match value:
        case None:
            return ""
        case str():
            return value
        case Fraction():
            return number(value)
        case Decimal():
            return number(Fraction(value))
        case Measure():
            return _measure(value)
        case Slot():
            return value.title or value.key
        case NaPolicy():
            return " ".join(filter(None, (_na()[value.policy], value.within)))
        case Rounding():
            leaf = "" if value.leaf is None else _("，指标 %(n)s 位") % {"n": value.leaf}
            return _("总分 %(n)s 位小数") % {"n": value.total} + leaf
        case kinds.Prerequisite():
            return f"{value.edition} ≥ {number(value.at_least)}"
        case kinds.Blend():
            return f"{value.edition} × {number(value.share)} / {number(value.full)}"
        case Mapping():
            return "；".join(f"{k}: {tell(v)}" for k, v in sorted(value.items()))
        case frozenset():
            return "、".join(sorted(map(str, value)))
        case tuple() | list():
            return _row(value)
    return _words().get(value, str(value))


def _row(value: tuple[Any, ...] | list[Any]) -> str:
    if all(isinstance(v, Measure) for v in value):
        return "\n".join(map(_measure, value))
    if value and all(isinstance(v, tuple) for v in value):
        return "、".join(" ".join(tell(x) for x in v if x != 1) for v in value)
    return "、".join(map(tell, value))


def number(value: Fraction) -> str:
    """An exact decimal where there is one, else the nearest of six places."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return f"{exact.quantize(Decimal('0.000001')).normalize():f}"


def _na() -> dict[str, str]:
    return {
        "full": _("给满分"),
        "drop": _("退出总分"),
        "redistribute": _("分给同级"),
        "zero": _("记零分"),
    }


def _words() -> dict[Any, str]:
    return {"pending": _("待定"), "zero": _("记零分")}


def _methods() -> dict[str, str]:
    return {
        "document": _("材料审核"),
        "field": _("实地考察"),
        "survey": _("问卷调查"),
        "statistic": _("统计数据"),
        "special": _("特色加分"),
        "veto": _("负面清单"),
    }


def _measure(m: Measure) -> str:
    parts = [_methods()[m.method]]
    if m.share != 1:
        parts.append(f"× {number(m.share)}")
    parts.append(_rule(m.rule))
    if m.asks:
        parts.append(_("材料：%(list)s") % {"list": "、".join(s.title or s.key for s in m.asks)})
    if m.questions:
        parts.append(_("题目：%(list)s") % {"list": "、".join(m.questions)})
    if m.unit:
        parts.append(m.unit)
    return " ".join(parts)


def _pairs(found: Mapping[str, Fraction | None]) -> str:
    return "、".join(f"{k}={'-' if v is None else number(v)}" for k, v in found.items())


def _rule(rule: kinds.Rule) -> str:
    match rule:
        case kinds.GradeMap():
            return _("等级 %(list)s") % {"list": _pairs(rule.grades)}
        case kinds.Step():
            sign = "≤" if rule.better == "low" else "≥"
            cuts = "、".join(f"{sign}{number(c)}={number(v)}" for c, v in rule.cuts)
            told = _("分档 %(cuts)s，其余 %(rest)s")
            return told % {"cuts": cuts, "rest": number(rule.otherwise)}
        case kinds.LinearClamp():
            return _("线性 %(lo)s 到 %(hi)s") % {"lo": number(rule.lo), "hi": number(rule.hi)}
        case kinds.Deduct():
            told = _("%(full)s 分起每处扣 %(each)s")
            return told % {"full": number(rule.full), "each": number(rule.each)}
        case kinds.RatioOfTarget():
            return _("完成数÷%(n)s") % {"n": number(rule.target)}
        case kinds.AllOrNothing():
            return _("全有或全无")
        case kinds.SurveyMean():
            then = f" → {_rule(rule.then)}" if rule.then else ""
            return _("选项 %(list)s") % {"list": _pairs(rule.options)} + then
        case kinds.Bonus():
            return _("加分，最多 %(n)s") % {"n": number(rule.cap)}
        case kinds.Veto():
            effects = {
                "deduct": _("扣 %(n)s 分"),
                "cap": _("总分不超过 %(n)s"),
                "suspend": _("暂停资格"),
                "disqualify": _("取消资格"),
            }
            return effects[rule.effect] % {"n": number(rule.value)}
