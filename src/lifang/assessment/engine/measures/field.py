"""Field visits: observations of checklist items at places."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, lcm

from lifang.assessment.engine import shapley
from lifang.assessment.engine.facts import Observation
from lifang.assessment.engine.measures.outcome import (
    NOT_APPLICABLE,
    Deficit,
    How,
    Outcome,
    Part,
    pending,
)
from lifang.assessment.engine.numbers import ONE, ZERO
from lifang.standards.editions.kinds import AllOrNothing, Deduct, LinearClamp, Step

FieldRule = Step | LinearClamp | Deduct | AllOrNothing
#: a place's weights: passed, failed, faults (failed by count)
Row = tuple[int, int, int]


@dataclass(frozen=True)
class Asked:
    """What a field measure expects: whole weights of items by place; ``scale`` is the weight of share 1."""

    sites: Mapping[str, Mapping[str, int]]
    scale: int = 1
    #: the edition has items for it, and the round has places: none of them asked means not applicable
    framed: bool = False
    weight_of: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(slots=True)
class _Place:
    passed: int = 0
    failed: int = 0
    faults: int = 0
    disputed: int = 0
    disputed_faults: int = 0
    open: int = 0

    @property
    def now(self) -> Row:
        return self.passed, self.failed, self.faults

    @property
    def worst(self) -> Row:
        return self.passed, self.failed + self.open, self.faults + self.open

    @property
    def best(self) -> Row:
        return (
            self.passed + self.disputed + self.open,
            self.failed - self.disputed,
            self.faults - self.disputed_faults,
        )


@dataclass(frozen=True, slots=True)
class _Fault:
    """A failed observation, or an open one that counts as failed."""

    site: str
    item: str
    weight: int
    faults: int
    cause: str
    facts: tuple[str, ...]
    kind: str


def outcome(
    rule: FieldRule,
    asked: Asked,
    observations: Sequence[Observation],
    site_type: Callable[[str], str],
    policy: str,
) -> Outcome:
    """Score ``observations``; expected ones that are not there are open."""
    places: dict[str, _Place] = {}
    faults: list[_Fault] = []
    seen: dict[str, set[str]] = {}
    n = 0
    for o in observations:
        seen.setdefault(o.site, set()).add(o.item)
        place = places.setdefault(o.site, _Place())
        if o.state == "na":
            continue
        n += 1
        weight = asked.weight_of[o.item, site_type(o.site)]
        if o.state == "pass":
            place.passed += weight
            continue
        count = weight * max(1, o.count)
        place.failed += weight
        place.faults += count
        if o.disputed:
            place.disputed += weight
            place.disputed_faults += count
        kind = "disputed" if o.disputed else "observation"
        faults.append(_Fault(o.site, o.item, weight, count, o.cause, (o.id,), kind))
    for site, items in asked.sites.items():
        known = seen.get(site, ())
        left = [(i, w) for i, w in items.items() if i not in known]
        if not left:
            continue
        place = places.setdefault(site, _Place())
        for item, weight in left:
            if policy == "zero":
                place.failed += weight
                place.faults += weight
                faults.append(_Fault(site, item, weight, weight, "", (), "pending"))
            else:
                place.open += weight
    return _judge(rule, asked, places, faults, n, policy)


def _judge(
    rule: FieldRule,
    asked: Asked,
    places: Mapping[str, _Place],
    faults: list[_Fault],
    n: int,
    policy: str,
) -> Outcome:
    done = sum(p.passed + p.failed for p in places.values())
    left = sum(p.open for p in places.values())
    if not done and not left:
        nothing_asked = bool(places) or asked.framed
        return NOT_APPLICABLE if nothing_asked else pending(policy)
    if not done:
        return pending(policy)
    r, x = value(rule, [p.now for p in places.values()], asked.scale)
    disputed = sum(p.disputed for p in places.values())
    low = value(rule, [p.worst for p in places.values()], asked.scale)[0] if left else r
    high = value(rule, [p.best for p in places.values()], asked.scale)[0] if left or disputed else r
    return Outcome(
        "disputed" if disputed else "partial" if left else "scored",
        r=r,
        # an open item is taken to hide one fault; averaged over places that need not be the worst
        low=min(low, r),
        high=max(high, r),
        coverage=Fraction(done - disputed, done + left),
        x=x,
        n=n,
        parts=tuple(_parts(rule, asked.scale, places, faults, r)),
        deficits=tuple(_deficits(rule, asked.scale, places, faults, r)),
    )


def value(rule: FieldRule, rows: Iterable[Row], scale: int) -> tuple[Fraction, Fraction | None]:
    """(r, x) of places with at least one observation among ``rows``."""
    rows = [row for row in rows if row[0] + row[1]]
    match rule:
        case AllOrNothing():
            return (ZERO if any(f for _p, f, _c in rows) else ONE), None
        case Deduct(per="all"):
            return _deducted(rule, Fraction(sum(c for _p, _f, c in rows), scale)), None
        case Deduct():
            tally = Counter(c for _p, _f, c in rows)
            whole = sum((_deducted(rule, Fraction(c, scale)) * k for c, k in tally.items()), ZERO)
            return whole / len(rows), None
        case Step() | LinearClamp():
            x = _rate(rule.by, rows)
            return rule(x), x


def _rate(by: str, rows: Sequence[Row]) -> Fraction:
    if by == "pass_rate":
        passed = sum(p for p, _f, _c in rows)
        return Fraction(passed, passed + sum(f for _p, f, _c in rows))
    if by == "site_pass":
        return Fraction(sum(not f for _p, f, _c in rows), len(rows))
    sums: Counter[int] = Counter()  # one fraction a denominator: thousands of places stay cheap
    for p, f, _c in rows:
        sums[p + f] += p
    return sum((Fraction(p, whole) for whole, p in sums.items()), ZERO) / len(rows)


def _deducted(rule: Deduct, faults: Fraction) -> Fraction:
    lost = rule.each * faults
    if rule.site_cap is not None and rule.per == "site":
        lost = min(lost, rule.site_cap)
    return max(rule.floor, rule.full - lost) / rule.full


def _parts(
    rule: FieldRule,
    scale: int,
    places: Mapping[str, _Place],
    faults: list[_Fault],
    r: Fraction,
) -> Iterable[Part]:
    """1 - r over the faults; each with what mending it alone gives back.

    What even a flawless visit would lose (a rule whose best grade is not 1) is a part of its own.
    """
    flawless = rule(ONE) if isinstance(rule, Step | LinearClamp) else ONE
    if flawless < 1:
        yield Part(1 - flawless, "rule")
    if r == flawless:
        return
    gains: dict[tuple[object, ...], Fraction] = {}
    split, how = _split(rule, scale, places, faults, flawless - r)
    for fault, weight in zip(faults, split, strict=True):
        yield Part(
            weight,
            fault.kind,
            _gain(rule, scale, places, fault, r, gains),
            fault.site,
            fault.item,
            fault.cause,
            fault.facts,
            how,
        )


def _split(
    rule: FieldRule,
    scale: int,
    places: Mapping[str, _Place],
    faults: list[_Fault],
    lost: Fraction,
) -> tuple[list[Fraction], How]:
    match rule:
        case AllOrNothing():
            return [lost / len(faults)] * len(faults), "shapley"
        case Deduct(per="all"):
            return _by_weight([f.faults for f in faults], lost), "deduct"
        case Deduct():
            live = [c for c, p in places.items() if p.passed + p.failed]
            by_site = {
                c: (1 - _deducted(rule, Fraction(places[c].faults, scale))) / len(live)
                for c in live
            }
            return _within(faults, by_site, lambda f: f.faults), "deduct"
        case LinearClamp(by="pass_rate"):
            clamped = rule.lo > 0 or rule.hi < 1
            return _by_weight([f.weight for f in faults], lost), (
                "pro_rata" if clamped else "linear"
            )
        case Step(by="pass_rate"):
            whole = sum(p.passed + p.failed for p in places.values())
            found, exact = shapley.shares(
                [f.weight for f in faults],
                lambda m: rule(ONE) - rule(Fraction(whole - m, whole)),
            )
            return found, "shapley" if exact else "pro_rata"
        case _:
            return _split_sites(rule, places, faults, lost)


def _split_sites(
    rule: Step | LinearClamp, places: Mapping[str, _Place], faults: list[_Fault], lost: Fraction
) -> tuple[list[Fraction], How]:
    """Places first, then the faults of a place (Owen's value, places as unions)."""
    live = [p for p in places.values() if p.passed + p.failed]
    common = 1
    if rule.by == "site_rate":
        common = lcm(*{p.passed + p.failed for p in live})
    weights = {
        c: (p.failed * (common // (p.passed + p.failed)) if rule.by == "site_rate" else 1)
        for c, p in places.items()
        if p.failed
    }
    if isinstance(rule, LinearClamp):
        clamped = rule.lo > 0 or rule.hi < 1
        found = dict(zip(weights, _by_weight(list(weights.values()), lost), strict=True))
        how: How = "pro_rata" if clamped else "linear"
    else:
        whole = common * len(live)
        values, exact = shapley.shares(
            list(weights.values()), lambda m: rule(ONE) - rule(Fraction(whole - m, whole))
        )
        found = dict(zip(weights, values, strict=True))
        how = "shapley" if exact else "pro_rata"
    return _within(faults, found, lambda f: f.weight), how


def _by_weight(weights: Sequence[int], lost: Fraction) -> list[Fraction]:
    whole = sum(weights)
    return [lost * Fraction(w, whole) for w in weights]


def _within(
    faults: list[_Fault], by_site: Mapping[str, Fraction], weight: Callable[[_Fault], int]
) -> list[Fraction]:
    sums: Counter[str] = Counter()
    for fault in faults:
        sums[fault.site] += weight(fault)
    return [by_site[f.site] * Fraction(weight(f), sums[f.site]) for f in faults]


def _gain(
    rule: FieldRule,
    scale: int,
    places: Mapping[str, _Place],
    fault: _Fault,
    r: Fraction,
    known: dict[tuple[object, ...], Fraction],
) -> Fraction:
    """r if this fault alone turned to a pass, less r now. Faults alike are computed once."""
    place = places[fault.site]
    key: tuple[object, ...]
    if isinstance(rule, Deduct) or not isinstance(rule, Step | LinearClamp):
        key = (fault.faults, place.faults if isinstance(rule, Deduct) and rule.per == "site" else 0)
    elif rule.by == "pass_rate":
        key = (fault.weight,)
    else:
        key = (fault.weight, place.passed, place.failed)
    if key not in known:
        after = (
            place.passed + fault.weight,
            place.failed - fault.weight,
            place.faults - fault.faults,
        )
        rows = [after if p is place else p.now for p in places.values()]
        known[key] = value(rule, rows, scale)[0] - r
    return known[key]


def _deficits(
    rule: FieldRule,
    scale: int,
    places: Mapping[str, _Place],
    faults: list[_Fault],
    r: Fraction,
) -> Iterable[Deficit]:
    """For each better grade, the fewest faults (``site_pass``: places) that reach it."""
    if isinstance(rule, AllOrNothing) and faults:
        yield Deficit(ONE, ONE, len(faults), "observations")
    if not isinstance(rule, Step):
        return
    live = [(c, p) for c, p in places.items() if p.passed + p.failed]
    if rule.by == "pass_rate":
        whole = Fraction(sum(p.passed + p.failed for _c, p in live))
        steps = [Fraction(f.weight) for f in faults]
    elif rule.by == "site_pass":
        whole = Fraction(len(live))
        steps = [ONE for _c, p in live if p.failed]
    else:
        whole = Fraction(len(live))
        of = {c: p.passed + p.failed for c, p in live}
        steps = [Fraction(f.weight, of[f.site]) for f in faults]
    lost = sum((f for f in steps), ZERO)
    if rule.by == "site_rate":
        lost = sum((Fraction(p.failed, p.passed + p.failed) for _c, p in live), ZERO)
    have = whole - lost
    steps.sort(reverse=True)
    for cut, worth in rule.next_up(r):
        short, fixes, got = cut * whole - have, 0, ZERO
        if len(set(steps)) == 1:
            fixes = min(len(steps), max(0, ceil(short / steps[0])))
            got = steps[0] * fixes
        else:
            for step in steps:
                if got >= short:
                    break
                got, fixes = got + step, fixes + 1
        if got >= short:
            yield Deficit(worth, cut, fixes, "sites" if rule.by == "site_pass" else "observations")
