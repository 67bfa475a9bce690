from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class FilingStatus(TextChoices):
    ASKED = "asked", _("待填报")
    #: a revision is chosen, not yet handed in
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("待初审")
    FIRST_PASSED = "first", _("待复审")
    RETURNED = "returned", _("已退回")
    ACCEPTED = "accepted", _("已定级")


class Known(TextChoices):
    """How a slot was satisfied: what people had to do for it."""

    UPLOAD = "upload", _("新上传")
    REUSE = "reuse", _("引用已有材料")
    PROPOSAL = "proposal", _("系统已有数据生成")
    #: brought by hand although lifang held the very same bytes
    AGAIN = "again", _("重复上传")


class Verdict(TextChoices):
    GRADED = "graded", _("评级")
    RETURNED = "returned", _("退回")
    #: the unit contests a grade; it stands, disputed, until decided anew
    APPEALED = "appealed", _("申诉")


class SlotKind(TextChoices):
    ANY = "", _("不限")
    DOCUMENT = "document", _("规范性文件")
    REPORT = "report", _("说明报告")
    PHOTO = "photo", _("实景照片")
    TABLE = "table", _("统计表")


class PackageStatus(TextChoices):
    WAITING = "waiting", _("等待生成")
    MAKING = "making", _("生成中")
    READY = "ready", _("可下载")
    FAILED = "failed", _("失败")


#: grades that every measure knows (``assessment.engine``)
MISSING, NOT_ASKED = "missing", "na"
GRADE_WORDS = {MISSING: _("缺失"), NOT_ASKED: _("不适用")}
