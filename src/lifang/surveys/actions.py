"""The verbs of questionnaires: record, withdraw a respondent, weigh by strata."""

import datetime as dt
import hashlib
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Conflict, Field, Forbidden, Invalid, Missing
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round
from lifang.standards import edition_rows
from lifang.surveys.models import Answer
from lifang.surveys.rules import MOST, Line, options

WRITERS = (Role.EVALUATOR,)


def _open_round(by: Acting, round_id: int) -> Round:
    if not by.has(*WRITERS):
        raise Forbidden("surveys.forbidden", _("只有评价员可以登记问卷"))
    found = Round.objects.select_related("edition").filter(pk=round_id).first()
    if found is None:
        raise Missing("round.missing", _("没有这个测评轮次"))
    if found.status != RoundStatus.OPEN:
        told = _("测评轮次“%(round)s”不在进行中，不能登记问卷")
        raise Conflict("round.not_open", told % {"round": found.title})
    return found


def respondent_hash(round_: Round, number: str) -> str:
    """SHA-256 of the questionnaire's number within its round: the same form is one respondent."""
    return hashlib.sha256(f"{round_.key}|{number.strip()}".encode()).hexdigest()


@transaction.atomic
def record(*, by: Acting, round_id: int, lines: Sequence[Line]) -> dict[str, int]:
    """Take answers in, all or none: ``{"made", "same", "changed"}``.

    A respondent's answer that is there already stays; another option supersedes it. Raises
    :class:`Invalid` naming every fault (``lines[3].option``).
    """
    of = _open_round(by, round_id)
    if len(lines) > MOST:
        raise Invalid("surveys.many", _("一次最多 %(most)s 条，请分批提交") % {"most": MOST})
    known = options(edition_rows.edition(of.edition))
    faults = [f for i, line in enumerate(lines) for f in _faults(f"lines[{i}]", line, known)]
    if faults:
        told = _("问卷有 %(n)s 处错误，全部未登记")
        raise Invalid("surveys.faulty", told % {"n": len(faults)}, fields=faults)
    hashes = {line.respondent: respondent_hash(of, line.respondent) for line in lines}
    held = {
        (a.respondent, a.question): a
        for a in Answer.objects.filter(
            round=of, respondent__in=set(hashes.values()), superseded_by=None
        )
    }
    counts = {"made": 0, "same": 0, "changed": 0}
    fresh: dict[tuple[str, str], Answer] = {}
    for line in lines:
        key = (hashes[line.respondent], line.question)
        old = held.get(key)
        if old is not None and old.option == line.option:
            counts["same"] += 1
            continue
        counts["changed" if old else "made"] += key not in fresh
        fresh[key] = Answer(
            round=of,
            question=line.question,
            option=line.option,
            stratum=line.stratum,
            weight=line.weight,
            respondent=key[0],
            answered_on=dt.date.fromisoformat(line.answered_on) if line.answered_on else None,
            supersedes=old,
        )
    Answer.objects.bulk_create(fresh.values(), batch_size=500)
    if fresh:
        journal.write(by=by, room="surveys", verb="record", subject=of, after=counts)
    return counts


def _faults(path: str, line: Line, known: dict[str, tuple[str, ...]]) -> list[Field]:
    found = []
    if not line.respondent.strip():
        found.append(Field(f"{path}.respondent", _("问卷编号必填")))
    if line.question not in known:
        told = _("测评体系没有题目“%(code)s”")
        found.append(Field(f"{path}.question", told % {"code": line.question}))
    elif line.option not in known[line.question]:
        told = _("选项应为 %(list)s 之一")
        found.append(Field(f"{path}.option", told % {"list": "、".join(known[line.question])}))
    if line.weight <= 0:
        found.append(Field(f"{path}.weight", _("权重必须大于 0")))
    if line.answered_on:
        try:
            dt.date.fromisoformat(line.answered_on)
        except ValueError:
            found.append(Field(f"{path}.answered_on", _("应为日期，如 2026-03-31")))
    return found


@transaction.atomic
def withdraw(*, by: Acting, round_id: int, number: str, reason: str) -> int:
    """Take back all answers of one questionnaire; returns how many."""
    of = _open_round(by, round_id)
    if not reason.strip():
        told = _("请写明撤回原因")
        raise Invalid("surveys.reason", told, fields=[Field("reason", told)])
    held = list(
        Answer.objects.filter(
            round=of, respondent=respondent_hash(of, number), superseded_by=None
        ).exclude(option="")
    )
    if not held:
        raise Missing("surveys.missing", _("没有编号为“%(n)s”的问卷") % {"n": number})
    Answer.objects.bulk_create(
        Answer(round=of, question=a.question, respondent=a.respondent, supersedes=a) for a in held
    )
    journal.write(
        by=by, room="surveys", verb="withdraw", subject=of, reason=reason, after={"n": len(held)}
    )
    return len(held)
