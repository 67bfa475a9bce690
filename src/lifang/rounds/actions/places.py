"""The frame, the draw, and a drawn place that cannot be looked at."""

import secrets
from collections.abc import Mapping

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core.errors import Conflict, Field, Invalid
from lifang.orgs.acting import Acting
from lifang.places.models import Region, RegionLevel, Site
from lifang.rounds import rules
from lifang.rounds.actions._base import WORKING, done, invalid, locked, unit_there
from lifang.rounds.actions.rounds import freeze
from lifang.rounds.choices import Draw, DrawBy, RoundStatus
from lifang.rounds.models import Round, RoundPlace
from lifang.rounds.queries.answering import units_of_sites
from lifang.rounds.queries.places import place_row, reserves
from lifang.rounds.queries.scopes import edition_of, frame_places, known_types
from lifang.standards.rules import clean_name


@transaction.atomic
def take_frame(*, by: Acting, round_id: int) -> Round:
    """All active places of the types that anything of the edition is looked at, as they are now.

    Taken again, it replaces the frame and whatever was drawn from it.
    """
    found = locked(by, round_id, RoundStatus.PREPARING)
    types = rules.site_types(edition_of(found), known_types())
    sites = list(
        Site.objects.filter(active=True, type__code__in=types)
        .order_by("code")
        .values(
            "id", "code", "name", "road_id", "region_id", kind=F("type__code"),
            area=F("region__code"), grid=F("cell__grid"),
        )
    )  # fmt: skip
    if not sites:
        raise Conflict(
            "round.no_sites",
            _("点位库里没有测评体系要求的类型（%(list)s）的点位，请先在“点位”中导入")
            % {"list": "、".join(sorted(types)[:8]) or "–"},
        )
    districts = _districts({s["region_id"] for s in sites})
    units = units_of_sites(sites)
    RoundPlace.objects.filter(round=found).delete()
    RoundPlace.objects.bulk_create(
        RoundPlace(
            round=found,
            site_id=s["id"],
            code=s["code"],
            title=s["name"],
            type=s["kind"],
            district=districts.get(s["region_id"], ""),
            unit_id=units[s["id"]],
        )
        for s in sites
    )
    found.frame_sha256 = rules.frame_hash(frame_places(found))
    found.frame_at = timezone.now()
    found.save(update_fields=["frame_sha256", "frame_at"])
    done(by, "take_frame", found, after={"places": len(sites), "sha256": found.frame_sha256})
    return found


def _districts(regions: set[int]) -> dict[int, str]:
    """Region → its stratum: the district (区县) where the frame spans several, else the street (街道、镇)."""
    rows = {
        pk: (code, level, parent)
        for pk, code, level, parent in Region.objects.values_list(
            "id", "code", "level", "parent_id"
        )
    }

    def above(pk: int | None, level: int) -> str:
        at: str = ""
        while pk in rows:
            code, here, parent = rows[pk]
            if here < level:
                break
            at, pk = code, parent
            if here == level:
                return code
        return at

    by_district = {pk: above(pk, RegionLevel.DISTRICT) for pk in regions}
    if len(set(by_district.values())) > 1:
        return by_district
    return {pk: above(pk, RegionLevel.STREET) or by_district[pk] for pk in regions}


@transaction.atomic
def draw(
    *,
    by: Acting,
    round_id: int,
    draws: Mapping[str, int] | None = None,
    seed: str = "",
    method: str = Draw.RANDOM,
    strata: str = DrawBy.TYPE,
    reserves: int = 2,
) -> Round:
    """Draw the places; the same frame, design and seed give the same places for anybody.

    ``draws``: site type → how many. Without a seed one is thrown; drawn again, the earlier draw is gone
    (the journal keeps its seed).
    """
    found = locked(by, round_id, RoundStatus.PREPARING)
    frame = frame_places(found)
    if not frame:
        raise Conflict("round.no_frame", _("还没有提取点位总体，请先提取"))
    design = {
        "seed": clean_name(seed) or secrets.token_hex(8),
        "method": Draw(method).value,
        "by": DrawBy(strata).value,
        "draws": _draws(draws or {}, frame, method),
        "reserves": reserves,
    }
    drawn = {d.code: d for d in rules.draw_places(frame, rules.read_design(design))}
    rows = list(RoundPlace.objects.filter(round=found))
    changed = []
    for row in rows:
        d = drawn.get(row.code)
        new = (d is not None and not d.reserve, d.order if d else None, None, "")
        if (row.drawn, row.order, row.instead_of_id, row.reason) != new:
            row.drawn, row.order, row.instead_of_id, row.reason = new
            changed.append(row)
    RoundPlace.objects.bulk_update(
        changed, ["drawn", "order", "instead_of", "reason"], batch_size=200
    )
    before, found.design = found.design, design
    found.save(update_fields=["design"])
    told = {k: v for k, v in design.items() if k != "draws"}
    done(
        by, "draw", found, before={"seed": before.get("seed", "")},
        after=told | {"places": sum(not d.reserve for d in drawn.values())},
    )  # fmt: skip
    return found


def _draws(draws: Mapping[str, int], frame: list[rules.FramePlace], method: str) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for p in frame:
        sizes[p.type] = sizes.get(p.type, 0) + 1
    if method == Draw.ALL:
        return sizes
    wrong = [
        Field(f"draws.{kind}", _("总体中只有 %(n)s 个") % {"n": sizes.get(kind, 0)})
        for kind, n in draws.items()
        if n > sizes.get(kind, 0)
    ]
    if wrong:
        raise Invalid(
            "round.draws", _("有 %(n)s 类点位要抽的比总体还多") % {"n": len(wrong)}, fields=wrong
        )
    found = {kind: n for kind, n in draws.items() if n > 0}
    if not found:
        raise invalid("draws", _("请至少为一类点位填写抽取数"))
    return found


@transaction.atomic
def set_place_unit(*, by: Acting, round_id: int, place_id: int, unit_id: int) -> RoundPlace:
    """Another unit answers for the place in this round."""
    r = locked(by, round_id, RoundStatus.PREPARING)
    found = place_row(r.pk, place_id)
    before, found.unit_id = found.unit_id, unit_there(unit_id)
    found.save(update_fields=["unit"])
    done(
        by, "set_place_unit", r, unit_id=unit_id,
        before={"place": found.code, "unit": before}, after={"place": found.code, "unit": unit_id},
    )  # fmt: skip
    return found


@transaction.atomic
def replace_place(
    *, by: Acting, round_id: int, place_id: int, reason: str, with_id: int | None = None
) -> RoundPlace:
    """Another place of the same type steps in: the first in reserve unless told otherwise.

    Whether the old one was looked at already is for the room above to know. In an open round the scope is
    frozen anew, with both hashes in the journal.
    """
    r = locked(by, round_id, *WORKING)
    old = place_row(r.pk, place_id)
    reason = clean_name(reason)
    if not reason:
        raise invalid("reason", _("请写明更换理由，如：已拆迁、停业装修"))
    if not old.drawn:
        raise Conflict("round_place.not_drawn", _("点位“%(p)s”没有被抽中，无须更换") % {"p": old})
    new = _successor(by, r, old, with_id)
    if r.status == RoundStatus.OPEN and new.unit_id is None:
        raise Conflict("round_place.nobody", _("点位“%(p)s”没有责任单位，不能换入") % {"p": new})
    old.drawn, new.drawn = False, True
    new.instead_of, new.reason = old, reason
    old.save(update_fields=["drawn"])
    new.save(update_fields=["drawn", "instead_of", "reason"])
    before = r.sha256
    if r.status == RoundStatus.OPEN:
        freeze(r)
    done(
        by, "replace_place", r, unit_id=new.unit_id, reason=reason,
        before={"place": old.code, "sha256": before}, after={"place": new.code, "sha256": r.sha256},
    )  # fmt: skip
    return new


def _successor(by: Acting, r: Round, old: RoundPlace, with_id: int | None) -> RoundPlace:
    if with_id is None:
        there = reserves(by, r.pk, old.pk)
        if not there:
            raise Conflict("round_place.none_left", _("总体中没有其他同类型点位可换"))
        with_id = there[0]["id"]
    new = place_row(r.pk, with_id)
    if new.type != old.type:
        raise invalid("with_id", _("只能换成同一类型的点位"))
    if new.drawn or new.instead.exists():
        raise invalid("with_id", _("该点位已被抽中或已被换下，请另选"))
    return new
