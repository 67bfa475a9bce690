"""Pure rules of the catalogue: limits, codes, canonical form, faults, crosswalk. No database."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lifang.core.errors import Field, Invalid
from lifang.core.imports.cells import narrow
from lifang.standards.choices import CategoryKind, LimitUnit

#: how a limit is written in packs and sheets: ``2U``, ``4h``, ``15d`` …
SHORT = {
    LimitUnit.URGENT_HOUR: "U",
    LimitUnit.URGENT_DAY: "UD",
    LimitUnit.WORK_HOUR: "h",
    LimitUnit.WORK_DAY: "d",
    LimitUnit.NATURAL_DAY: "n",
}
#: A bare 小时 or 天 in a city's table means working time (domain §3.5, §7 no. 5).
_UNITS: dict[str, LimitUnit] = {
    "u": LimitUnit.URGENT_HOUR,
    "紧急工作时": LimitUnit.URGENT_HOUR,
    "紧急小时": LimitUnit.URGENT_HOUR,
    "ud": LimitUnit.URGENT_DAY,
    "紧急工作日": LimitUnit.URGENT_DAY,
    "h": LimitUnit.WORK_HOUR,
    "小时": LimitUnit.WORK_HOUR,
    "时": LimitUnit.WORK_HOUR,
    "工作时": LimitUnit.WORK_HOUR,
    "个工作时": LimitUnit.WORK_HOUR,
    "工作小时": LimitUnit.WORK_HOUR,
    "d": LimitUnit.WORK_DAY,
    "日": LimitUnit.WORK_DAY,
    "天": LimitUnit.WORK_DAY,
    "工作日": LimitUnit.WORK_DAY,
    "个工作日": LimitUnit.WORK_DAY,
    "n": LimitUnit.NATURAL_DAY,
    "nd": LimitUnit.NATURAL_DAY,
    "自然日": LimitUnit.NATURAL_DAY,
    "个自然日": LimitUnit.NATURAL_DAY,
}
_LIMIT = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-z]+|[\u4e00-\u9fff]+)")
_KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)?")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
MOST_LIMIT = Decimal(99999)


def parse_limit(text: str) -> tuple[Decimal, LimitUnit]:
    """``"2U"``, ``"4小时"``, ``"15 个工作日"`` → amount and unit; raises :class:`Invalid`."""
    plain = text.translate(_WIDE).replace(" ", "").lower()
    found = _LIMIT.fullmatch(plain)
    unit = _UNITS.get(found[2]) if found else None
    if found is None or unit is None:
        raise _bad_limit(text)
    return check_limit(Decimal(found[1])), unit


_WIDE = {c + 0xFEE0: c for c in range(0x21, 0x7F)} | {0x3000: 0x20, 0x0A: 0x20, 0x0D: 0x20}


def _bad_limit(text: str) -> Invalid:
    message = _("时限“%(text)s”无法识别，例：2U（紧急工作时）、4小时、5个工作日、7自然日") % {
        "text": text[:30]
    }
    return Invalid("standards.limit", message, fields=[Field("limit", message)])


def check_limit(amount: Decimal) -> Decimal:
    """More than nothing, at most two places, at most five digits before the point."""
    try:
        exact = amount.quantize(Decimal("0.01"))
    except InvalidOperation as problem:
        raise _bad_limit(str(amount)) from problem
    if not amount.is_finite() or not 0 < amount <= MOST_LIMIT or exact != amount:
        raise _bad_limit(str(amount))
    return exact


def write_limit(amount: Decimal, unit: LimitUnit | str) -> str:
    """The inverse of :func:`parse_limit`: ``2U``, ``0.5d``."""
    return f"{plain_number(amount)}{SHORT[LimitUnit(unit)]}"


def plain_number(amount: Decimal) -> str:
    """``4.00`` → ``4``, ``0.50`` → ``0.5``; never an exponent."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def pad_code(value: object, digits: int = 2) -> str:
    """``1``, ``1.0``, ``"1"`` → ``"01"``; raises :class:`Invalid` for anything but digits."""
    text = str(value).translate(_WIDE).strip()
    if isinstance(value, float) and value.is_integer():
        text = str(int(value))
    if not text.isascii() or not text.isdigit() or len(text) > digits:
        message = _("代码“%(code)s”应为 %(n)s 位以内数字") % {"code": text[:20], "n": digits}
        raise Invalid("standards.code", message, fields=[Field("code", message)])
    return text.zfill(digits)


def clean_name(text: str) -> str:
    """A name on one line: line breaks and control characters out, white space at ends out."""
    plain = _CONTROL.sub("", narrow(text).replace("\n", "").replace("\r", ""))
    return re.sub(r"\s+", " ", plain).strip()


def clean_text(text: str) -> str:
    """Running text: line breaks kept, control characters out, ends trimmed.

    Full-width digits and letters become half-width, as in every table that is imported.
    """
    text = narrow(text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _CONTROL.sub("", text).strip()


def clean_words(text: str) -> str:
    """Words by one space, each once, in their order."""
    return " ".join(dict.fromkeys(re.split(r"[\s,，、;；]+", clean_text(text)))).strip()


def is_key(text: str) -> bool:
    """``event-street`` or ``event-street.hawkers``: lower case, one dot at most."""
    return len(text) <= 40 and _KEY.fullmatch(text) is not None


def covers(rule_key: str, key: str) -> bool:
    """Whether a rule for ``rule_key`` holds for category ``key``.

    A rule names a key, or a leading part of it up to a dot (``event-street``), or a kind
    (``event``, before the first hyphen), or nothing: every category.
    """
    if not rule_key or rule_key == key:
        return True
    return key.startswith(rule_key) and (
        key[len(rule_key)] == "." or ("-" not in rule_key and key[len(rule_key)] == "-")
    )


# The catalogue as one value: what is published, exported, compared.


@dataclass(frozen=True)
class ConditionDoc:
    number: int
    text: str
    limit: Decimal
    unit: str
    closing: str
    photos_before: int = 0
    photos_after: int = 1
    default: bool = False
    active: bool = True


@dataclass(frozen=True)
class CategoryDoc:
    kind: str
    code: str
    key: str
    name: str
    parent: str = ""
    words: str = ""
    help: str = ""
    public: bool = True
    priority: int = 0
    order: int = 0
    active: bool = True
    conditions: tuple[ConditionDoc, ...] = field(default=())


@dataclass(frozen=True)
class CatalogueDoc:
    code: str
    version: str
    name: str
    note: str = ""
    categories: tuple[CategoryDoc, ...] = field(default=())


def canonical(doc: CatalogueDoc) -> bytes:
    """The content as JSON with one spelling: keys sorted, categories by kind and code, UTF-8."""
    content = {
        "code": doc.code,
        "version": doc.version,
        "name": doc.name,
        "note": doc.note,
        "categories": [
            {
                **{k: v for k, v in vars(c).items() if k != "conditions"},
                "conditions": [
                    {**vars(x), "limit": plain_number(x.limit), "unit": str(x.unit)}
                    for x in sorted(c.conditions, key=lambda x: x.number)
                ],
            }
            for c in sorted(doc.categories, key=lambda c: (str(c.kind), c.code))
        ],
    }
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str
    ).encode()


def digest(doc: CatalogueDoc) -> str:
    """SHA-256 of :func:`canonical`, in hex."""
    return hashlib.sha256(canonical(doc)).hexdigest()


@dataclass(frozen=True)
class Fault:
    """Why a catalogue cannot be published: which category (key), what is wrong."""

    key: str
    message: str


def faults(doc: CatalogueDoc) -> list[Fault]:
    """All that stands in the way of publishing, in the order of the catalogue."""
    found: list[Fault] = []
    by_key = {c.key: c for c in doc.categories}
    for key, n in Counter(c.key for c in doc.categories).items():
        if n > 1:
            found.append(Fault(key, _("标识 %(key)s 重复") % {"key": key}))
    for pair, n in Counter((c.kind, c.code) for c in doc.categories).items():
        if n > 1:
            found.append(Fault("", _("代码 %(code)s 重复") % {"code": pair[1]}))
    if not doc.categories:
        found.append(Fault("", _("目录没有任何类别")))
    parents = {c.parent for c in doc.categories if c.parent}
    for c in doc.categories:
        found += [Fault(c.key, m) for m in _category_faults(c, by_key, c.key in parents)]
    return found


def _category_faults(
    c: CategoryDoc, by_key: Mapping[str, CategoryDoc], has_children: bool
) -> list[str]:
    out: list[str] = []
    if not is_key(c.key):
        out.append(_("标识 %(key)s 只能用小写字母、数字、连字符和一个点") % {"key": c.key})
    if c.kind not in CategoryKind.values:
        out.append(_("类型无法识别"))
    if not c.name:
        out.append(_("没有名称"))
    parent = by_key.get(c.parent)
    if c.parent:
        if parent is None or parent.parent or parent.kind != c.kind:
            out.append(_("上级类别不存在，或不是同类型的大类"))
        elif not c.code.startswith(parent.code):
            out.append(_("代码 %(code)s 应以大类代码开头") % {"code": c.code})
        if not c.key.startswith(f"{c.parent}."):
            out.append(_("标识应以“%(parent)s.”开头") % {"parent": c.parent})
    elif "." in c.key:
        out.append(_("大类的标识不能含点"))
    live = [x for x in c.conditions if x.active]
    if c.active and not has_children and not live and c.parent:
        out.append(_("没有立案条件"))
    if live and sum(x.default for x in live) != 1:
        out.append(_("应有且只有一个默认立案条件"))
    for x in live:
        where = _("第 %(n)s 个立案条件") % {"n": x.number}
        if not x.text:
            out.append(where + _("没有内容"))
        if not x.closing:
            out.append(where + _("没有结案条件"))
    return out


class ChangeKind:
    SAME = "same"
    CHANGED = "changed"
    GONE = "gone"
    NEW = "new"


CHANGE_LABELS: dict[str, str | Promise] = {
    ChangeKind.SAME: gettext_lazy("不变"),
    ChangeKind.CHANGED: gettext_lazy("有变化"),
    ChangeKind.GONE: gettext_lazy("已取消"),
    ChangeKind.NEW: gettext_lazy("新增"),
}


@dataclass(frozen=True)
class Step:
    """One row of the crosswalk from one version to another.

    ``to`` is the key in the new version: the same, or a proposal for one that is gone (``""``:
    a person must choose). ``cases``: how many open cases the caller counted for ``key``.
    """

    key: str
    name: str
    change: str
    to: str = ""
    to_name: str = ""
    differences: tuple[str, ...] = ()
    cases: int = 0


def crosswalk(
    old: CatalogueDoc, new: CatalogueDoc, counts: Mapping[str, int] | None = None
) -> list[Step]:
    """What becomes of each category when ``new`` replaces ``old``; matched by key."""
    counts = counts or {}
    after = {c.key: c for c in new.categories if c.active}
    before = {c.key: c for c in old.categories if c.active}
    steps = []
    for key, c in before.items():
        target = after.get(key)
        if target is not None:
            diff = _differences(c, target)
            kind = ChangeKind.CHANGED if diff else ChangeKind.SAME
        else:
            target, diff, kind = _proposal(c, after.values()), (), ChangeKind.GONE
        steps.append(
            Step(
                key,
                c.name,
                kind,
                target.key if target else "",
                target.name if target else "",
                diff,
                counts.get(key, 0),
            )
        )
    steps += [
        Step("", "", ChangeKind.NEW, c.key, c.name) for k, c in after.items() if k not in before
    ]
    return steps


def _proposal(c: CategoryDoc, after: Iterable[CategoryDoc]) -> CategoryDoc | None:
    """A new category of the same kind and name, else one whose words share most with it."""
    fresh = [x for x in after if x.kind == c.kind and bool(x.parent) == bool(c.parent)]
    for x in fresh:
        if x.name == c.name:
            return x
    mine = set(f"{c.name} {c.words}".split())
    scored = [(len(mine & set(f"{x.name} {x.words}".split())), x) for x in fresh]
    best = max(scored, key=lambda p: p[0], default=(0, None))
    return best[1] if best[0] > 0 else None


def _differences(a: CategoryDoc, b: CategoryDoc) -> tuple[str, ...]:
    out = []
    if a.name != b.name:
        out.append(_("名称：%(a)s → %(b)s") % {"a": a.name, "b": b.name})
    if a.code != b.code:
        out.append(_("代码：%(a)s → %(b)s") % {"a": a.code, "b": b.code})
    left, right = _limits(a), _limits(b)
    if left != right:
        out.append(_("时限：%(a)s → %(b)s") % {"a": "、".join(left), "b": "、".join(right)})
    elif [(x.text, x.closing) for x in a.conditions] != [(x.text, x.closing) for x in b.conditions]:
        out.append(_("立案或结案条件文字有改动"))
    return tuple(out)


def _limits(c: CategoryDoc) -> list[str]:
    return [f"{plain_number(x.limit)} {LimitUnit(x.unit).label}" for x in c.conditions if x.active]
