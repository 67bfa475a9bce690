from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from lifang.cases.choices import State, Verb


class Stage(TextChoices):
    """Where a case is, in a citizen's words. Fewer than the clerks' states."""

    RECEIVED = "received", _("已收到，等待受理")
    VERIFYING = "verifying", _("正在现场核实")
    ACCEPTED = "accepted", _("已受理，正在安排处理单位")
    ASSIGNED = "assigned", _("已交处理单位")
    WORKING = "working", _("正在处理")
    FIXED = "fixed", _("处理单位已处理，正在核查")
    PAUSED = "paused", _("暂缓处理")
    CLOSED = "closed", _("已办结")
    REFUSED = "refused", _("不属于受理范围")
    MERGED = "merged", _("已与同一问题合并办理")
    VOID = "void", _("已撤销")


STAGE_OF: dict[str, Stage] = {
    State.REPORTED: Stage.RECEIVED,
    State.VERIFYING: Stage.VERIFYING,
    State.VERIFIED: Stage.RECEIVED,
    State.REJECTED: Stage.REFUSED,
    State.FILED: Stage.ACCEPTED,
    State.RETURNED: Stage.ACCEPTED,
    State.DISPATCHED: Stage.ASSIGNED,
    State.HANDLING: Stage.WORKING,
    State.HANDED_BACK: Stage.FIXED,
    State.CHECKING: Stage.FIXED,
    State.CHECKED: Stage.FIXED,
    State.SUSPENDED: Stage.PAUSED,
    State.HANGING: Stage.PAUSED,
    State.SPLIT: Stage.WORKING,
    State.CLOSED: Stage.CLOSED,
    State.MERGED: Stage.MERGED,
    State.VOID: Stage.VOID,
}

#: Steps that a citizen sees, and in which words. Steps not named here are the centre's own affair.
STEP_WORDS = {
    Verb.REPORT: _("已收到您反映的问题"),
    Verb.ASK_VERIFICATION: _("已安排人员到现场核实"),
    Verb.VERIFY: _("现场核实完成"),
    Verb.FILE: _("已受理"),
    Verb.REJECT: _("不予受理"),
    Verb.DISPATCH: _("已交处理单位"),
    Verb.RETURN_TO_DISPATCHER: _("正在重新确定处理单位"),
    Verb.START: _("处理单位已开始处理"),
    Verb.HAND_BACK: _("处理单位反馈已处理"),
    Verb.SEND_BACK: _("处理未达到要求，已退回重新处理"),
    Verb.ASK_CHECK: _("已安排人员到现场核查"),
    Verb.CLOSE: _("已办结"),
    Verb.RATE: _("您作了评价"),
    Verb.REOPEN: _("已重新办理"),
    Verb.MERGE: _("与他人反映的同一问题合并办理"),
    Verb.UNMERGE: _("改为单独办理"),
    Verb.SPLIT: _("涉及几个单位，已分开办理"),
    Verb.EXTEND: _("情况复杂，办理期限已延长"),
    Verb.SUSPEND: _("因客观原因暂缓处理"),
    Verb.RESUME: _("已恢复处理"),
    Verb.HANG: _("暂不具备处理条件，已登记待办"),
    Verb.UNHANG: _("具备条件，已重新办理"),
    Verb.TAKE_OVER: _("单位调整，已由承接单位继续处理"),
    Verb.SELF_HANDLE: _("巡查人员当场处理"),
    Verb.ASK: _("工作人员向您提问"),
    Verb.ANSWER: _("您作了答复"),
    Verb.VOID: _("已撤销"),
}
CHECK_PASSED = _("核查通过")
CHECK_FAILED = _("核查未通过")
