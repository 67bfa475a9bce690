"""Setting up the servers that are exchanged with."""

from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Conflict, Field, Invalid, Missing
from lifang.core.tasks import later
from lifang.intake.open311 import wire
from lifang.intake.open311.client import GeoReport, Trouble
from lifang.intake.open311.models import Open311Server
from lifang.intake.open311.tasks import poll_server
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.orgs.permissions import require
from lifang.standards import queries as standards


def find(*, by: Acting, server_id: int) -> Open311Server:
    """A server's row, for administrators. Raises :class:`Missing`."""
    require(by, Role.SYSTEM_ADMIN)
    row = Open311Server.objects.filter(pk=server_id).first()
    if row is None:
        raise Missing("open311.server", _("没有这个外部平台"))
    return row


@transaction.atomic
def save(*, by: Acting, server_id: int | None = None, **values: Any) -> Open311Server:
    """Add or change a server. An empty key leaves the one that is kept."""
    require(by, Role.SYSTEM_ADMIN)
    row = find(by=by, server_id=server_id) if server_id is not None else Open311Server()
    _check(row, values)
    if not values.get("api_key"):
        values.pop("api_key", None)
    if row.pk and values["url"] != row.url:
        row.cursor = None
        # the kept key must not be sent to an address that somebody else may hold
        row.api_key = ""
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    told = {k: v for k, v in values.items() if k != "api_key"}
    journal.write(by=by, room="intake", verb="set_open311_server", subject=row, after=told)
    return row


def ask(*, by: Acting, server_id: int) -> None:
    """Poll now instead of at the next round."""
    row = find(by=by, server_id=server_id)
    if not row.active:
        raise Conflict("open311.inactive", _("此平台已停用"))
    with transaction.atomic():
        later(poll_server, row.pk)


def services(*, by: Acting, server_id: int) -> list[dict[str, Any]]:
    """What the server offers, asked now, for setting up the mapping."""
    row = find(by=by, server_id=server_id)
    try:
        found = GeoReport(row).services()
    except Trouble as trouble:
        raise Conflict("open311.trouble", trouble.message) from trouble
    return [
        {
            "code": str(s["service_code"])[:100],
            "name": str(s.get("service_name") or ""),
            "group": str(s.get("group") or ""),
            "own": row.services.get(str(s["service_code"]), ""),
        }
        for s in found[:2000]
        if s.get("service_code")
    ]


def _check(row: Open311Server, values: dict[str, Any]) -> None:
    wrong = []
    values["url"] = values["url"].strip().rstrip("/")
    parts = urlsplit(values["url"])
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        wrong.append(Field("url", _("须为 http(s):// 开头的地址，到 /v2 为止")))
    if parts.username or parts.password:
        wrong.append(Field("url", _("地址中不能含账号密码")))
    if values["form"] not in (wire.XML, wire.JSON):
        wrong.append(Field("form", _("只能是 xml 或 json")))
    values["name"] = values["name"].strip()
    if not values["name"]:
        wrong.append(Field("name", _("必填")))
    if Open311Server.objects.filter(name=values["name"]).exclude(pk=row.pk).exists():
        wrong.append(Field("name", _("已有同名平台")))
    tree = standards.in_force()
    for code, key in values["services"].items():
        if key and tree.by_key(key) is None:
            message = _("类别“%(key)s”不在现行目录中") % {"key": key[:60]}
            wrong.append(Field(f"services.{code[:60]}", message))
    if wrong:
        raise Invalid("open311.server", str(wrong[0].message), fields=wrong)
