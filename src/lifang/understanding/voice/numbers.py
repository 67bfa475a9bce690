"""Numbers and times as people write them. Pure.

Only where a unit says that a number is meant: 五一路 and 有一点脏 stay as they are.
"""

import re

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "幺": 1, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMBER = "[零〇一二三四五六七八九十百千两]+"
#: figures said one by one: telephones, years
_SPELT = re.compile(r"[零〇一二三四五六七八九幺]{5,}")
_YEAR = re.compile(r"([零〇一二三四五六七八九]{4})(?=年)")
_DATE = re.compile(rf"({_NUMBER})月({_NUMBER})(?=[日号])")
_DAY = "上午|下午|早上|早晨|清晨|凌晨|中午|傍晚|晚上|夜里|半夜|今天|昨天|前天|今晚|昨晚"
_TIME = re.compile(rf"((?:{_DAY})的?)({_NUMBER})(?=点)")
_HOUR = re.compile(rf"({_NUMBER})(?=点(?:半|钟|多|左右|{_NUMBER}分|到{_NUMBER}点))")
_MINUTE = re.compile(rf"(?<=点)({_NUMBER})(?=分)")
_UNIT = re.compile(
    rf"({_NUMBER})(?=号楼|号院|号门|号店|号线|号|栋|幢|单元|室|楼|米|公里|平方|个小时|天)"
)


def written(text: str, keep: tuple[tuple[int, int], ...] = ()) -> str:
    """``text`` with numbers as figures, save within the spans ``keep`` (names of places)."""
    held: set[int] = set()
    for start, end in keep:
        held.update(range(start, end))
    changes: dict[int, tuple[int, str]] = {}
    for pattern, make in (
        (_SPELT, _spelt),
        (_YEAR, _spelt),
        (_DATE, _whole),
        (_TIME, _whole),
        (_HOUR, _whole),
        (_MINUTE, _whole),
        (_UNIT, _careful),
    ):
        for match in pattern.finditer(text):
            for n in range(1, pattern.groups + 1) if pattern.groups else (0,):
                start, end = match.span(n)
                figures = make(text[start:end])
                free = not held.intersection(range(start, end))
                if figures and free:
                    changes[start] = (end, figures)
                    held.update(range(start, end))
    out, at = [], 0
    for start in sorted(changes):
        end, figures = changes[start]
        out += [text[at:start], figures]
        at = end
    return "".join([*out, text[at:]])


def _spelt(said: str) -> str:
    return "".join(str(_DIGITS[c]) for c in said)


def _whole(said: str) -> str:
    value = value_of(said)
    return "" if value is None else str(value)


def _careful(said: str) -> str:
    """Before a unit that is also a word: 一楼 is, 十楼 is; a lone 百 or 千 is not."""
    return "" if said in ("百", "千", "零", "〇") else _whole(said)


def value_of(said: str) -> int | None:
    """``一百二十`` → 120, ``十五`` → 15, ``两千零三`` → 2003, ``三五`` → ``None``."""
    if said.startswith("十"):
        said = "一" + said
    total, digit, last = 0, None, 10_000
    for c in said:
        if c in _UNITS:
            if digit is None or _UNITS[c] >= last:
                return None
            total, last, digit = total + digit * _UNITS[c], _UNITS[c], None
        elif c in "零〇":
            if digit is not None:
                return None
        elif c in _DIGITS:
            if digit is not None:
                return None
            digit = _DIGITS[c]
        else:
            return None
    if digit is not None:
        # 一百二 is 120
        total += digit * (last // 10 if said[-2:-1] in ("百", "千") else 1)
    return total
