from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where a case is. Neutral keys; a city's own words come from its pack."""

    REPORTED = "reported", _("待受理")
    VERIFYING = "verifying", _("核实中")
    VERIFIED = "verified", _("已核实待立案")
    REJECTED = "rejected", _("不予立案")
    FILED = "filed", _("待派遣")
    RETURNED = "returned", _("退回待改派")
    DISPATCHED = "dispatched", _("待处置")
    HANDLING = "handling", _("处置中")
    HANDED_BACK = "handed_back", _("已处置待核查")
    CHECKING = "checking", _("核查中")
    CHECKED = "checked", _("核查通过待结案")
    SUSPENDED = "suspended", _("挂起")
    HANGING = "hanging", _("挂账")
    CLOSED = "closed", _("已结案")
    MERGED = "merged", _("已并案")
    SPLIT = "split", _("已拆分")
    VOID = "void", _("作废")


#: States in which nothing more is due.
FINAL = frozenset({State.REJECTED, State.CLOSED, State.MERGED, State.VOID})


class Verb(TextChoices):
    REPORT = "report", _("上报")
    ASSIGN = "assign", _("认领")
    ASK_VERIFICATION = "ask_verification", _("派核实")
    VERIFY = "verify", _("核实回复")
    FILE = "file", _("立案")
    REJECT = "reject", _("不予立案")
    DISPATCH = "dispatch", _("派遣")
    RETURN_TO_ACCEPTOR = "return_to_acceptor", _("退回受理")
    RETURN_TO_DISPATCHER = "return_to_dispatcher", _("退回派遣")
    START = "start", _("接单处置")
    HAND_BACK = "hand_back", _("处置反馈")
    SEND_BACK = "send_back", _("返工")
    ASK_CHECK = "ask_check", _("派核查")
    CHECK = "check", _("核查")
    CLOSE = "close", _("结案")
    RATE = "rate", _("评价")
    REOPEN = "reopen", _("重新办理")
    MERGE = "merge", _("并案")
    UNMERGE = "unmerge", _("撤销并案")
    SPLIT = "split", _("拆分")
    EXTEND = "extend", _("延期")
    SUSPEND = "suspend", _("挂起")
    RESUME = "resume", _("恢复")
    HANG = "hang", _("挂账")
    UNHANG = "unhang", _("销账重办")
    APPEAL = "appeal", _("申诉")
    VOID = "void", _("作废")
    SELF_HANDLE = "self_handle", _("自行处置")
    ADD_EVIDENCE = "add_evidence", _("补充材料")
    ASK = "ask", _("询问上报人")
    ANSWER = "answer", _("上报人答复")
    RECLASSIFY = "reclassify", _("改类改址")
    ESCALATE = "escalate", _("升级提醒")
    TAKE_OVER = "take_over", _("单位承接")
    NOTE = "note", _("备注")


class Source(TextChoices):
    CITIZEN = "citizen", _("市民随手拍")
    HOTLINE = "hotline", _("热线工单")
    COLLECTOR = "collector", _("采集员")
    INSPECTOR = "inspector", _("督查巡查")
    CAMERA = "camera", _("视频")
    LEADER = "leader", _("领导交办")
    MEDIA = "media", _("媒体")
    TRANSFER = "transfer", _("部门转办")
    OTHER = "other", _("其他")


class Light(TextChoices):
    """How a clock stands."""

    GREEN = "green", _("正常")
    AMBER = "amber", _("将超期")
    RED = "red", _("已超期")
    GREY = "grey", _("不计时")


class UnitRole(TextChoices):
    LEAD = "lead", _("主办")
    ASSIST = "assist", _("协办")


class EvidenceKind(TextChoices):
    BEFORE = "before", _("处置前")
    AFTER = "after", _("处置后")
    VERIFY = "verify", _("核实")
    CHECK = "check", _("核查")
    VOICE = "voice", _("录音")
    OTHER = "other", _("其他")


class ClosedAs(TextChoices):
    NORMAL = "normal", _("正常结案")
    SELF_HANDLED = "self_handled", _("自行处置")
    ABNORMAL = "abnormal", _("非正常结案")


class PetitionKind(TextChoices):
    EXTENSION = "extension", _("延期申请")
    SUSPENSION = "suspension", _("挂起申请")
    APPEAL = "appeal", _("超期申诉")


class PetitionState(TextChoices):
    FIRST = "first", _("待初审")
    SECOND = "second", _("待复审")
    GRANTED = "granted", _("同意")
    REFUSED = "refused", _("不同意")
    WITHDRAWN = "withdrawn", _("撤回")
