"""Words for codes: indicators, places, lines of checklists, units."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from lifang.assessment import gathering
from lifang.orgs import tree
from lifang.places.models import Region, SiteType
from lifang.rounds.models import Round


def units() -> dict[str, str]:
    """Code → name for dense tables."""
    return {n.code: n.short_name or n.name for n in tree.tree().nodes.values()}


def site_types() -> dict[str, str]:
    return dict(SiteType.objects.values_list("code", "name"))


def leaf(round_: Round, code: str) -> str:
    node = gathering.plan_of(round_).edition.nodes.get(code)
    return node.title if node else code


def item(round_: Round, code: str) -> str:
    found = gathering.plan_of(round_).edition.items.get(code)
    return found.title if found and found.title else code


def place(round_: Round, code: str) -> str:
    found = gathering.plan_of(round_).round.sites.get(code)
    return found.title if found and found.title else code


def places() -> dict[str, str]:
    """Names of site types and of districts by code, for the words of many actions; two statements."""
    return site_types() | dict(Region.objects.values_list("code", "name"))


def action(round_: Round, row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """An action of a plan in words: what to mend and where; its key says which kind it is.

    ``names``: :func:`places`.
    """
    kind, _colon, rest = str(row["key"]).partition(":")
    losses = gathering.plan_of(round_)
    if kind == "kind":
        code, type_, district, *_unit = rest.split(":")
        name = names.get(type_, type_)
        where = f"{names.get(district, district)}{name}" if district else name
        return _("全部%(where)s：%(what)s") % {"where": where, "what": item(round_, code)}
    if kind == "visit":
        code = rest.rpartition(":")[0]
        return _("%(where)s：整改查出的全部问题") % {"where": place(round_, code)}
    code = rest.rpartition(":")[0]
    found, _blank, slot = code.partition(" ")
    title = losses.edition.nodes[found].title if found in losses.edition.nodes else found
    return _("补正材料：%(leaf)s %(slot)s") % {"leaf": title, "slot": slot}
