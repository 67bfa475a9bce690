"""Reads of the organisation. What a person's screen uses starts at ``…_visible_to``."""

from dataclasses import asdict

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lifang.config import config
from lifang.core import notify
from lifang.orgs import signin
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.orgs.schemas import MeOut, MfaOut, PersonRef, UnitNode, UnitRef
from lifang.orgs.tree import tree


def me(request: HttpRequest, acting: Acting) -> MeOut:
    """What a face needs to know about the one who is signed in. A machine is nobody."""
    return MeOut(
        user=PersonRef(id=acting.person, name=acting.name, username=acting.username),
        unit=UnitRef(id=acting.unit_id, name=acting.unit_name) if acting.unit_id else None,
        roles=sorted(acting.roles),
        areas=list(acting.areas(*Role)),
        must_change_password=acting.must_change_password,
        mfa=MfaOut(
            required=signin.needs_mfa(acting.roles),
            enabled=bool(request.session.get(signin.MFA_FLAG)),
        ),
        demo=config().demo,
        city=config().city_name or _("示范市"),
        unread=notify.unread(acting.person),
        language=get_language() or config().language,
        csrf_token=get_token(request),
        words={},
    )


def unit_tree(*, with_closed: bool = False) -> list[UnitNode]:
    """All units, nested. Everybody who is signed in may see which units there are."""
    whole = tree()

    def nodes(parent: int | None) -> list[UnitNode]:
        found = (whole.nodes[i] for i in whole.children.get(parent, ()))
        return [
            UnitNode(**asdict(n), children=nodes(n.id)) for n in found if n.active or with_closed
        ]

    return nodes(None)
