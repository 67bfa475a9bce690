"""Facts: what was seen, graded, counted, answered, awarded. Append-only; a later one may supersede.

``id`` names a fact for ever; ``supersedes`` names the one it replaces; ``at`` is when it was recorded
(ISO 8601 with offset). :func:`digest` is over the contents in force, without those three: replacing a fact
and putting it back restores the hash.
"""

import dataclasses
import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Literal

from django.utils.translation import gettext as _

from lifang.core.errors import Field, Invalid

FORMAT = "lifang.facts/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What all facts have."""

    kind: ClassVar[str] = ""
    id: str
    at: str = ""
    supersedes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation(Fact):
    """One line of a checklist at one place. ``count`` faults; ``disputed`` ones may still turn to a pass."""

    kind: ClassVar[str] = "observation"
    site: str
    item: str
    state: Literal["pass", "fail", "na"]
    count: int = 1
    cause: str = ""
    task: str = ""
    disputed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Fact):
    """The grade of one document. ``missing`` and ``na`` are grades everywhere; a higher level overrules."""

    kind: ClassVar[str] = "review"
    leaf: str
    grade: str
    measure: str = "document"
    slot: str = ""
    level: int = 1
    reason: str = ""
    reviewer: str = ""
    disputed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Fact):
    """One answer of a questionnaire; ``weight`` from quotas or raking."""

    kind: ClassVar[str] = "answer"
    question: str
    option: str
    stratum: str = ""
    weight: Decimal = Decimal(1)
    respondent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistic(Fact):
    """A number from a yearbook or a system, with its period and source."""

    kind: ClassVar[str] = "statistic"
    leaf: str
    value: Decimal
    measure: str = "statistic"
    period: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Award(Fact):
    """Points of a bonus indicator."""

    kind: ClassVar[str] = "award"
    leaf: str
    points: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VetoEvent(Fact):
    """An event of the negative list; only a confirmed one within the round's dates counts."""

    kind: ClassVar[str] = "veto"
    leaf: str
    on: str = ""
    confirmed: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override(Fact):
    """The points of an indicator as somebody with the right to say so has set them."""

    kind: ClassVar[str] = "override"
    leaf: str
    points: Decimal
    reason: str
    approver: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(Fact):
    """An indicator (or one measure of it) that does not apply, lacks all evidence, or is disputed."""

    kind: ClassVar[str] = "mark"
    leaf: str
    state: Literal["not_applicable", "missing", "disputed"]
    measure: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(Fact):
    """The score that another edition came to."""

    kind: ClassVar[str] = "linked"
    edition: str
    score: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Fact):
    """Takes a fact back without a new one."""

    kind: ClassVar[str] = "withdrawal"
    reason: str = ""


KINDS: dict[str, type[Fact]] = {
    c.kind: c
    for c in (
        Observation, Review, Answer, Statistic, Award, VetoEvent, Override, Mark, Linked, Withdrawal,
    )
}  # fmt: skip
_ALLOWED = {
    ("observation", "state"): ("pass", "fail", "na"),
    ("mark", "state"): ("not_applicable", "missing", "disputed"),
}
_SPEC = {
    kind: {f.name: (f.type, f.default is dataclasses.MISSING) for f in dataclasses.fields(c)}
    for kind, c in KINDS.items()
}


def moment(text: str) -> dt.datetime:
    """ISO 8601; without an offset it is read as China's."""
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=dt.timezone(dt.timedelta(hours=8)))


def in_force(facts: Iterable[Fact], as_of: str = "") -> list[Fact]:
    """The facts that hold: recorded by ``as_of`` (all if empty) and not superseded by then."""
    facts = list(facts)
    if as_of:
        limit = moment(as_of)
        facts = [f for f in facts if not f.at or moment(f.at) <= limit]
    gone = {f.supersedes for f in facts if f.supersedes}
    return [f for f in facts if f.id not in gone and not isinstance(f, Withdrawal)]


def check_ids(facts: Sequence[Fact], taken: Collection[str] = ()) -> None:
    """Refuse two facts of one id: one would silently be the other."""
    seen: set[str] = set()
    twice: list[str] = []
    for fact in facts:
        if fact.id in taken or fact.id in seen:
            twice.append(fact.id)
        seen.add(fact.id)
    if twice:
        told = _("编码“%(code)s”重复")
        faults = [Field(id_, told % {"code": id_}) for id_ in twice]
        raise Invalid("facts.twice", told % {"code": twice[0]}, fields=faults)


def content(fact: Fact) -> dict[str, Any]:
    """What a fact says, without its id and its place in time."""
    found: dict[str, Any] = {"kind": fact.kind}
    for name in _SPEC[fact.kind]:
        if name not in ("id", "at", "supersedes"):
            value = getattr(fact, name)
            found[name] = str(value.normalize()) if isinstance(value, Decimal) else value
    return found


def mark(fact: Fact) -> bytes:
    """SHA-256 of what one fact says."""
    return hashlib.sha256(
        json.dumps(content(fact), ensure_ascii=False, sort_keys=True).encode()
    ).digest()


def digest_of_marks(marks: Iterable[bytes]) -> str:
    """The digest of facts from their marks in ascending order."""
    return hashlib.sha256(b"".join(marks)).hexdigest()


def digest(facts: Iterable[Fact]) -> str:
    """SHA-256 over the contents of facts in force, in whatever order they come."""
    return digest_of_marks(sorted(mark(f) for f in facts))


def read(document: Any) -> list[Fact]:
    """Facts of a JSON document (``{"format": …, "facts": […]}`` or the list itself).

    Raises :class:`Invalid` naming every fault. What sites, items and indicators they speak of is checked
    when they are scored.
    """
    rows = document.get("facts") if isinstance(document, dict) else document
    if isinstance(document, dict) and document.get("format") != FORMAT:
        raise Invalid("facts.format", _("应为 %(format)s") % {"format": FORMAT})
    if not isinstance(rows, list):
        raise Invalid("facts.format", _("应为列表"))
    faults: list[Field] = []
    found: list[Fact] = []
    ids: set[str] = set()
    for i, row in enumerate(rows):
        made = _read_one(row, f"facts[{i}]", faults)
        if made is None:
            continue
        if made.id in ids:
            faults.append(Field(f"facts[{i}].id", _("编码“%(code)s”重复") % {"code": made.id}))
        ids.add(made.id)
        found.append(made)
    for fact in found:
        if fact.supersedes and fact.supersedes not in ids:
            told = _("事实“%(id)s”要替换的“%(old)s”不存在")
            faults.append(Field("facts", told % {"id": fact.id, "old": fact.supersedes}))
    if faults:
        told = _("事实有 %(n)s 处错误") % {"n": len(faults)}
        raise Invalid("facts.faulty", told, fields=faults)
    return found


def _read_one(row: Any, path: str, faults: list[Field]) -> Fact | None:
    kind = row.get("kind") if isinstance(row, Mapping) else None
    if kind not in KINDS:
        told = _("kind 应为 %(list)s 之一") % {"list": "、".join(KINDS)}
        faults.append(Field(path, told))
        return None
    spec = _SPEC[kind]
    before = len(faults)
    values: dict[str, Any] = {}
    for name in row:
        if name != "kind" and name not in spec:
            faults.append(Field(f"{path}.{name}", _("没有这一项")))
    for name, (type_, required) in spec.items():
        if name not in row:
            if required:
                faults.append(Field(f"{path}.{name}", _("必填")))
            continue
        value = _value(row[name], type_)
        allowed: Sequence[str] | None = _ALLOWED.get((kind, name))
        if value is None or (allowed and value not in allowed) or (required and value == ""):
            faults.append(
                Field(f"{path}.{name}", _("“%(text)s”不合要求") % {"text": str(row[name])[:40]})
            )
        values[name] = value
    if len(faults) > before:
        return None
    return KINDS[kind](**values)


def _value(value: Any, type_: Any) -> Any:
    """The value in its type, ``None`` if it is not one."""
    if type_ is Decimal:
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            return None
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return None
        return number if number.is_finite() and abs(number) < Decimal("1e15") else None
    if type_ is bool:
        return value if isinstance(value, bool) else None
    if type_ is int:
        return (
            value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
        )
    return value if isinstance(value, str) else None
