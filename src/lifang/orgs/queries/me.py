"""Who is signed in, and own sessions."""

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lifang.config import config
from lifang.core import notify
from lifang.orgs import signin, words
from lifang.orgs.acting import Acting
from lifang.orgs.choices import SCOPES, SEPARATED, ChangeKind, Role, UnitKind
from lifang.orgs.models import UserSession
from lifang.orgs.schemas import Choice, ChoicesOut, MeOut, MfaOut, PersonRef, SessionOut, UnitRef


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
        words=words.current(),
    )


def choices() -> ChoicesOut:
    """Labels of the organisation's enumerations."""

    def listed(kind: type[Role] | type[UnitKind] | type[ChangeKind]) -> list[Choice]:
        return [Choice(key=str(k), label=str(label)) for k, label in kind.choices]

    return ChoicesOut(
        roles=listed(Role),
        administrators=sorted(SEPARATED),
        kinds=listed(UnitKind),
        changes=listed(ChangeKind),
        scopes=list(SCOPES),
    )


def sessions(request: HttpRequest, acting: Acting) -> list[SessionOut]:
    """Own sessions, the one in use first."""
    here = request.session.session_key
    rows = UserSession.objects.filter(user_id=acting.person).order_by("-seen_at", "-id")
    found = [
        SessionOut(
            id=s.pk,
            address=s.address,
            agent=s.agent,
            started_at=s.started_at,
            seen_at=s.seen_at,
            current=s.key == here,
        )
        for s in rows
    ]
    return sorted(found, key=lambda s: not s.current)
