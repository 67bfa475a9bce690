"""What was found in the demo's rounds: places visited, answers, statistics, awards; a score of every week.

At once where inspectors and a survey firm bring thousands of lines; all else by the actions of the pages.
"""

import datetime as dt
import random
from decimal import Decimal
from fractions import Fraction

from django.utils import timezone

from lifang.assessment import actions
from lifang.assessment.choices import EntryKind
from lifang.assessment.models import Entry
from lifang.cases.models import Evidence
from lifang.inspections.models import Observation
from lifang.orgs.acting import SYSTEM
from lifang.rounds.models import Round, RoundPlace
from lifang.standards import edition_rows
from lifang.standards.editions import Edition, Item
from lifang.standards.editions.kinds import LinearClamp, RatioOfTarget, Step, SurveyMean
from lifang.surveys.actions import respondent_hash
from lifang.surveys.models import Answer

INSPECTORS = ("郑一鸣", "丁若溪", "贺云川", "蓝思齐")
CAUSES = ("管护不到位", "设施老化", "人流高峰", "责任交叉", "商户违规", "施工影响")
#: how good the city is, last year and now
GOOD = {"closed": 0.80, "open": 0.86}
#: the share of drawn places that were visited so far
SEEN = 0.82
RESPONDENTS = {"closed": 400, "open": 260}
#: days before now at which the score is looked at again
WEEKS = (35, 21, 14, 7, 2)


def build(luck: random.Random, now: dt.datetime, opened: Round, closed: Round) -> None:
    """Facts of both rounds and their scores."""
    photos = list(
        Evidence.objects.filter(kind="before").values_list("file_id", flat=True).distinct()[:14]
    )
    for round_, name in ((closed, "closed"), (opened, "open")):
        edition = edition_rows.edition(round_.edition)
        end = min(now, _noon(round_.visit or round_.ends))
        _observe(luck, round_, edition, name, end, photos)
        _ask(luck, round_, edition, name, end)
        _enter(luck, round_, edition, name, end)
    actions.work_out(by=SYSTEM, round_id=closed.pk)
    for days in WEEKS:
        actions.work_out(by=SYSTEM, round_id=opened.pk, as_of=now - dt.timedelta(days))
    actions.work_out(by=SYSTEM, round_id=opened.pk)


def _noon(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def _observe(
    luck: random.Random,
    round_: Round,
    edition: Edition,
    name: str,
    end: dt.datetime,
    photos: list[int],
) -> None:
    """Every line of the checklist at each place that was visited; four in five faults with a photo."""
    places = list(RoundPlace.objects.filter(round=round_, drawn=True).order_by("code"))
    if name == "open":
        places = [p for p in places if luck.random() < SEEN]
    hard = {code: luck.betavariate(2, 9) for code in edition.items}
    rows: list[Observation] = []
    for place in places:
        care = luck.gauss(GOOD[name], 0.08)
        day = timezone.localdate(end) - dt.timedelta(days=luck.randint(1, 38))
        at = _noon(day) - dt.timedelta(minutes=luck.randint(-280, 190))
        who = luck.choice(INSPECTORS)
        for item in edition.items.values():
            if item.for_type(place.type):
                rows.append(_line(luck, round_, place, item, care - hard[item.code], at, who))
    Observation.objects.bulk_create(rows, batch_size=500)
    # they were learned of when they were seen: the score of a week ago knows no more
    for row in rows:
        row.at = row.seen_at
    Observation.objects.bulk_update(rows, ["at"], batch_size=500)
    faults = [r for r in rows if r.state == "fail" and photos and luck.random() < 0.8]
    Observation.photos.through.objects.bulk_create(
        Observation.photos.through(observation_id=r.pk, storedfile_id=luck.choice(photos))
        for r in faults
    )


def _line(
    luck: random.Random,
    round_: Round,
    place: RoundPlace,
    item: Item,
    good: float,
    at: dt.datetime,
    who: str,
) -> Observation:
    draw = luck.random()
    state = "na" if draw < 0.03 else "pass" if luck.random() < good + 0.12 else "fail"
    failed = state == "fail"
    return Observation(
        round=round_,
        place=place,
        item=item.code,
        state=state,
        count=luck.choice((1, 1, 1, 2, 3)) if failed else 1,
        cause=luck.choice(CAUSES) if failed else "",
        disputed=failed and luck.random() < 0.02,
        seen_at=at + dt.timedelta(minutes=luck.randint(0, 50)),
        seen_by_name=who,
        form=f"{place.code}-{at:%m%d}",
    )


def _ask(luck: random.Random, round_: Round, edition: Edition, name: str, end: dt.datetime) -> None:
    """Households answer all questions, more of them in town than in villages."""
    rules = {
        q: m.rule
        for leaf in edition.leaves
        for m in leaf.measures
        if isinstance(m.rule, SurveyMean)
        for q in m.questions
    }
    rows = []
    for n in range(RESPONDENTS[name]):
        who = respondent_hash(round_, f"{n:04}")
        stratum = "镇" if luck.random() < 0.35 else "城区街道"
        day = end.date() - dt.timedelta(days=luck.randint(1, 36))
        for question, rule in rules.items():
            rows.append(
                Answer(
                    round=round_,
                    question=question,
                    option=_option(luck, rule, name),
                    stratum=stratum,
                    respondent=who,
                    answered_on=day,
                )
            )
    Answer.objects.bulk_create(rows, batch_size=1000)
    for row in rows:
        row.at = _noon(row.answered_on or end.date())
    Answer.objects.bulk_update(rows, ["at"], batch_size=500)


def _option(luck: random.Random, rule: SurveyMean, name: str) -> str:
    """The better an option, the oftener."""
    weights = [0.04 if v is None else 0.08 + float(v) ** 2 for v in rule.options.values()]
    best = max(range(len(weights)), key=weights.__getitem__)
    weights[best] *= 2.6 if name == "open" else 1.9
    return luck.choices(list(rule.options), weights)[0]


def _enter(
    luck: random.Random, round_: Round, edition: Edition, name: str, end: dt.datetime
) -> None:
    """Statistics of the year before, awards, the score of the minors' system as the province told it."""
    rows = []
    for leaf in edition.leaves:
        for m in leaf.measures:
            value = _figure(luck, m.rule, name) if m.method == "statistic" else None
            if value is None or luck.random() < (0.1 if name == "open" else 0):
                continue
            rows.append(
                Entry(
                    round=round_,
                    kind=EntryKind.STATISTIC,
                    leaf=leaf.code,
                    measure="" if m.key == "statistic" else m.key,
                    value=value,
                    period=str(end.year - 1),
                    source="统计年鉴与部门统计报表",
                )
            )
    special = [leaf for leaf in edition.leaves if leaf.kind == "bonus"]
    for leaf in special[: 2 if name == "open" else 3]:
        rows.append(
            Entry(
                round=round_,
                kind=EntryKind.AWARD,
                leaf=leaf.code,
                value=Decimal(luck.choice(("0.5", "1"))),
                reason="省级以上通报表扬，佐证已归档",
            )
        )
    for blend in edition.blends:
        rows.append(
            Entry(
                round=round_,
                kind=EntryKind.LINKED,
                edition=blend.edition,
                value=Decimal("88.40") if name == "open" else Decimal("86.10"),
                source="省文明办通报",
            )
        )
    Entry.objects.bulk_create(rows)
    Entry.objects.filter(round=round_).update(at=end - dt.timedelta(days=25))


def _figure(luck: random.Random, rule: object, name: str) -> Decimal | None:
    """A figure near what the rule asks for: mostly met, sometimes just not."""
    near = luck.uniform(-0.06, 0.12) + (0 if name == "open" else -0.03)
    match rule:
        case Step():
            cut = rule.cuts[0][0]
            sign = 1 if rule.better == "high" else -1
            return _rounded(cut + cut * Fraction(round(sign * near * 1000), 1000))
        case LinearClamp():
            share = Fraction(round((0.8 + near) * 1000), 1000)
            return _rounded(rule.lo + (rule.hi - rule.lo) * share)
        case RatioOfTarget():
            return _rounded(rule.target * Fraction(round(min(1, 0.95 + near) * 1000), 1000))
    return None


def _rounded(value: Fraction) -> Decimal:
    return Decimal(round(float(value), 2)).quantize(Decimal("0.01"))
