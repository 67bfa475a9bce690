from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class UnitKind(TextChoices):
    OFFICE = "office", _("文明办")
    CENTRE = "centre", _("指挥中心")
    DISTRICT = "district", _("区县")
    DEPARTMENT = "department", _("部门")
    STREET = "street", _("街道（镇）")
    COMMUNITY = "community", _("社区（村）")
    ENTERPRISE = "enterprise", _("企业")
    OTHER = "other", _("其他")


class Role(TextChoices):
    COLLECTOR = "collector", _("采集员")
    ACCEPTOR = "acceptor", _("受理员")
    DISPATCHER = "dispatcher", _("派遣员")
    DUTY_CHIEF = "duty_chief", _("值班长")
    HANDLER = "handler", _("处置人员")
    CHECKER = "checker", _("核查员")
    EVALUATOR = "evaluator", _("评价员")
    LEADER = "leader", _("领导")
    SYSTEM_ADMIN = "system_admin", _("系统管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计管理员")


#: One person may hold only one of these: administrators are kept apart (等保三级, 三员分立).
SEPARATED = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})


class ChangeKind(TextChoices):
    RENAME = "rename", _("更名")
    MERGE = "merge", _("合并")
    SPLIT = "split", _("分设")
    MOVE = "move", _("划转")
    CLOSE = "close", _("撤销")


#: what a machine's key may be allowed: the first part of the path, read or write
SCOPE_PARTS = (
    "*",
    "cases",
    "hotline",
    "open311",
    "open311-servers",
    "open311-links",
    "stats",
    "places",
    "regions",
    "cells",
    "roads",
    "sites",
    "shops",
    "components",
    "catalogues",
    "categories",
    "editions",
    "edition-crosswalks",
    "duties",
    "rounds",
    "round-tasks",
    "round-steps",
    "units",
    "materials",
    "observations",
    "survey-answers",
    "scores",
    "score-runs",
    "score-entries",
    "score-plans",
    "files",
    "uploads",
    "calendar",
)
SCOPES = tuple(f"{part}:{way}" for part in SCOPE_PARTS for way in ("read", "write"))
