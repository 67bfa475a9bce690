"""Two rounds of the made-up city: one going on with its tasks, plans and letters, one of a year before.

By the actions of the pages as far as somebody decides (frame, draw, roster, breakdown, opening), at once where
98 units act (taking up, steps, letters).
"""

import datetime as dt
import io
import random
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from lifang.core import files, journal
from lifang.core.imports import Outcome
from lifang.core.models import StoredFile
from lifang.orgs.acting import SYSTEM
from lifang.orgs.choices import Role
from lifang.orgs.models import Membership, Post, Unit
from lifang.rounds import actions, queries
from lifang.rounds.actions.loading import Line, load_tasks
from lifang.rounds.choices import DrawBy, RoundKind, StepKind, TaskStatus
from lifang.rounds.models import Letter, Milestone, Round, RoundPlace, Step, Task
from lifang.standards.models import AssessmentEdition

#: 78 places, as the field visits of a city of five districts
DRAWS = {
    "estate": 8, "old-estate": 4, "community": 6, "back-lane": 6, "main-road": 4,
    "secondary-road": 4, "commercial-street": 2, "crossing": 6, "market": 4, "school": 2,
    "school-around": 2, "hospital": 2, "clinic": 2, "government-hall": 2, "park": 2, "square": 2,
    "mall": 3, "scenic-spot": 2, "coach-station": 1, "bus-stop": 3, "public-toilet": 4,
    "site-hoarding": 2, "net-bar": 2, "bank": 1, "power-hall": 1, "counselling": 1,
}  # fmt: skip
#: days before the visit
MILESTONES = (
    ("动员部署会，签订责任状", 80), ("任务分解到岗到人，全部签收", 66), ("网报资料第一次集中审核", 40),
    ("实地点位自查一遍", 24), ("短板清单清零", 12), ("迎检点位联合踏勘", 4), ("测评组进驻", 0),
)  # fmt: skip
STANDARDS = (
    ("对照检查项逐点过一遍，不留死角", "分片包干，每日早晚各巡查一次，发现问题当日整改"),
    ("指标得分率达到 95% 以上", "建立问题台账，每周通报一次，逐项销号"),
    ("材料按要求补齐，佐证齐全有效", "指定专人收集，先自查再交文明办复核"),
    ("责任人、时限、标准上墙公示", "制作公示牌，接受群众监督"),
    ("重点点位安排专人值守", "迎检期间延长作业时间，主要领导每日带队检查"),
)
#: brigades and depots of the streets help with: indicator → leading letters of their codes
HELPED = {"F02": "HW", "F21": "HW", "F04": "ZD", "F05": "ZD"}
HELP = "0.02"
DONE = ("已整改到位，现场照片已存档", "已完成并通过科室复核", "公示牌已安装", "台账已销号")
POSTS = ("综合科科长", "业务科科长", "办公室主任")


@dataclass(frozen=True)
class Rounds:
    """``open`` is going on, ``closed`` is the one before it."""

    open: Round
    closed: Round


@transaction.atomic
def build(luck: random.Random, now: dt.datetime) -> Rounds:
    """Both rounds of the city edition in force; a few hundred tasks each."""
    today = timezone.localdate(now)
    edition = AssessmentEdition.objects.defer("document").get(key="city", in_force=True)
    letter = files.accept(
        io.BytesIO(_pdf()), name="创建工作目标责任状（签字页）.pdf", owner="system",
        kinds=("document",),
    )  # fmt: skip
    closed = _round(edition, luck, now, visit=today - dt.timedelta(365), previous=None)
    _work(closed, luck, letter, past=True)
    actions.close_round(by=SYSTEM, round_id=closed.pk)
    ended = now - (today - closed.ends)
    Round.objects.filter(pk=closed.pk).update(closed_at=ended)
    opened = _round(edition, luck, now, visit=today + dt.timedelta(38), previous=closed.pk)
    _work(opened, luck, letter, past=False)
    return Rounds(
        open=queries.round_row(SYSTEM, opened.pk), closed=queries.round_row(SYSTEM, closed.pk)
    )


def _round(
    edition: AssessmentEdition,
    luck: random.Random,
    now: dt.datetime,
    *,
    visit: dt.date,
    previous: int | None,
) -> Round:
    """A round from its frame to issued tasks; as if it had been opened 80 days before the visit."""
    made = actions.create_round(
        by=SYSTEM,
        key=f"mock-{visit:%Y-%m}",
        title=f"{visit.year} 年 {visit.month} 月全域模拟测评",
        kind=RoundKind.MOCK,
        edition_id=edition.pk,
        previous_id=previous,
        starts=visit - dt.timedelta(84),
        ends=visit + dt.timedelta(22),
        visit=visit,
        context={"waste_sorting": "yes"},
        population={"*": {"城区街道": "0.72", "镇": "0.28"}},
        quota={"*": 400},
        note="按上一轮失分情况加密自查，结果用于改派任务和补短板。",
    )
    actions.take_frame(by=SYSTEM, round_id=made.pk)
    there: dict[str, int] = {}
    for kind in RoundPlace.objects.filter(round=made).values_list("type", flat=True):
        there[kind] = there.get(kind, 0) + 1
    actions.draw(
        by=SYSTEM,
        round_id=made.pk,
        seed=f"鹿汀区-{visit:%Y%m}",
        strata=DrawBy.TYPE_DISTRICT,
        draws={k: min(n, there[k]) for k, n in DRAWS.items() if k in there},
        reserves=1,
    )
    actions.open_round(by=SYSTEM, round_id=made.pk)
    actions.propose(by=SYSTEM, round_id=made.pk)
    _helpers(made)
    issued = actions.issue(by=SYSTEM, round_id=made.pk)
    if issued["tasks"]:
        at = now - (timezone.localdate(now) - (visit - dt.timedelta(70)))
        Round.objects.filter(pk=made.pk).update(
            frame_at=at - dt.timedelta(13), opened_at=at - dt.timedelta(10)
        )
        Task.objects.filter(round=made).update(issued_at=at, due=visit - dt.timedelta(10))
    Milestone.objects.bulk_create(
        Milestone(
            round=made,
            title=title,
            due=(due := visit - dt.timedelta(days)),
            done_on=due - dt.timedelta(luck.randint(0, 2))
            if due < timezone.localdate(now)
            else None,
        )
        for title, days in MILESTONES
    )
    replaced = RoundPlace.objects.filter(round=made, drawn=True, type="net-bar").first()
    if replaced is not None:
        actions.replace_place(
            by=SYSTEM, round_id=made.pk, place_id=replaced.pk, reason="已停业，门店转让"
        )
    return made


def _helpers(round: Round) -> None:
    """Brigades and depots written in by hand, as a table from the units would."""
    lines = [
        Line(0, leaf, {"unit_id": unit, "part": "assist", "share": HELP})
        for leaf, letters in HELPED.items()
        for unit in Unit.objects.filter(code__regex=f"^{letters}[0-9]+$").values_list(
            "pk", flat=True
        )
    ]
    load_tasks(by=SYSTEM, round_id=round.pk, lines=lines, outcome=Outcome())


def _work(round: Round, luck: random.Random, letter: StoredFile, *, past: bool) -> None:
    """Nine in ten tasks are taken up, plans written and half done, letters signed by most."""
    people = _people()
    tasks = list(Task.objects.filter(round=round).select_related("unit").order_by("order", "id"))
    units = {t.unit_id: t.unit for t in tasks}
    # whole units are late, as it is in life
    late = set() if past else set(luck.sample(sorted(units), max(1, len(units) // 15)))
    if not past:  # the handler whom the login page offers finds something to do
        late |= set(Unit.objects.filter(code="HW01").values_list("pk", flat=True))
    visit = round.visit or round.ends
    posts = _posts(units)
    for t in tasks:
        user_id, name = people.get(t.unit_id, (None, ""))
        if t.unit_id in late and luck.random() < 0.75:
            if luck.random() < 0.85 and t.issued_at:  # written in later
                t.issued_at += dt.timedelta(luck.randint(18, 31))
            continue
        if not past and luck.random() < 0.015:
            t.status = TaskStatus.RETURNED
            t.returned_reason = "该项职责机构改革后已划转，建议改派"
            continue
        t.status, t.person_id, t.person_name = TaskStatus.TAKEN_UP, user_id, name or "值班负责人"
        t.taken_up_by_id, t.post_id = user_id, posts[t.unit_id]
        issued = t.issued_at or timezone.now()
        t.taken_up_at = issued + dt.timedelta(hours=luck.randint(2, 90))
    Task.objects.bulk_update(
        tasks,
        [
            "status",
            "returned_reason",
            "person",
            "person_name",
            "taken_up_by",
            "post",
            "taken_up_at",
        ],
        batch_size=150,
    )
    taken = [t for t in tasks if t.status == TaskStatus.TAKEN_UP]
    _told(round, "take_up_task", taken)
    Step.objects.bulk_create(_steps(round, taken, luck, past=past), batch_size=200)
    signed = visit - dt.timedelta(80)
    Letter.objects.bulk_create(
        Letter(
            round=round,
            unit_id=unit,
            file=letter,
            signer=people.get(unit, (None, "主要负责人"))[1],
            signed_on=signed + dt.timedelta(luck.randint(0, 3)),
        )
        for unit in sorted(units)
        if past or luck.random() < 0.86
    )


def _steps(round: Round, tasks: list[Task], luck: random.Random, *, past: bool) -> list[Step]:
    """A line a task of most units, and some for what was found wanting at drawn places."""
    visit, today = round.visit or round.ends, timezone.localdate()
    found = []

    def add(unit: int, name: str, **more: object) -> None:
        standard, measure = luck.choice(STANDARDS)
        due = visit - dt.timedelta(luck.randint(2, 56))
        done = past or (due < today and luck.random() < 0.9) or luck.random() < 0.15
        day = min(today, due - dt.timedelta(luck.randint(0, 4))) if done else None
        found.append(
            Step(
                round=round, unit_id=unit, standard=standard, measure=measure, person_name=name,
                due=due, done_on=day, done_note=luck.choice(DONE) if done else "", **more,
            )
        )  # fmt: skip

    for t in tasks:
        if luck.random() < 0.72:
            add(t.unit_id, t.person_name, leaf=t.leaf, kind=StepKind.PLAN)
    edition = queries.edition_of(round)
    for place in RoundPlace.objects.filter(round=round, drawn=True, unit__isnull=False):
        items = [i for i in edition.items.values() if i.for_type(place.type)]
        if items and place.unit_id and luck.random() < 0.4:
            item = luck.choice(items)
            leaf = item.for_type(place.type)[0][0]
            add(place.unit_id, "", leaf=leaf, kind=StepKind.FIX, place=place.code, item=item.code)
    return found


def _told(round: Round, verb: str, tasks: list[Task]) -> None:
    journal.write_many(
        journal.entry(
            by=SYSTEM, room="rounds", verb=verb, subject=t, unit_id=t.unit_id, at=t.taken_up_at,
            after={"leaf": t.leaf, "person": t.person_name, "post": t.post_id},
        )
        for t in tasks
    )  # fmt: skip


def _people() -> dict[int, tuple[int, str]]:
    """Unit → its handler."""
    rows = Membership.objects.filter(role=Role.HANDLER).order_by("-user_id")
    return {u: (pk, name) for u, pk, name in rows.values_list("unit_id", "user_id", "user__name")}


def _posts(units: dict[int, Unit]) -> dict[int, int]:
    """Unit → the post that carries its assessment work, made where there is none."""
    made = [Post(unit=unit, title=POSTS[n % len(POSTS)]) for n, unit in enumerate(units.values())]
    Post.objects.bulk_create(made, ignore_conflicts=True)
    rows = Post.objects.filter(unit__in=units, title__in=POSTS).values_list("unit_id", "pk")
    return dict(rows)


def _pdf() -> bytes:
    """One page that stands for a signed letter: made up, so it says so."""
    text = b"BT /F1 20 Tf 72 740 Td (Letter of responsibility - demo) Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(text), text),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, places = b"%PDF-1.4\n", []
    for n, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (n, body)
    table = b"".join(b"%010d 00000 n \n" % p for p in places)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, len(out),
    )  # fmt: skip
