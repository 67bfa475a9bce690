"""One verb for many cases: each by the same action, each answered for itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from lifang.cases import rules
from lifang.cases.actions.accept import assign, file, reject
from lifang.cases.actions.check import ask_check, close
from lifang.cases.actions.dispatch import dispatch
from lifang.cases.actions.handle import note, start
from lifang.cases.actions.merge import merge
from lifang.cases.choices import Verb
from lifang.core.errors import Field, Invalid, Problem
from lifang.orgs.acting import Acting

MOST = 200
#: the verb and what it takes beside the case
VERBS: dict[str, tuple[Callable[..., Any], frozenset[str]]] = {
    "assign": (assign, frozenset()),
    "file": (file, frozenset({"note"})),
    "reject": (reject, frozenset({"reason"})),
    "dispatch": (dispatch, frozenset({"unit_id", "note"})),
    "start": (start, frozenset()),
    "ask-check": (ask_check, frozenset({"note"})),
    "close": (close, frozenset({"note"})),
    "merge": (merge, frozenset({"into_id", "note"})),
    "note": (note, frozenset({"text"})),
}
#: what a verb cannot do without
_NEEDED = {"reject": "reason", "merge": "into_id", "note": "text"}


def offered(by: Acting) -> dict[str, list[str]]:
    """Verbs that can be done to many, each with the states from which ``by`` may do it."""
    found = {}
    for verb in VERBS:
        move = rules.TABLE[Verb(verb.replace("-", "_"))]
        if by.has(*move.roles):
            found[verb] = sorted(map(str, move.source))
    return found


@dataclass(frozen=True)
class Outcome:
    case_id: int
    ok: bool
    code: str = ""
    message: str = ""


def bulk(*, by: Acting, verb: str, case_ids: Sequence[int], **arguments: Any) -> list[Outcome]:
    """Do ``verb`` to each case, each in its own transaction; what is refused is told by case."""
    if verb not in VERBS:
        raise Invalid("bulk.verb", _("此操作不能批量进行"), fields=[Field("verb", _("不支持"))])
    if len(case_ids) > MOST:
        raise Invalid(
            "bulk.most",
            _("一次最多 %(n)s 件，请分批操作") % {"n": MOST},
            fields=[Field("case_ids", _("最多 %(n)s 件") % {"n": MOST})],
        )
    verb_of, takes = VERBS[verb]
    needed = _NEEDED.get(verb)
    if needed and not arguments.get(needed):
        raise Invalid("bulk.missing", _("请补充必填内容"), fields=[Field(needed, _("必填"))])
    given = {k: v for k, v in arguments.items() if k in takes and v not in ("", None)}
    outcomes = []
    for case_id in dict.fromkeys(case_ids):
        try:
            verb_of(by=by, case_id=case_id, **given)
        except Problem as problem:
            outcomes.append(Outcome(case_id, ok=False, code=problem.code, message=str(problem)))
        else:
            outcomes.append(Outcome(case_id, ok=True))
    return outcomes
