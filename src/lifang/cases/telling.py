"""What people are told of a step. From the rows, so it may run late and twice."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from lifang.cases import people
from lifang.cases.choices import State, Verb
from lifang.cases.models import Case, Petition, Report, Step
from lifang.core import notify, search
from lifang.core.models import Notification
from lifang.orgs.choices import Role

#: steps that those who reported hear of
FOLLOWED = frozenset(
    {
        Verb.FILE, Verb.REJECT, Verb.DISPATCH, Verb.START, Verb.HAND_BACK, Verb.CHECK, Verb.CLOSE,
        Verb.REOPEN, Verb.MERGE, Verb.UNMERGE, Verb.SUSPEND, Verb.RESUME,
    }
)  # fmt: skip


@transaction.atomic
def tell(step_id: int) -> int:
    """Write the notifications of a step; once, however often it is called. Returns how many."""
    step = (
        Step.objects.select_related("case__category", "case__lead_unit").filter(pk=step_id).first()
    )
    if step is None:
        return 0
    if step.verb in (Verb.REPORT, Verb.FILE, Verb.DISPATCH, Verb.RECLASSIFY, Verb.ANSWER):
        index(step.case_id)
    label = step._meta.label_lower
    if Notification.objects.filter(subject_kind=label, subject_id=step.pk).exists():
        return 0
    users, title = _whom(step)
    users = tuple(u for u in dict.fromkeys(users) if u != step.user_id)
    case = step.case
    what = case.category.name if case.category else _("未分类")
    body = f"{what} · {case.address or case.summary}"
    if step.reason:
        body += f"\n{step.reason}"
    messages = _to_reporters(step, known=users)
    if users:
        told = notify.Message(
            users, f"case.{step.verb}", title % {"number": case.number}, body, f"/cases/{case.pk}",
            step, case.lead_unit_id,
        )  # fmt: skip
        messages.insert(0, told)
    return len(notify.tell_many(messages)) if messages else 0


def _to_reporters(step: Step, *, known: tuple[int, ...]) -> list[notify.Message]:
    """Each public step for those with an account who reported it, also where their case was merged into this
    one; each hears of the number they were given. Others follow by number and code."""
    if not step.public or step.verb not in FOLLOWED:
        return []
    case = step.case
    into = case.merged_into.number if step.verb == Verb.MERGE and case.merged_into else ""
    rows = (
        Report.objects.filter(Q(case=case) | Q(origin=case), user__isnull=False)
        .exclude(user_id__in=[*known, *([step.user_id] if step.user_id else [])])
        .order_by("id")
        .values_list("user_id", "origin__number", "follow_code")
    )
    return [
        notify.Message(
            (user_id,),
            f"follow.{step.verb}",
            _("您反映的 %(number)s 已并入 %(into)s，一并办理") % {"number": number, "into": into}
            if into
            else _("您反映的 %(number)s：%(verb)s")
            % {"number": number, "verb": Verb(step.verb).label},
            case.address or case.summary,
            f"/follow/{number}?code={code}",
            step,
            None,
        )
        for user_id, number, code in rows
    ]


def index(case_id: int) -> None:
    """Keep the words of a case for the search: number, texts of all reports, address, class."""
    case = Case.objects.select_related("category").get(pk=case_id)
    said = case.reports.order_by("id").values_list("text", "external_number")[:20]
    words = [case.number, case.text, case.address]
    if case.category is not None:
        words.append(case.category.name)
    words += [part for text, number in said for part in (number, text) if part != case.text]
    search.put("case", case_id, "\n".join(words))


def _whom(step: Step) -> tuple[tuple[int, ...], str]:
    """(users, title) of a step; nobody for steps that only fill a queue."""
    case = step.case
    unit = people.of_unit(case.lead_unit_id)
    mine = unit if case.handler_id is None else (case.handler_id, *unit)
    chiefs = (Role.DUTY_CHIEF,)
    if step.verb == Verb.ESCALATE:
        level = step.detail.get("level", 1)
        if step.detail.get("stage"):
            return people.of_centre(case, *chiefs), _("案件 %(number)s 在中心停留超时")
        if level == 1:
            return mine, _("案件 %(number)s 即将超期")
        if level == 2:
            return mine, _("案件 %(number)s 已超期")
        if level == 3:
            return (*mine, *people.of_centre(case, *chiefs)), _("案件 %(number)s 超期未处置")
        leaders = people.of_centre(case, *chiefs, Role.LEADER)
        return (*mine, *leaders), _("案件 %(number)s 严重超期")
    if "petition" in step.detail and not step.detail.get("asked"):
        asked = Petition.objects.filter(pk=step.detail["petition"]).values_list(
            "asked_by", flat=True
        )
        return tuple(asked), _("案件 %(number)s 的申请有了审核意见")
    if step.verb == Verb.TAKE_OVER and not case.arbitration:
        return unit, _("案件 %(number)s 由贵单位承接")
    if step.after == State.DISPATCHED and step.verb in (Verb.DISPATCH, Verb.UNHANG, Verb.RESUME):
        return unit, _("新任务：案件 %(number)s")
    if step.after == State.DISPATCHED and step.verb in (Verb.CHECK, Verb.SEND_BACK):
        return mine, _("案件 %(number)s 须返工")
    if step.after in (State.FILED, State.RETURNED) and case.arbitration:
        return people.of_centre(case, *chiefs), _("案件 %(number)s 待裁定责任单位")
    if step.verb == Verb.REOPEN:
        return people.of_centre(case, Role.DISPATCHER, *chiefs), _("案件 %(number)s 被要求重新办理")
    if step.verb in (Verb.ASK_CHECK, Verb.ASK_VERIFICATION) and case.checker_id is not None:
        return (case.checker_id,), _("案件 %(number)s 请您到场查看")
    if step.verb == Verb.ANSWER and case.desk_user_id is not None:
        return (case.desk_user_id,), _("案件 %(number)s 的上报人已答复")
    return (), ""
