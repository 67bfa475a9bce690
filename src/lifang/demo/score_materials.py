"""Filed documents of the made-up city's two rounds: small real files, revisions, two levels of review.

At once where a hundred units file; the states, the facts and the journal are as the actions leave them.
"""

import datetime as dt
import io
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.utils import timezone

from lifang.cases.models import Evidence
from lifang.core import files, journal
from lifang.core.files.store import incoming
from lifang.core.models import StoredFile
from lifang.demo import score_round
from lifang.materials import checks, documents, measuring
from lifang.materials.actions.ask import rows
from lifang.materials.choices import FilingStatus, Known, Verdict
from lifang.materials.models import (
    Filing,
    Material,
    Review,
    Revision,
    RevisionFile,
    Submission,
)
from lifang.orgs.acting import SYSTEM
from lifang.orgs.choices import Role
from lifang.orgs.models import Membership, User
from lifang.rounds.models import Round
from lifang.standards import edition_rows
from lifang.standards.editions.shape import Slot

S = FilingStatus
#: how far filings of the open round are
STATES = (
    (S.ACCEPTED, 40), (S.FIRST_PASSED, 12), (S.SUBMITTED, 15), (S.RETURNED, 6), (S.DRAFT, 5),
    (S.ASKED, 22),
)  # fmt: skip
GRADES = (("A", 82), ("B", 13), ("C", 5))
REASONS = {
    "B": ("数据只到上半年，缺第三季度", "方案有，但缺责任分工附件", "照片两张角度重复，代表性不足"),
    "C": ("以总结代替说明报告，没有数据支撑", "文件已过有效期，未见新文件"),
}
BACK = (
    "落款日期在有效期之外，请换现行文件", "照片有水印，请换原图", "未盖章，请补盖公章后重报",
    "内容与指标要求不符，应说明工作机制而非活动总结",
)  # fmt: skip
PAPERS = {
    "document": ("工作方案", "通知", "制度汇编", "责任分工表"),
    "report": ("说明报告", "情况说明", "工作报告"),
    "table": ("统计表", "台账"),
}
LINES = (
    "一、工作机制。成立专班，主要负责同志牵头，每周调度一次，问题清单逐项销号。",
    "二、责任分工。按街道和行业分解到科室、到岗位，明确时限和标准，结果与年度考核挂钩。",
    "三、推进情况。本年度共排查点位三百余处，发现问题即知即改，限期整改率达到百分之九十八。",
    "四、群众参与。公布举报渠道，志愿者每周上街巡访，意见建议三日内答复。",
    "五、下一步打算。对照测评体系补短板，固化经验做法，形成长效机制。",
)


@dataclass
class _Rows:
    """What is written at the end, a statement a table."""

    filings: list[Filing] = field(default_factory=list)
    materials: list[Material] = field(default_factory=list)
    revisions: list[Revision] = field(default_factory=list)
    files: list[RevisionFile] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)


class _Teller:
    def __init__(self, luck: random.Random, now: dt.datetime) -> None:
        self.luck, self.now = luck, now
        self.rows = _Rows()
        self.people = _people()
        self.first, self.second = _evaluators()
        self.papers = {kind: [_paper(kind, n) for n in names] for kind, names in PAPERS.items()}
        self.photos = list(
            StoredFile.objects.filter(
                pk__in=Evidence.objects.filter(kind="after", file__kind="image").values("file")
            )[:12]
        )
        all_files = [f for found in self.papers.values() for f in found] + self.photos
        self.facts = dict(zip([f.pk for f in all_files], measuring.chosen(all_files), strict=True))
        #: (leaf, slot) → material of the round before
        self.earlier: dict[tuple[str, str], Material] = {}

    def tell(self, round: Round, *, past: bool) -> None:
        edition = edition_rows.edition(round.edition)
        end = min(self.now, timezone.make_aware(dt.datetime.combine(round.ends, dt.time(12))))
        start = timezone.make_aware(dt.datetime.combine(round.starts, dt.time(9)))
        for filing in rows(round):
            self.rows.filings.append(filing)
            if filing.unit_id is None:
                continue
            measure = next(
                m for m in edition.nodes[filing.leaf].measures if m.key == filing.measure
            )
            slot = next((s for s in measure.asks if s.key == filing.slot), Slot(""))
            filing.due = round.visit and round.visit - dt.timedelta(self.luck.choice((-5, 10, 45)))
            self._one(filing, slot, start, end, past=past)

    def _one(
        self, f: Filing, slot: Slot, start: dt.datetime, end: dt.datetime, *, past: bool
    ) -> None:
        status = S.ACCEPTED if past else _pick(self.luck, STATES)
        if status == S.ASKED:
            return
        user = self.people.get(f.unit_id or 0)
        begun = start + (end - start) * self.luck.uniform(0.1, 0.6)
        old = self.earlier.get((f.leaf, f.slot))
        if old is not None and old.unit_id == f.unit_id and self.luck.random() < 0.3:
            f.material, f.known = old, Known.REUSE
            f.revision = next(r for r in self.rows.revisions if r.material is old)
        else:
            made = self.luck.random() < 0.12
            f.known = (
                Known.PROPOSAL
                if made
                else Known.AGAIN
                if self.luck.random() < 0.05
                else Known.UPLOAD
            )
            self._write(f, slot, user, begun)
        f.status = status
        if status == S.DRAFT:
            return
        twice = status == S.RETURNED or self.luck.random() < 0.12
        at = self._hand_in(f, user, begun, 1, slot)
        if twice:
            at = self._review(f, at, 1, Verdict.RETURNED, "", self.luck.choice(BACK))
            if status == S.RETURNED:
                return
            self._write(f, slot, user, at)
            at = self._hand_in(f, user, at, 2, slot)
        if status == S.SUBMITTED:
            return
        grade = _pick(self.luck, GRADES)
        at = self._review(f, at, 1, Verdict.GRADED, grade, self._why(grade))
        f.grade, f.first_by = grade, self.first
        if status == S.ACCEPTED:
            if self.luck.random() < 0.08:
                grade = "B" if grade == "A" else "A"
            self._review(f, at, 2, Verdict.GRADED, grade, self._why(grade))
            f.grade = grade
            self.earlier.setdefault((f.leaf, f.slot), f.material)  # type: ignore[arg-type]

    def _why(self, grade: str) -> str:
        return self.luck.choice(REASONS[grade]) if grade in REASONS else ""

    def _write(self, f: Filing, slot: Slot, user: User | None, at: dt.datetime) -> None:
        if f.material is None or f.known == Known.REUSE:
            f.material = Material(
                unit_id=f.unit_id or 0, title=f.title[:200], kind=f.kind, made_at=at, made_by=user
            )
            self.rows.materials.append(f.material)
            f.known = f.known or Known.UPLOAD
            if f.known == Known.REUSE:
                f.known = Known.UPLOAD
        f.material.last += 1
        chosen = self._files(slot)
        f.revision = Revision(
            material=f.material, number=f.material.last, files_count=len(chosen),
            sha256=uuid4().hex * 2, made_at=at, made_by=user, made_by_name=user.name if user else "",
            dated=timezone.localdate(at) - dt.timedelta(self.luck.randint(3, 60)),
            source={"kind": "cases" if f.known == Known.PROPOSAL else "upload"},
        )  # fmt: skip
        self.rows.revisions.append(f.revision)
        self.rows.files += [
            RevisionFile(revision=f.revision, order=n, file=file, name=file.name)
            for n, file in enumerate(chosen, start=1)
        ]

    def _files(self, slot: Slot) -> list[StoredFile]:
        if slot.kind == "photo" and self.photos:
            most = min(slot.most or 4, len(self.photos), 4)
            return self.luck.sample(
                self.photos, max(min(slot.least, most), self.luck.randint(1, most))
            )
        return [self.luck.choice(self.papers.get(slot.kind, self.papers["document"]))]

    def _hand_in(
        self, f: Filing, user: User | None, after: dt.datetime, number: int, slot: Slot
    ) -> dt.datetime:
        at = self._later(after)
        revision = f.revision
        if revision is None:
            return at
        chosen = [self.facts[x.file_id] for x in self.rows.files if x.revision is revision][:4]
        # a made-up date is within every window
        found = checks.run(
            slot, chosen, dated=revision.dated, ends=revision.dated or self.now.date()
        )
        self.rows.submissions.append(
            Submission(
                filing=f,
                number=number,
                revision=revision,
                known=f.known,
                by=user,
                at=at,
                by_name=user.name if user else "",
                checks=[c.as_json() for c in found if c.key != "date"],
            )
        )
        f.submitted_at, f.submitted_by = at, user
        return at

    def _review(
        self, f: Filing, after: dt.datetime, level: int, verdict: Verdict, grade: str, reason: str
    ) -> dt.datetime:
        at = self._later(after)
        who = self.first if level == 1 else self.second
        self.rows.reviews.append(
            Review(
                filing=f,
                submission=self.rows.submissions[-1],
                verdict=verdict,
                level=level,
                grade=grade,
                reason=reason,
                reviewer=who,
                reviewer_name=who.name,
                at=at,
            )
        )
        return at

    def _later(self, at: dt.datetime) -> dt.datetime:
        """A moment of some later working hour, never to come."""
        found = at + max(dt.timedelta(minutes=20), (self.now - at) * self.luck.uniform(0.1, 0.4))
        local = timezone.localtime(found)
        by_day = local.replace(hour=9 + local.hour % 9)
        return by_day if at < by_day < self.now else found

    def write(self) -> None:
        r = self.rows
        for found in (r.materials, r.revisions, r.files, r.filings, r.submissions, r.reviews):
            _model(found).objects.bulk_create(found, batch_size=300)
        journal.write_many(_entries(r.submissions, r.reviews))


def build(luck: random.Random, now: dt.datetime, opened: Round, closed: Round) -> None:
    """Filings of both rounds; two or three seconds."""
    teller = _Teller(luck, now)
    teller.tell(closed, past=True)
    teller.tell(opened, past=False)
    teller.write()


def _model(found: list[Any]) -> Any:
    return type(found[0])


def _pick(luck: random.Random, among: Iterable[tuple[str, int]]) -> str:
    names, weights = zip(*among, strict=True)
    return str(luck.choices(names, weights)[0])


def _people() -> dict[int, User]:
    rows_ = Membership.objects.filter(role=Role.HANDLER).select_related("user").order_by("-user_id")
    return {m.unit_id: m.user for m in rows_}


def _evaluators() -> tuple[User, User]:
    """Who gives first grades, and the evaluator with the account, who confirms them."""
    second = User.objects.filter(memberships__role=Role.EVALUATOR).order_by("pk")[0]
    first = User.objects.filter(username="pingjia2").first()
    if first is None:
        first = User.objects.create(
            username="pingjia2", name="苏文远", unit=second.unit, password=second.password,
            must_change_password=False,
        )  # fmt: skip
        membership = second.memberships.get(role=Role.EVALUATOR)
        Membership.objects.create(user=first, unit=membership.unit, role=Role.EVALUATOR)
    return first, second


def _paper(kind: str, name: str) -> StoredFile:
    """A Word or Excel file of a few lines."""
    if kind != "table" and not documents.writes_word():
        return files.accept(
            io.BytesIO(score_round._pdf()), name=f"{name}.pdf", owner="demo", kinds=("document",)
        )
    path: Path = incoming() / f"demo-{uuid4().hex}"
    sheet = documents.Sheet(
        title=f"{name}（演示）",
        intro=LINES if kind != "table" else ("按月汇总。",),
        heads=("项目", "一季度", "二季度", "三季度"),
        rows=[(x, str(20 + n), str(24 + n), str(27 + n)) for n, x in enumerate(PAPERS["document"])],
        widths=(3, 1, 1, 1),
    )
    try:
        if kind == "table":
            documents.excel(path, sheet)
        else:
            documents.word(path, sheet)
        ending = ".xlsx" if kind == "table" else ".docx"
        return files.accept_path(
            path, name=name + ending, owner="demo", kinds=("document", "sheet")
        )
    finally:
        path.unlink(missing_ok=True)


def _entries(submissions: list[Submission], reviews: list[Review]) -> list[Any]:
    found = [("submit", s.at, s.by, s.filing, "") for s in submissions]
    found += [
        (
            "return" if r.verdict == Verdict.RETURNED else "review",
            r.at,
            r.reviewer,
            r.filing,
            r.reason,
        )
        for r in reviews
    ]
    return [
        journal.entry(
            by=SYSTEM, room="materials", verb=verb, subject=f, unit_id=f.unit_id, at=at, reason=reason,
            after={"round": f.round_id, "leaf": f.leaf, "slot": f.slot, "who": who.pk if who else None},
        )
        for verb, at, who, f, reason in sorted(found, key=lambda x: x[1])
    ]  # fmt: skip
