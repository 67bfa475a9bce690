"""Rules of measures out of a document, each kind with its own checks."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from lifang.standards.editions import kinds
from lifang.standards.editions.reader import Reader


def rule(r: Reader, row: Mapping[str, Any], path: str, method: str) -> kinds.Rule:
    """The rule of a measure with ``method``; faults go to ``r``."""
    kind = r.one_of(row.get("kind"), kinds.KINDS_OF[method], f"{path}.kind")
    return _RULES[kind](r, row, path)


def _by(r: Reader, row: Mapping[str, Any], path: str) -> kinds.By:
    allowed = ("pass_rate", "site_rate", "site_pass")
    by: kinds.By = r.one_of(row.get("by"), allowed, f"{path}.by", "pass_rate")
    return by


def _grade_map(r: Reader, row: Mapping[str, Any], path: str) -> kinds.GradeMap:
    grades = {
        str(k): r.part(v, f"{path}.grades.{k}", least=0, most=1)
        for k, v in r.mapping(row.get("grades"), f"{path}.grades").items()
    }
    if not grades:
        r.fault(f"{path}.grades", _("至少要有一个等级"))
    return kinds.GradeMap(
        grades or {"A": kinds.ONE},
        r.one_of(row.get("combine"), ("mean", "min"), f"{path}.combine", "mean"),
    )


def _step(r: Reader, row: Mapping[str, Any], path: str) -> kinds.Step:
    better = r.one_of(row.get("better"), ("high", "low"), f"{path}.better", "high")
    cuts = []
    for k, cut in enumerate(r.rows(row.get("cuts"), f"{path}.cuts")):
        if not isinstance(cut, list) or len(cut) != 2:
            r.fault(f"{path}.cuts[{k}]", _("应为 [界限, 得分比例]"))
            continue
        cuts.append(
            (
                r.part(cut[0], f"{path}.cuts[{k}][0]"),
                r.part(cut[1], f"{path}.cuts[{k}][1]", least=0, most=1),
            )
        )
    otherwise = r.part(row.get("else"), f"{path}.else", default=0, least=0, most=1)
    limits = [c for c, _v in cuts]
    values = [v for _c, v in cuts] + [otherwise]
    if not cuts:
        r.fault(f"{path}.cuts", _("至少要有一个界限"))
    if limits != sorted(set(limits), reverse=better == "high"):
        r.fault(f"{path}.cuts", _("界限要从最严到最宽，不得重复"))
    if values != sorted(values, reverse=True):
        r.fault(f"{path}.cuts", _("越严的界限得分应越高"))
    return kinds.Step(tuple(cuts), otherwise, _by(r, row, path), better)


def _linear(r: Reader, row: Mapping[str, Any], path: str) -> kinds.LinearClamp:
    lo = r.part(row.get("lo"), f"{path}.lo", default=0)
    hi = r.part(row.get("hi"), f"{path}.hi", default=1)
    if lo == hi:
        r.fault(f"{path}.hi", _("lo 与 hi 不能相等"))
        hi = lo + 1
    return kinds.LinearClamp(lo, hi, _by(r, row, path))


def _deduct(r: Reader, row: Mapping[str, Any], path: str) -> kinds.Deduct:
    full = r.part(row.get("full"), f"{path}.full", positive=True, default=1)
    floor = r.part(row.get("floor"), f"{path}.floor", default=0, least=0)
    if floor > full:
        r.fault(f"{path}.floor", _("不能大于 %(most)s") % {"most": full})
    cap = row.get("site_cap")
    return kinds.Deduct(
        full=full,
        each=r.part(row.get("each"), f"{path}.each", least=0),
        floor=floor,
        per=r.one_of(row.get("per"), ("all", "site"), f"{path}.per", "all"),
        site_cap=None if cap is None else r.part(cap, f"{path}.site_cap", least=0),
    )


def _survey(r: Reader, row: Mapping[str, Any], path: str) -> kinds.SurveyMean:
    options = {
        str(k): None if v is None else r.part(v, f"{path}.options.{k}", least=0, most=1)
        for k, v in r.mapping(row.get("options"), f"{path}.options").items()
    }
    if not any(v is not None for v in options.values()):
        r.fault(f"{path}.options", _("至少要有一个计分的选项"))
    then = row.get("then")
    made: kinds.Step | kinds.LinearClamp | None = None
    if then is not None:
        then = r.mapping(then, f"{path}.then")
        kind = r.one_of(then.get("kind"), ("step", "linear_clamp"), f"{path}.then.kind")
        made = (_step if kind == "step" else _linear)(r, then, f"{path}.then")
    return kinds.SurveyMean(options, made)


_RULES: dict[str, Callable[[Reader, Mapping[str, Any], str], kinds.Rule]] = {
    "grade_map": _grade_map,
    "step": _step,
    "linear_clamp": _linear,
    "deduct": _deduct,
    "ratio_of_target": lambda r, row, path: kinds.RatioOfTarget(
        r.part(row.get("target"), f"{path}.target", positive=True),
        r.part(row.get("cap"), f"{path}.cap", default=1, least=0, most=1),
    ),
    "all_or_nothing": lambda r, row, path: kinds.AllOrNothing(
        frozenset(map(str, r.rows(row.get("accept", ["A", "B"]), f"{path}.accept")))
    ),
    "survey_mean": _survey,
    "bonus": lambda r, row, path: kinds.Bonus(r.part(row.get("cap"), f"{path}.cap", least=0)),
    "veto": lambda r, row, path: kinds.Veto(
        r.one_of(row.get("effect"), ("deduct", "cap", "suspend", "disqualify"), f"{path}.effect"),
        r.part(row.get("value"), f"{path}.value", default=0, least=0),
    ),
}
