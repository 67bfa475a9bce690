"""Words that were spoken: a report is understood anew when its recording has been written down."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.cases import rules
from lifang.cases.actions import _auto, _step
from lifang.cases.actions.report import understood, with_spoken
from lifang.cases.choices import EvidenceKind, State, Verb
from lifang.cases.models import Case, Evidence, Report, Step
from lifang.cases.tasks import tell_step
from lifang.core import journal
from lifang.core.tasks import later
from lifang.orgs.acting import SYSTEM
from lifang.understanding.voice import queries as voice


def hear(*, file_id: int) -> int:
    """Take the words of a recording into the cases it was handed in with; returns how many changed.

    Only cases on which nobody has worked yet: then class, place, duplicates and, where that is
    certain, filing and dispatch follow as if the words had been typed. Later ones only show the
    words. Done again with the same words it does nothing.
    """
    hung = Evidence.objects.filter(file_id=file_id, kind=EvidenceKind.VOICE, report__isnull=False)
    pairs = set(hung.values_list("case_id", "report_id"))
    return sum(_take_in(case_id, report_id) for case_id, report_id in sorted(pairs))


@transaction.atomic
def _take_in(case_id: int, report_id: int) -> bool:
    case = Case.objects.select_for_update().filter(pk=case_id, state=State.REPORTED).first()
    report = Report.objects.filter(pk=report_id).first()
    if case is None or report is None:
        return False
    mine = Evidence.objects.filter(case=case, report=report).order_by("id")
    voices = [e.file_id for e in mine if e.kind == EvidenceKind.VOICE]
    text = with_spoken(report.text, spoken := voice.said(voices))
    if not spoken or text == case.text:
        return False
    now = timezone.now()
    case.text, case.summary = text, rules.summary(text)
    meaning = understood(case, "\n".join(filter(None, (report.text, spoken))))
    pictures = [e.file_id for e in mine if e.kind == EvidenceKind.BEFORE]
    made = _auto.plan(case, meaning, now=now, file_ids=pictures)
    case.version += 1
    case.updated_at = now
    case.save()
    _write(case, made)
    _auto.finish(case, made, now=now)
    return True


def _write(case: Case, made: _auto.Plan) -> None:
    """The step that says the words came, and those the machine took after it."""
    now = case.updated_at
    first = _step.make_step(
        case, by=SYSTEM, verb=Verb.NOTE, before=State.REPORTED, at=now, reason=_("录音已转写")
    )
    first.after = State.REPORTED
    steps = [first]
    for verb, before, after, detail in made.steps:
        step = _step.make_step(
            case, by=SYSTEM, verb=verb, before=before, at=now, detail=detail, public=True
        )
        step.after = after
        steps.append(step)
    Step.objects.bulk_create(steps)
    entries = []
    for step in steps:
        entry = _step.entry_of(case, step, SYSTEM)
        entry.after["state"] = str(step.after)
        entries.append(entry)
    journal.write_many(entries)
    later(tell_step, steps[-1].pk)
