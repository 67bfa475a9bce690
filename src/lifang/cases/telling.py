"""What people are told of a step. From the rows, so it may run late and twice."""

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.cases import people
from lifang.cases.choices import State, Verb
from lifang.cases.models import Case, Petition, Step
from lifang.core import notify, search
from lifang.core.models import Notification
from lifang.orgs.choices import Role


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
    if not users:
        return 0
    case = step.case
    what = case.category.name if case.category else _("未分类")
    body = f"{what} · {case.address or case.summary}"
    if step.reason:
        body += f"\n{step.reason}"
    rows = notify.tell(
        users, kind=f"case.{step.verb}", title=title % {"number": case.number}, body=body,
        link=f"/cases/{case.pk}", subject=step, unit_id=case.lead_unit_id,
    )  # fmt: skip
    return len(rows)


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
