"""What people see of the exchange: servers with their state, where a case may go, what went which way."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from lifang.cases.permissions import visible_to
from lifang.core.errors import Forbidden, Missing
from lifang.intake.open311.models import LinkState, Open311Link, Open311Server
from lifang.intake.open311.sending import ROLES
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.orgs.permissions import require
from lifang.standards import queries as standards


def server_rows(by: Acting) -> QuerySet[Open311Server]:
    """All servers with how many links are in which state, for administrators. No words of a case."""
    require(by, Role.SYSTEM_ADMIN)
    counts = {s.value: Count("links", filter=Q(links__state=s)) for s in LinkState}
    return Open311Server.objects.annotate(**counts).order_by("-active", "name")


def links(by: Acting, **asked: Any) -> QuerySet[Open311Link]:
    """Links of the cases that ``by`` may see, the newest first."""
    mine = visible_to(by).order_by().values("pk")
    wanted = {k: v for k, v in asked.items() if v is not None}
    return Open311Link.objects.filter(case__in=mine, **wanted).select_related("server", "case")


def targets(by: Acting, *, case_id: int) -> list[dict[str, Any]]:
    """Servers that the case may be sent to and was not yet; services that fit its class come first."""
    if not by.has(*ROLES):
        raise Forbidden("open311.forbidden", _("须由派遣员或值班长发送到外部平台"))
    case = visible_to(by).filter(pk=case_id).select_related("category").first()
    if case is None:
        raise Missing("case.not_found", _("没有这个案件，或不在您的范围"))
    tree = standards.in_force()
    key = case.category.key if case.category else ""
    found = []
    # a case that came from there is not sent back
    for row in Open311Server.objects.filter(active=True, send=True).exclude(links__case=case):
        offers = []
        for code, own in row.services.items():
            category = tree.by_key(own) if own else None
            offers.append(
                {"code": code, "name": category.name if category else "", "fits": own == key != ""}
            )
        offers.sort(key=lambda o: (not o["fits"], o["code"]))
        found.append({"id": row.pk, "name": row.name, "services": offers})
    return found
