"""The rules as kept in each process, with the names that reasons need."""

from dataclasses import dataclass

from lifang.core import stamps
from lifang.duties.models import DutyRule
from lifang.duties.rules import Rule, RuleSet
from lifang.orgs.models import Post

STAMP = "duties"


@dataclass(frozen=True)
class Known:
    """The rule set and the names of what its rules point at."""

    rules: RuleSet
    by_id: dict[int, Rule]
    #: rule id → name of its nearest place
    places: dict[int, str]
    #: post id → title
    posts: dict[int, str]


def known() -> Known:
    """Three statements after a change of the rules, none otherwise."""
    return stamps.cached(STAMP, _read)


_FIELDS = (
    "id", "number", "category", "area", "road_id", "site_id", "shop_id", "component_id", "grid",
    "owner_first", "lead_unit_id", "post_id", "valid_from", "valid_to",
)  # fmt: skip


def _read() -> Known:
    helpers: dict[int, list[int]] = {}
    through = DutyRule.assisting.through
    for rule_id, unit_id in through._default_manager.order_by("id").values_list(
        "dutyrule_id", "unit_id"
    ):
        helpers.setdefault(rule_id, []).append(unit_id)
    rules: list[Rule] = []
    places: dict[int, str] = {}
    rows = DutyRule.objects.filter(active=True).order_by("number")
    for *values, component, shop, site, road in rows.values_list(
        *_FIELDS, "component__name", "shop__name", "site__name", "road__name"
    ):
        given = dict(zip(_FIELDS, values, strict=True))
        rule = Rule(**given, assisting=tuple(helpers.get(given["id"], ())))
        rules.append(rule)
        places[rule.id] = component or shop or site or road or rule.grid
    wanted = {r.post_id for r in rules if r.post_id}
    posts = dict(Post.objects.filter(pk__in=wanted).values_list("id", "title")) if wanted else {}
    return Known(RuleSet(rules), {r.id: r for r in rules}, places, posts)
