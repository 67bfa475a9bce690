"""Who sees which filing and material, and who may do what."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lifang.core.errors import Conflict, Forbidden, Missing
from lifang.materials.models import Filing, Material, Package
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.rounds.choices import RoundStatus
from lifang.rounds.models import Round

#: read what every unit files
READERS = (Role.EVALUATOR, Role.LEADER, Role.SYSTEM_ADMIN)
#: ask, assign, package
EDITORS = (Role.EVALUATOR, Role.SYSTEM_ADMIN)


def missing() -> Missing:
    return Missing("filing.missing", _("没有这项材料，或您无权查看"))


def visible_to(by: Acting) -> QuerySet[Filing]:
    """All to those who assess and lead, to a unit's staff what is asked of their units."""
    filings = Filing.objects.all()
    return filings if by.has(*READERS) else filings.filter(unit__in=by.units(Role.HANDLER))


def materials_of(by: Acting) -> QuerySet[Material]:
    """The materials that ``by`` may see; a unit's staff those of their units."""
    rows = Material.objects.all()
    return rows if by.has(*READERS) else rows.filter(unit__in=by.units(Role.HANDLER))


def packages_of(by: Acting) -> QuerySet[Package]:
    """Packages of everything are for those who see everything."""
    rows = Package.objects.all()
    return rows if by.has(*READERS) else rows.filter(unit__in=by.units(Role.HANDLER))


def may_file(by: Acting, unit_id: int | None) -> bool:
    """Whether ``by`` hands in for that unit."""
    return by.automatic or (unit_id is not None and unit_id in by.units(Role.HANDLER))


def need_file(by: Acting, unit_id: int | None) -> None:
    if not may_file(by, unit_id):
        raise Forbidden("filing.unit", _("只有责任单位的处置人员可以填报，请联系该单位"))


def need_clerk(by: Acting) -> None:
    """For acts over many filings: each of them is looked at by itself later."""
    if not by.has(Role.HANDLER):
        raise Forbidden("filing.unit", _("只有责任单位的处置人员可以填报，请联系该单位"))


def need_own(by: Acting, filing_id: int) -> None:
    """Before anything costly is done: the filing is seen and of an own unit."""
    found = visible_to(by).filter(pk=filing_id).values_list("unit_id").first()
    if found is None:
        raise missing()
    need_file(by, found[0])


def need_editor(by: Acting) -> None:
    if not by.has(*EDITORS):
        raise Forbidden("filing.editor", _("只有评价员和系统管理员可以组织填报"))


def need_reviewer(by: Acting) -> None:
    if not by.has(Role.EVALUATOR):
        raise Forbidden("filing.reviewer", _("只有评价员可以审核材料"))


def need_open(round: Round) -> None:
    """What is filed for a round is changed only while it runs."""
    if round.status != RoundStatus.OPEN:
        raise Conflict("round.not_open", _("这一轮测评不在进行中，不能再填报或审核"))


def files_seen_by(by: Acting) -> Q:
    """Files of materials that ``by`` may open: of own units, or of what was handed in."""
    if by.has(*READERS):
        return Q()
    units = by.units(Role.HANDLER)
    return Q(revision__material__unit__in=units) | Q(revision__filings__unit__in=units)
