"""Who sees which case, and who may do what to it. Querysets first; then the verbs."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from lifang.cases import rules
from lifang.cases.choices import State, Verb
from lifang.cases.models import Case, CaseUnit
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role

#: roles that see the cases of their area
AREA_ROLES = (
    Role.ACCEPTOR, Role.DISPATCHER, Role.DUTY_CHIEF, Role.CHECKER, Role.EVALUATOR, Role.LEADER,
)  # fmt: skip


def under(prefix: str, field: str = "area") -> Q:
    """Division codes that begin with ``prefix``, as a range that an index can serve.

    ``LIKE`` would not do: SQLite's with ``ESCAPE`` and PostgreSQL's outside the C locale both
    read the whole table.
    """
    if not prefix:
        return Q()
    if not prefix.isdigit():
        return Q(**{f"{field}__startswith": prefix})
    after = str(int(prefix) + 1).zfill(len(prefix))
    where = Q(**{f"{field}__gte": prefix})
    return where if len(after) > len(prefix) else where & Q(**{f"{field}__lt": after})


def visible_to(by: Acting) -> QuerySet[Case]:
    """Cases that ``by`` may see: of his areas, of his units, or reported by himself.

    Administrators see none: running the machine is not a reason to read citizens' reports.
    """
    cases = Case.objects.all()
    if by.automatic or by.door:
        return cases
    areas = by.areas(*AREA_ROLES)
    if "" in areas:
        return cases
    where = Q(pk__in=[])
    for prefix in areas:
        where |= under(prefix)
    if units := by.units(Role.HANDLER):
        where |= Q(lead_unit__in=units) | Q(
            Exists(CaseUnit.objects.filter(case=OuterRef("pk"), unit__in=units))
        )
    if by.user_id is not None and by.has(Role.COLLECTOR, Role.HANDLER):
        where |= Q(reports__user=by.user_id) | Q(checker=by.user_id)
        return cases.filter(pk__in=Case.objects.filter(where).values("pk"))
    return cases.filter(where)


def in_area(case: Case, prefixes: tuple[str, ...]) -> bool:
    """Whether a case lies under one of the prefixes. Unplaced cases belong to whoever has all."""
    return any(case.area.startswith(p) for p in prefixes)


def allowed_verbs(case: Case, by: Acting) -> list[Verb]:
    """Verbs of the table that ``by`` may do to ``case`` now, in the table's order."""
    return [verb for verb in rules.possible(case.state) if _may(case, by, verb)]


def _may(case: Case, by: Acting, verb: Verb) -> bool:
    move = rules.TABLE[verb]
    if by.automatic:
        return True
    if by.door:
        return move.reporter
    return _by_unit(case, by, move) or _by_centre(case, by, move, verb)


def _by_unit(case: Case, by: Acting, move: rules.Move) -> bool:
    return Role.HANDLER in move.roles and case.lead_unit_id in by.units(Role.HANDLER)


def _by_centre(case: Case, by: Acting, move: rules.Move, verb: Verb) -> bool:
    roles = tuple(r for r in move.roles if r != Role.HANDLER)
    if not roles or not by.has(*roles):
        return False
    if case.arbitration and verb == Verb.DISPATCH and not by.has(Role.DUTY_CHIEF):
        return False
    if verb == Verb.CHECK and case.handler_id is not None and case.handler_id == by.user_id:
        return False
    return in_area(case, by.areas(*roles)) or by.has(Role.COLLECTOR)


def refuse_reason(case: Case, by: Acting, verb: Verb) -> str:
    """In words, why ``by`` may not do what the state would allow."""
    move = rules.TABLE[verb]
    if verb == Verb.CHECK and case.handler_id is not None and case.handler_id == by.user_id:
        return _("本案由您处置，须由其他人核查")
    if verb == Verb.DISPATCH and case.arbitration:
        return _("本案无人负责或被多次退回，须由值班长裁定责任单位")
    if move.unit and not move.roles:
        return _("只有主办单位可以%(verb)s") % {"verb": verb.label}
    labels = "、".join(str(r.label) for r in move.roles)
    return _("%(verb)s须由本区域的%(roles)s操作") % {"verb": verb.label, "roles": labels}


#: who answers for what the centre shows to everybody, and for what it takes down of a recording
_MEDIA = (Role.ACCEPTOR, Role.DUTY_CHIEF)


def may_decide_media(case: Case, by: Acting) -> bool:
    """Whether ``by`` decides which pictures everybody sees, and corrects transcripts."""
    return by.automatic or (by.has(*_MEDIA) and in_area(case, by.areas(*_MEDIA)))


def may_see_reporter(case: Case, by: Acting) -> bool:
    """Whether name and telephone of the reporter are shown unmasked."""
    if by.automatic:
        return True
    if by.has(Role.ACCEPTOR, Role.DUTY_CHIEF):
        return in_area(case, by.areas(Role.ACCEPTOR, Role.DUTY_CHIEF))
    return case.state in rules.WITH_UNIT | {State.HANDED_BACK} and case.lead_unit_id in by.units(
        Role.HANDLER
    )
