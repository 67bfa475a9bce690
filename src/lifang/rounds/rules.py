"""What holds of rounds and their tasks. Pure: no database, no clock, no settings."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from lifang.core.worktime import Calendar
from lifang.rounds.choices import DrawBy, Head, Share, TaskStatus
from lifang.rounds.drawing import Candidate, Drawn, draw, number
from lifang.standards.editions import Edition
from lifang.standards.editions.canon import digest
from lifang.standards.editions.shape import Node

#: the role of an edition that means: whoever answers for the place
SITE = "site"
#: places of a share (``Task.share``)
SHARE = Decimal("0.0001")
#: what a task's status may be before it becomes the key
TURNS: Mapping[str, frozenset[str]] = {
    TaskStatus.ISSUED: frozenset({TaskStatus.DRAFT, TaskStatus.RETURNED}),
    TaskStatus.TAKEN_UP: frozenset({TaskStatus.ISSUED}),
    TaskStatus.RETURNED: frozenset({TaskStatus.ISSUED}),
}

# ---------------------------------------------------------------- scope


def in_order(edition: Edition) -> list[Node]:
    """Indicators as a reader of the edition meets them: each branch to its end before the next."""
    found: list[Node] = []
    open_ = list(reversed(edition.children.get("", ())))
    while open_:
        node = edition.nodes[open_.pop()]
        if node.measures:
            found.append(node)
        open_.extend(reversed(edition.children.get(node.code, ())))
    return found


def roles(edition: Edition) -> dict[str, tuple[str, ...]]:
    """Roles that the edition gives work to, with the codes of their indicators; without ``site``."""
    found: dict[str, list[str]] = {}
    for leaf in in_order(edition):
        for role in dict.fromkeys((leaf.lead, *(r for r, _share in leaf.assist))):
            if role and role != SITE:
                found.setdefault(role, []).append(leaf.code)
    return {role: tuple(codes) for role, codes in found.items()}


def site_types(edition: Edition, known: Iterable[str]) -> frozenset[str]:
    """Those of the ``known`` site types at which anything that counts is looked at."""
    fed = {t for item in edition.items.values() for t, hits in item.feeds.items() if hits}
    return frozenset(known) if "*" in fed else frozenset(known) & fed


def leaf_types(edition: Edition, known: Iterable[str]) -> dict[str, frozenset[str]]:
    """Indicator → the site types whose checklist counts towards it."""
    found: dict[str, set[str]] = defaultdict(set)
    types = frozenset(known)
    for item in edition.items.values():
        for site_type in types:
            for leaf, _measure, _share in item.for_type(site_type):
                found[leaf].add(site_type)
    return {leaf: frozenset(of) for leaf, of in found.items()}


def applies(leaf: Node, edition: Edition, context: Mapping[str, str]) -> bool:
    """Whether the indicator's predicates and those above it hold; a name unknown here is not held against it."""
    return all(
        name not in context or context[name] in allowed
        for code in (leaf.code, *edition.ancestors(leaf.code)[:-1])
        for name, allowed in edition.nodes[code].applies.items()
    )


# ---------------------------------------------------------------- frame and draw


@dataclass(frozen=True)
class FramePlace:
    """A place of the frame as the draw sees it."""

    code: str
    type: str
    district: str = ""


def frame_hash(places: Iterable[FramePlace]) -> str:
    """SHA-256 of the frame: code, type and district of every place, by code."""
    return digest([[p.code, p.type, p.district] for p in sorted(places, key=lambda p: p.code)])


def stratum(place: FramePlace, by: str) -> str:
    """The stratum's name, which is part of every place's number in the draw."""
    return f"{place.type}/{place.district}" if by == DrawBy.TYPE_DISTRICT else place.type


def allocate(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """``n`` places over strata in proportion to their size, by largest remainder; none gets more than it has.

    The whole of ``n`` is given out where there are as many. Ties go to the stratum first by name.
    """
    total = sum(sizes.values())
    n = min(n, total)
    if not n:
        return dict.fromkeys(sizes, 0)
    exact = {k: Fraction(n * size, total) for k, size in sizes.items()}
    given = {k: int(x) for k, x in exact.items()}
    rest = sorted(sizes, key=lambda k: (given[k] - exact[k], k))
    for k in rest[: n - sum(given.values())]:
        given[k] += 1
    return given


@dataclass(frozen=True)
class Design:
    """How a round's places are drawn."""

    seed: str = ""
    method: str = "random"
    by: str = DrawBy.TYPE
    #: site type → how many
    draws: Mapping[str, int] = field(default_factory=dict, hash=False)
    reserves: int = 2


def read_design(given: Mapping[str, object]) -> Design:
    """The design as a round keeps it; what is missing takes its default."""
    draws = given.get("draws")
    return Design(
        seed=str(given.get("seed") or ""),
        method=str(given.get("method") or "random"),
        by=str(given.get("by") or DrawBy.TYPE),
        draws={str(k): int(v) for k, v in draws.items()} if isinstance(draws, dict) else {},
        reserves=int(str(given.get("reserves", 2))),
    )


def wanted(places: Sequence[FramePlace], design: Design) -> dict[str, int]:
    """Stratum → how many; types of the frame that the design does not name are not drawn from."""
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    for p in places:
        sizes[p.type][stratum(p, design.by)] += 1
    found: dict[str, int] = {}
    for site_type, strata in sizes.items():
        n = sum(strata.values()) if design.method == "all" else design.draws.get(site_type, 0)
        if n:
            found |= {k: v for k, v in allocate(strata, n).items() if v}
    return found


def draw_places(places: Sequence[FramePlace], design: Design) -> list[Drawn]:
    """The draw, the same every time; a stratum with fewer places than wanted gives all it has."""
    method = design.method
    return draw(
        [Candidate(p.code, stratum(p, design.by)) for p in places],
        wanted(places, design),
        design.seed,
        method="systematic" if method == "systematic" else "all" if method == "all" else "random",
        reserves=design.reserves,
    )


def draw_number(place: FramePlace, design: Design) -> str:
    """The place's number in the draw, the first twelve figures in hexadecimal: enough to sort by."""
    return f"{number(design.seed, stratum(place, design.by), place.code):064x}"[:12]


def strata(places: Iterable[FramePlace], design: Design) -> list[dict[str, object]]:
    """``frame`` of the round's document: by type and district how many there are and how many an official
    draw like this one takes (in proportion to size)."""
    sizes: dict[str, Counter[str]] = defaultdict(Counter)
    for p in places:
        sizes[p.type][p.district] += 1
    rows: list[dict[str, object]] = []
    for site_type in sorted(sizes):
        of = sizes[site_type]
        n = sum(of.values()) if design.method == "all" else design.draws.get(site_type, 0)
        given = allocate(of, n)
        rows += [
            {"type": site_type, "district": d, "size": of[d], "draw": given[d]} for d in sorted(of)
        ]
    return rows


# ---------------------------------------------------------------- days


@dataclass(frozen=True)
class Countdown:
    """Days from today to a day, today not counted; negative when it is past."""

    day: dt.date
    days: int
    #: of them working days; ``None`` where the working calendar lacks a year
    work_days: int | None


def countdown(today: dt.date, day: dt.date, calendar: Calendar) -> Countdown:
    first, last = min(today, day), max(today, day)
    work: int | None = None
    if all(year in calendar.years for year in range(first.year, last.year + 1)):
        span = (first + dt.timedelta(n + 1) for n in range((last - first).days))
        work = sum(calendar.working(d) for d in span)
        work = work if day >= today else -work
    return Countdown(day, (day - today).days, work)


# ---------------------------------------------------------------- task breakdown


@dataclass(frozen=True)
class Proposed:
    """A task as the edition would have it."""

    leaf: str
    unit: str
    part: Share
    share: Decimal


def propose(
    edition: Edition,
    roster: Mapping[str, str],
    units_of_type: Mapping[str, Iterable[str]],
    context: Mapping[str, str],
) -> list[Proposed]:
    """Tasks of every indicator that applies: units by the roster, and for ``site`` those of the drawn places.

    ``units_of_type``: site type → codes of the units that answer for drawn places of it. A role that
    the roster lacks gives no task.
    """
    types = leaf_types(edition, units_of_type)
    found: list[Proposed] = []
    for leaf in in_order(edition):
        if not applies(leaf, edition, context):
            continue
        at_places = sorted(
            {u for t in types.get(leaf.code, ()) for u in units_of_type[t] if u},
        )
        leads = at_places if leaf.lead == SITE else [roster.get(leaf.lead, "")]
        shares: dict[str, Decimal] = {}
        for role, share in leaf.assist:
            helpers = at_places if role == SITE else [roster.get(role, "")]
            for unit, part in zip(helpers, split(share, len(helpers)), strict=True):
                if unit and unit not in leads:
                    shares[unit] = shares.get(unit, Decimal(0)) + part
        rest = lead_share(shares.values())
        found += [Proposed(leaf.code, u, Share.LEAD, rest) for u in leads if u]
        found += [Proposed(leaf.code, u, Share.ASSIST, s) for u, s in shares.items()]
    return found


def split(share: Fraction, n: int) -> list[Decimal]:
    """``share`` over ``n`` as evenly as its four places allow; together never more than it is."""
    whole = share.numerator * 10_000 // share.denominator
    return [(whole // n + (k < whole % n)) * SHARE for k in range(n)]


def lead_share(assisting: Iterable[Decimal]) -> Decimal:
    """What assisting units leave to the lead; each of several leads answers so for its own places."""
    return (Decimal(1) - sum(assisting, Decimal(0))).quantize(SHARE)


# ---------------------------------------------------------------- the six implementations


@dataclass(frozen=True)
class StepFacts:
    """A line of a work plan as far as the check asks. ``leaf``: of one of the unit's tasks, else empty."""

    leaf: str
    measure: bool
    person: bool
    due: dt.date | None
    done: bool
    shown: bool


@dataclass(frozen=True)
class TaskCounts:
    """A unit's tasks, one an indicator: how many, taken up, with a person."""

    tasks: int = 0
    taken_up: int = 0
    named: int = 0


def six(
    tasks: TaskCounts, steps: Sequence[StepFacts], *, letter: bool, today: dt.date
) -> dict[Head, tuple[int, int]]:
    """Each head as (so many hold, of so many). A unit without anything asked of it has 0 of 0.

    责任: a signed letter · 任务: tasks taken up · 措施: indicators with a step that says how · 时限: steps
    with a day · 人员: tasks and steps with a person · 督查: steps that are due are done, with a note or a file.
    """
    measured = {s.leaf for s in steps if s.measure and s.leaf}
    due = [s for s in steps if s.done or (s.due is not None and s.due < today)]
    return {
        Head.LETTER: (int(letter), 1),
        Head.TASKS: (tasks.taken_up, tasks.tasks),
        Head.MEASURES: (len(measured), tasks.tasks),
        Head.DATES: (sum(s.due is not None for s in steps), len(steps)),
        Head.PEOPLE: (tasks.named + sum(s.person for s in steps), tasks.tasks + len(steps)),
        Head.CHECKS: (sum(s.done and s.shown for s in due), len(due)),
    }


def complete(heads: Mapping[Head, tuple[int, int]]) -> int:
    """How many of the six hold in full. Nothing to hold does not count, except for ``CHECKS``."""
    return sum(
        (n == of and of > 0) or (head == Head.CHECKS and of == 0 and heads[Head.DATES][1] > 0)
        for head, (n, of) in heads.items()
    )
