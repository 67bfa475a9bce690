from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CatalogueStatus(TextChoices):
    DRAFT = "draft", _("草稿")
    PUBLISHED = "published", _("已发布")


class CategoryKind(TextChoices):
    COMPONENT = "component", _("部件")
    EVENT = "event", _("事件")
    #: what hotlines and message boards bring and no street inspection finds
    MATTER = "matter", _("诉求")


class LimitUnit(TextChoices):
    """Units of a time limit (domain: GB/T 30428.8 practice)."""

    URGENT_HOUR = "urgent_hour", _("紧急工作时")
    URGENT_DAY = "urgent_day", _("紧急工作日")
    WORK_HOUR = "work_hour", _("工作时")
    WORK_DAY = "work_day", _("工作日")
    NATURAL_DAY = "natural_day", _("自然日")


class EditionStatus(TextChoices):
    DRAFT = "draft", _("草稿")
    #: checked, waits for somebody else's approval
    SUBMITTED = "submitted", _("待审批")
    PUBLISHED = "published", _("已发布")


class ChangeClass(TextChoices):
    """How grave the differences from the edition before are (``editions.changes``)."""

    FIRST = "first", _("首版")
    TEXT = "text", _("仅文字")
    COMPATIBLE = "compatible", _("兼容")
    SCORING = "scoring", _("影响计分")
    STRUCTURAL = "structural", _("结构变化")
