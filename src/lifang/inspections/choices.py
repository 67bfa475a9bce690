from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Found(TextChoices):
    PASS = "pass", _("符合")
    FAIL = "fail", _("不符合")
    NA = "na", _("不适用")
    #: takes the one it supersedes back
    WITHDRAWN = "withdrawn", _("撤回")
