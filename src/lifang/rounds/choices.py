from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RoundKind(TextChoices):
    OFFICIAL = "official", _("正式测评")
    MOCK = "mock", _("模拟测评")
    SELF = "self", _("自查")


class RoundStatus(TextChoices):
    PREPARING = "preparing", _("筹备")
    #: scope, sample, roster and dates are frozen
    OPEN = "open", _("进行中")
    CLOSED = "closed", _("已结束")


class Share(TextChoices):
    LEAD = "lead", _("牵头")
    ASSIST = "assist", _("协办")


class TaskStatus(TextChoices):
    #: written down, not told to anybody yet
    DRAFT = "draft", _("拟定")
    ISSUED = "issued", _("待签收")
    TAKEN_UP = "taken_up", _("已签收")
    RETURNED = "returned", _("已退回")


class StepKind(TextChoices):
    #: of a unit's work plan (工作方案)
    PLAN = "plan", _("工作措施")
    #: closes the gap of an unmet item
    FIX = "fix", _("补短板")


class StepOrigin(TextChoices):
    HAND = "hand", _("人工")
    #: ordered from the planner of ``assessment``
    PLANNER = "planner", _("整改方案")


class Draw(TextChoices):
    """How places are drawn (``drawing.draw``)."""

    RANDOM = "random", _("简单随机")
    SYSTEMATIC = "systematic", _("等距抽样")
    ALL = "all", _("全部")


class DrawBy(TextChoices):
    """What a stratum is."""

    TYPE = "type", _("按点位类型")
    TYPE_DISTRICT = "type_district", _("按点位类型和区域")


class Head(TextChoices):
    """The six implementations (六个落实) that a unit's plan is looked over for."""

    LETTER = "letter", _("责任落实")
    TASKS = "tasks", _("任务落实")
    MEASURES = "measures", _("措施落实")
    DATES = "dates", _("时限落实")
    PEOPLE = "people", _("人员落实")
    CHECKS = "checks", _("督查落实")
