"""The verbs of duties: rules and pairings are created, changed, closed (never deleted)."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from lifang.core import journal, stamps
from lifang.core.errors import Conflict, Field, Forbidden, Invalid
from lifang.duties import queries
from lifang.duties.choices import PairingKind
from lifang.duties.models import DutyRule, Pairing
from lifang.duties.rules import is_category
from lifang.duties.ruleset import STAMP
from lifang.orgs.acting import Acting
from lifang.orgs.choices import Role
from lifang.orgs.models import Post, User
from lifang.orgs.tree import tree
from lifang.places.models import Component, Region, Road, Shop, Site
from lifang.standards import queries as standards
from lifang.standards.rules import clean_name, clean_text

EDITORS = (Role.DISPATCHER, Role.DUTY_CHIEF, Role.SYSTEM_ADMIN)
_PLACES: dict[str, Any] = {
    "road_id": Road, "site_id": Site, "shop_id": Shop, "component_id": Component,
}  # fmt: skip


def _allow(by: Acting, *areas: str) -> None:
    """Editors over the whole city, or over the areas that the rule is about."""
    if not by.has(*EDITORS):
        raise Forbidden("duties.forbidden", _("只有派遣员、值班长和系统管理员可以修改责任规则"))
    own = ("",) if by.automatic else by.areas(*EDITORS)
    for area in areas:
        if not any(area.startswith(o) for o in own):
            raise Forbidden("duties.area", _("此规则超出您管辖的区域，请联系上级派遣员"))


def _invalid(path: str, message: str) -> Invalid:
    return Invalid("duties.invalid", message, fields=[Field(path, message)])


def _done(by: Acting, verb: str, subject: DutyRule | Pairing, **rest: Any) -> None:
    journal.write(by=by, room="duties", verb=verb, subject=subject, **rest)
    stamps.bump(STAMP)


def _place(values: Mapping[str, Any]) -> dict[str, Any]:
    """Checked place fields and dates; the area of a road, site, shop or component is its own."""
    out: dict[str, Any] = {
        "area": values.get("area", "").strip(),
        "grid": values.get("grid", "").strip(),
        "note": clean_text(values.get("note", "")),
        "valid_from": values.get("valid_from"),
        "valid_to": values.get("valid_to"),
    }
    for path, model in _PLACES.items():
        out[path] = values.get(path)
        if out[path] is not None and not model.objects.filter(pk=out[path]).exists():
            raise _invalid(path, _("没有这个地点，请重新选择"))
    if out["area"] and not Region.objects.filter(code__startswith=out["area"]).exists():
        raise _invalid("area", _("没有以 %(area)s 开头的区划") % out)
    if out["valid_from"] and out["valid_to"] and out["valid_from"] > out["valid_to"]:
        raise _invalid("valid_to", _("失效日期不能早于生效日期"))
    return out


def _unit(path: str, unit_id: int | None) -> int | None:
    if unit_id is None:
        return None
    node = tree().nodes.get(unit_id)
    if node is None or not node.active:
        raise _invalid(path, _("没有这个单位，或单位已撤销"))
    return unit_id


def _rule_values(values: Mapping[str, Any]) -> dict[str, Any]:
    out = _place(values)
    out["category"] = values.get("category", "").strip()
    if not is_category(out["category"], standards.in_force().keys):
        raise _invalid("category", _("现行目录中没有类别 %(category)s") % out)
    out["owner_first"] = bool(values.get("owner_first", False))
    out["lead_unit_id"] = _unit("lead_unit_id", values.get("lead_unit_id"))
    if out["lead_unit_id"] is None and not out["owner_first"]:
        raise _invalid("lead_unit_id", _("请选择主办单位，或勾选权属单位优先"))
    out["post_id"] = values.get("post_id")
    if (
        out["post_id"] is not None
        and not Post.objects.filter(pk=out["post_id"], unit_id=out["lead_unit_id"]).exists()
    ):
        raise _invalid("post_id", _("岗位不属于主办单位"))
    return out


def _helpers(values: Mapping[str, Any]) -> list[int]:
    given: Sequence[int] = values.get("assisting") or ()
    for unit_id in given:
        _unit("assisting", unit_id)
    return [u for u in dict.fromkeys(given) if u != values.get("lead_unit_id")]


def _telling(values: Mapping[str, Any], helpers: Sequence[int]) -> dict[str, Any]:
    plain = {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in values.items()}
    return {k: v for k, v in plain.items() if v not in (None, "", False)} | {
        "assisting": list(helpers)
    }


def _facts(rule: DutyRule, names: Mapping[str, Any]) -> dict[str, Any]:
    return _telling({k: getattr(rule, k) for k in names}, [u.pk for u in rule.assisting.all()])


def next_number() -> int:
    return (DutyRule.objects.aggregate(n=Max("number"))["n"] or 0) + 1


@transaction.atomic
def create_rule(*, by: Acting, number: int | None = None, **values: Any) -> DutyRule:
    """A new rule; its number is given, or one more than the highest."""
    _allow(by)
    new = _rule_values(values)
    _allow(by, new["area"])
    helpers = _helpers(values)
    if number is not None and DutyRule.objects.filter(number=number).exists():
        raise Conflict(
            "duty_rule.number",
            _("规则编号 %(n)s 已被使用") % {"n": number},
            fields=[Field("number", _("编号已被使用"))],
        )
    made = DutyRule.objects.create(number=number or next_number(), **new)
    made.assisting.set(helpers)
    _done(by, "create", made, unit_id=made.lead_unit_id, after=_telling(new, helpers))
    return queries.duty_rule(made.pk)


@transaction.atomic
def change_rule(*, by: Acting, rule_id: int, number: int | None = None, **values: Any) -> DutyRule:
    _allow(by)
    found = queries.duty_rule(rule_id)
    new = _rule_values(values)
    _allow(by, found.area, new["area"])
    helpers = _helpers(values)
    if number is not None and number != found.number:
        if DutyRule.objects.filter(number=number).exists():
            raise Conflict(
                "duty_rule.number",
                _("规则编号 %(n)s 已被使用") % {"n": number},
                fields=[Field("number", _("编号已被使用"))],
            )
        new["number"] = number
    new["active"] = values.get("active", found.active)
    before = _facts(found, new)
    for name, value in new.items():
        setattr(found, name, value)
    found.save(update_fields=list(new))
    found.assisting.set(helpers)
    _done(
        by, "change", found, unit_id=found.lead_unit_id, before=before, after=_telling(new, helpers)
    )
    return queries.duty_rule(rule_id)


@transaction.atomic
def close_rule(*, by: Acting, rule_id: int, reason: str = "") -> DutyRule:
    """The rule stops to hold; it stays for what was dispatched by it."""
    _allow(by)
    found = queries.duty_rule(rule_id)
    _allow(by, found.area)
    found.active = False
    found.save(update_fields=["active"])
    _done(by, "close", found, unit_id=found.lead_unit_id, reason=reason)
    return found


#: what each kind of pairing must name: (fields of the place, of the one who is paired)
NEEDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    PairingKind.LEADER_AREA: (("region_id", "area"), ("user_id", "person_name")),
    PairingKind.UNIT_PLACE: (("region_id", "area", "site_id", "road_id", "shop_id"), ("unit_id",)),
    PairingKind.ROAD_CHIEF: (("road_id",), ("user_id", "person_name")),
    PairingKind.GRID_STAFF: (("grid", "region_id", "area"), ("user_id", "person_name")),
    PairingKind.SHOP_FRONT: (("shop_id",), ("person_name", "user_id", "unit_id")),
}
_NEED_TEXT = {
    "region_id": "片区", "area": "片区", "site_id": "点位", "road_id": "道路", "shop_id": "商铺",
    "grid": "责任网格", "user_id": "人员", "person_name": "姓名", "unit_id": "单位",
}  # fmt: skip


def _pairing_values(values: Mapping[str, Any]) -> dict[str, Any]:
    out = _place(values)
    kind = out["kind"] = PairingKind(values["kind"])
    out["region_id"] = values.get("region_id")
    if out["region_id"] is not None:
        code = Region.objects.filter(pk=out["region_id"]).values_list("code", flat=True).first()
        if code is None:
            raise _invalid("region_id", _("没有这个区划，请重新选择"))
        out["area"] = code
    elif out["area"]:
        out["region_id"] = (
            Region.objects.filter(code=out["area"]).values_list("pk", flat=True).first()
        )
    out["unit_id"] = _unit("unit_id", values.get("unit_id"))
    out["user_id"] = values.get("user_id")
    out["person_name"] = clean_name(values.get("person_name", ""))
    if out["user_id"] is not None:
        name = User.objects.filter(pk=out["user_id"]).values_list("name", flat=True).first()
        if name is None:
            raise _invalid("user_id", _("没有这个人员，请重新选择"))
        out["person_name"] = out["person_name"] or name
    out["phone"] = values.get("phone", "").strip()
    out["title"] = clean_name(values.get("title", ""))
    for choices in NEEDS[kind]:
        if not any(out[c] for c in choices):
            wanted = _("或").join(dict.fromkeys(_NEED_TEXT[c] for c in choices))
            raise _invalid(
                choices[0],
                _("“%(kind)s”需要填写%(wanted)s") % {"kind": kind.label, "wanted": wanted},
            )
    return out


@transaction.atomic
def create_pairing(*, by: Acting, **values: Any) -> Pairing:
    _allow(by)
    new = _pairing_values(values)
    _allow(by, new["area"])
    made = Pairing.objects.create(**new)
    _done(by, "pair", made, unit_id=made.unit_id, after=_telling(new, ()))
    return queries.pairing(made.pk)


@transaction.atomic
def change_pairing(*, by: Acting, pairing_id: int, **values: Any) -> Pairing:
    _allow(by)
    found = queries.pairing(pairing_id)
    new = _pairing_values(values)
    _allow(by, found.area, new["area"])
    new["active"] = values.get("active", found.active)
    before = _telling({k: getattr(found, k) for k in new}, ())
    for name, value in new.items():
        setattr(found, name, value)
    found.save(update_fields=list(new))
    _done(
        by, "change_pairing", found, unit_id=found.unit_id, before=before, after=_telling(new, ())
    )
    return queries.pairing(pairing_id)


@transaction.atomic
def close_pairing(*, by: Acting, pairing_id: int, reason: str = "") -> Pairing:
    _allow(by)
    found = queries.pairing(pairing_id)
    _allow(by, found.area)
    found.active = False
    found.save(update_fields=["active"])
    _done(by, "close_pairing", found, unit_id=found.unit_id, reason=reason)
    return found
