"""Reorganisations with a date: rename, merge, split, move, close.

What was done under the old name keeps it (:func:`lifang.orgs.queries.name_on`); what is still open
finds its heir by :func:`lifang.orgs.queries.successors`. Upper rooms read the journal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import journal
from lifang.core.errors import Conflict, Field, Invalid
from lifang.orgs import rules, tree
from lifang.orgs.acting import Acting
from lifang.orgs.actions.units import check_active, check_code, facts
from lifang.orgs.choices import ChangeKind, Role, UnitKind
from lifang.orgs.models import (
    ApiToken,
    Membership,
    Post,
    Unit,
    UnitChange,
    UnitName,
    User,
    WorkingGroup,
)
from lifang.orgs.permissions import require_unit


@dataclass(frozen=True)
class Part:
    """One unit that comes out of a split, with the people and sub-units that go to it."""

    code: str
    name: str
    kind: str
    short_name: str = ""
    people: tuple[int, ...] = ()
    children: tuple[int, ...] = ()


def _day(day: date | None) -> date:
    today = timezone.localdate()
    if day is not None and day > today:
        message = _("生效日期不能晚于今天")
        raise Invalid("orgs.date", message, fields=[Field("date", message)])
    return day or today


def _open(by: Acting, unit_id: int, path: str = "id") -> Unit:
    unit = require_unit(by, unit_id, Role.SYSTEM_ADMIN)
    check_active(unit, path)
    return unit


def _record(
    by: Acting,
    kind: ChangeKind,
    day: date,
    sources: Iterable[Unit],
    targets: Iterable[Unit],
    *,
    document: str,
    note: str,
    before: dict[str, object] | None = None,
) -> UnitChange:
    sources, targets = list(sources), list(targets)
    change = UnitChange.objects.create(kind=kind, date=day, document=document, note=note)
    change.sources.set(sources)
    change.targets.set(targets)
    tree.changed()
    after = {
        "date": day,
        "document": document,
        "sources": [u.pk for u in sources],
        "targets": [u.pk for u in targets],
        "names": [u.name for u in targets],
    }
    journal.write_many(
        [
            journal.entry(
                by=by,
                room="orgs",
                verb=f"{kind.value}_unit",
                subject=unit,
                unit_id=unit.pk,
                reason=note,
                before=before,
                after=after,
            )
            for unit in sources
        ]
    )
    return change


def _end_name(unit: Unit, day: date) -> UnitName:
    current = UnitName.objects.select_for_update().filter(unit=unit, valid_to=None).first()
    if current is None:
        current = UnitName(unit=unit, name=unit.name, valid_from=date.min)
    if day <= current.valid_from:
        message = _("生效日期须晚于现名称的启用日期 %(day)s") % {"day": current.valid_from}
        raise Invalid("orgs.date", message, fields=[Field("date", message)])
    current.valid_to = day
    current.save()
    return current


@transaction.atomic
def rename_unit(
    *,
    by: Acting,
    unit_id: int,
    name: str,
    short_name: str | None = None,
    day: date | None = None,
    document: str = "",
    note: str = "",
) -> Unit:
    """Give a unit a new name from ``day`` on."""
    unit, on = _open(by, unit_id), _day(day)
    if name == unit.name:
        message = _("新名称与现名称相同")
        raise Invalid("orgs.same_name", message, fields=[Field("name", message)])
    before = facts(unit)
    _end_name(unit, on)
    UnitName.objects.create(unit=unit, name=name, valid_from=on)
    unit.name = name
    if short_name is not None:
        unit.short_name = short_name
    unit.save(update_fields=["name", "short_name"])
    _record(by, ChangeKind.RENAME, on, [unit], [unit], document=document, note=note, before=before)
    return unit


@transaction.atomic
def merge_units(
    *,
    by: Acting,
    target_id: int,
    source_ids: Sequence[int],
    day: date | None = None,
    document: str = "",
    note: str = "",
) -> Unit:
    """Units ``source_ids`` go into ``target_id``: people, roles, posts and sub-units with them."""
    on = _day(day)
    ids = sorted(set(source_ids))
    if not ids or target_id in ids:
        message = _("请选择要并入的其他单位")
        raise Invalid("orgs.merge", message, fields=[Field("sources", message)])
    target = _open(by, target_id)
    sources = [_open(by, i, "sources") for i in ids]
    parents = dict(Unit.objects.values_list("id", "parent_id"))
    for source in sources:
        if rules.would_loop(source.pk, target.parent_id, parents):
            message = _("“%(name)s”是目标单位的上级，不能并入下级") % {"name": source.name}
            raise Invalid("orgs.merge", message, fields=[Field("sources", message)])
        _end_name(source, on)
        _hand_over(source, target)
        _shut(source)
    _record(by, ChangeKind.MERGE, on, sources, [target], document=document, note=note)
    return target


@transaction.atomic
def split_unit(
    *,
    by: Acting,
    unit_id: int,
    parts: Sequence[Part],
    keep: bool = True,
    day: date | None = None,
    document: str = "",
    note: str = "",
) -> list[Unit]:
    """Make ``parts`` out of a unit. ``keep``: it goes on beside them; else the first part inherits
    what no part was given, and the unit is closed."""
    unit, on = _open(by, unit_id), _day(day)
    if not parts or (not keep and len(parts) < 2):
        message = _("请填写分设后的单位，原单位不保留时至少两个")
        raise Invalid("orgs.split", message, fields=[Field("parts", message)])
    if len({p.code for p in parts}) < len(parts):
        message = _("分设后的单位代码不能重复")
        raise Invalid("orgs.split", message, fields=[Field("parts", message)])
    made = []
    for part in parts:
        check_code(part.code)
        new = Unit.objects.create(
            code=part.code,
            name=part.name,
            short_name=part.short_name,
            kind=UnitKind(part.kind),
            parent_id=unit.parent_id,
            area=unit.area,
            order=unit.order,
        )
        UnitName.objects.create(unit=new, name=part.name, valid_from=on)
        people = User.objects.filter(pk__in=part.people, unit=unit)
        _move_roles(list(people.values_list("id", flat=True)), unit, new)
        people.update(unit=new)
        Unit.objects.filter(pk__in=part.children, parent=unit).update(parent=new)
        made.append(new)
    if not keep:
        _end_name(unit, on)
        _hand_over(unit, made[0])
        _shut(unit)
    targets = [unit, *made] if keep else made
    _record(by, ChangeKind.SPLIT, on, [unit], targets, document=document, note=note)
    return made


@transaction.atomic
def move_unit(
    *,
    by: Acting,
    unit_id: int,
    parent_id: int | None,
    day: date | None = None,
    document: str = "",
    note: str = "",
) -> Unit:
    """Put a unit with all below it under another parent."""
    unit, on = _open(by, unit_id), _day(day)
    before = facts(unit)
    if parent_id is not None:
        parent = _open(by, parent_id, "parent_id")
        if rules.would_loop(unit.pk, parent.pk, dict(Unit.objects.values_list("id", "parent_id"))):
            message = _("不能划转到自己或自己的下级单位")
            raise Invalid("orgs.move", message, fields=[Field("parent_id", message)])
    unit.parent_id = parent_id
    unit.save(update_fields=["parent"])
    _record(by, ChangeKind.MOVE, on, [unit], [unit], document=document, note=note, before=before)
    return unit


@transaction.atomic
def close_unit(
    *, by: Acting, unit_id: int, day: date | None = None, document: str = "", note: str = ""
) -> Unit:
    """Close a unit that has neither people nor sub-units left. With an heir, merge instead."""
    unit, on = _open(by, unit_id), _day(day)
    people = User.objects.filter(unit=unit, is_active=True).count()
    children = Unit.objects.filter(parent=unit, active=True).count()
    if people or children:
        raise Conflict(
            "orgs.unit_in_use",
            _(
                "此单位还有 %(people)s 名人员、%(children)s 个下级单位，请先调出，或用“合并”转给接续单位"
            )
            % {"people": people, "children": children},
        )
    _end_name(unit, on)
    _shut(unit)
    _record(by, ChangeKind.CLOSE, on, [unit], [], document=document, note=note)
    return unit


def _shut(unit: Unit) -> None:
    unit.active = False
    unit.save(update_fields=["active"])


def _hand_over(source: Unit, target: Unit) -> None:
    """Everything that stands under ``source`` goes to ``target``."""
    _move_roles(None, source, target)
    User.objects.filter(unit=source).update(unit=target)
    Unit.objects.filter(parent=source).exclude(pk=target.pk).update(parent=target)
    if target.parent_id == source.pk:
        target.parent_id = source.parent_id
        target.save(update_fields=["parent"])
    taken = set(Post.objects.filter(unit=target).values_list("title", flat=True))
    for post in Post.objects.filter(unit=source):
        if post.title in taken:
            post.title = f"{post.title}（{source.name}）"[:80]
        post.unit = target
        post.save(update_fields=["unit", "title"])
    ApiToken.objects.filter(unit=source).update(unit=target)
    WorkingGroup.objects.filter(lead_unit=source).update(lead_unit=target)
    for group in WorkingGroup.objects.filter(units=source):
        group.units.remove(source)
        group.units.add(target)


def _move_roles(people: list[int] | None, source: Unit, target: Unit) -> None:
    """Roles held in ``source`` are held in ``target``; one held in both stays once."""
    rows = Membership.objects.filter(unit=source)
    if people is not None:
        rows = rows.filter(user_id__in=people)
    held = set(Membership.objects.filter(unit=target).values_list("user_id", "role", "area"))
    for row in rows:
        if (row.user_id, row.role, row.area) in held:
            row.delete()
        else:
            row.unit = target
            row.save(update_fields=["unit"])
