from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EntryKind(TextChoices):
    """Facts that are entered at a desk; what is found in the field comes from the rooms below."""

    STATISTIC = "statistic", _("统计数据")
    AWARD = "award", _("特色加分")
    VETO = "veto", _("负面事件")
    OVERRIDE = "override", _("裁定得分")
    MARK = "mark", _("状态标注")
    LINKED = "linked", _("关联体系得分")
    #: takes the one it supersedes back
    WITHDRAWN = "withdrawn", _("撤回")


class MarkState(TextChoices):
    NOT_APPLICABLE = "not_applicable", _("不适用")
    MISSING = "missing", _("无证据")
    DISPUTED = "disputed", _("有争议")
