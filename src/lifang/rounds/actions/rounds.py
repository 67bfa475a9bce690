"""The verbs of a round: created, changed while in preparation, opened (frozen), closed."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core.errors import Conflict, Field, Invalid
from lifang.orgs.acting import Acting
from lifang.orgs.tree import tree
from lifang.rounds import rules, scope
from lifang.rounds.actions._base import WORKING, done, frozen, invalid, locked
from lifang.rounds.choices import RoundKind, RoundStatus
from lifang.rounds.models import Milestone, Round
from lifang.rounds.permissions import need_editor
from lifang.rounds.queries.overview import lacks, milestone
from lifang.rounds.queries.scopes import document_now, edition_of
from lifang.standards.choices import EditionStatus
from lifang.standards.models import AssessmentEdition
from lifang.standards.rules import clean_name, clean_text

#: what the frozen document says; the rest may change until the round is closed
SCOPE = (
    "key", "title", "edition_id", "starts", "ends", "context", "population", "quota",
)  # fmt: skip


def _values(given: Mapping[str, Any], old: Round | None) -> dict[str, Any]:
    """Checked fields of a round."""
    values: dict[str, Any] = {
        "key": clean_name(given["key"]),
        "title": clean_name(given["title"]),
        "kind": RoundKind(given.get("kind") or RoundKind.MOCK),
        "edition_id": given["edition_id"],
        "previous_id": given.get("previous_id"),
        "starts": given["starts"],
        "ends": given["ends"],
        "visit": given.get("visit"),
        "context": {clean_name(k): clean_name(str(v)) for k, v in given.get("context", {}).items()},
        "population": given.get("population", {}),
        "quota": given.get("quota", {}),
        "note": clean_text(given.get("note", "")),
    }
    if not values["key"] or not values["title"]:
        raise invalid("key" if not values["key"] else "title", _("必填"))
    if values["ends"] < values["starts"]:
        raise invalid("ends", _("结束日期不能早于开始日期"))
    if values["visit"] and not values["starts"] <= values["visit"] <= values["ends"]:
        raise invalid("visit", _("迎检日期应在轮次起止日期之内"))
    edition = AssessmentEdition.objects.filter(pk=values["edition_id"])
    if edition.values_list("status", flat=True).first() != EditionStatus.PUBLISHED:
        raise invalid("edition_id", _("只能选用已发布的测评体系"))
    previous = values["previous_id"]
    if previous is not None and (
        (old and previous == old.pk) or not Round.objects.filter(pk=previous).exists()
    ):
        raise invalid("previous_id", _("没有这个轮次，或选了轮次自身"))
    same_key = Round.objects.filter(key=values["key"])
    if (same_key.exclude(pk=old.pk) if old else same_key).exists():
        message = _("轮次标识“%(key)s”已被使用") % values
        raise Conflict("round.key", message, fields=[Field("key", message)])
    _population(values)
    return values


def _population(values: dict[str, Any]) -> None:
    """Shares of strata and quotas as the engine reads them; all faults at once."""
    scope.read(
        {
            "format": scope.FORMAT,
            "key": "-",
            "population": values["population"],
            "quota": values["quota"],
        }
    )


@transaction.atomic
def create_round(*, by: Acting, **given: Any) -> Round:
    """A round in preparation. The roster comes from the round before, or where a role is called as a unit."""
    need_editor(by)
    values = _values(given, None)
    made = Round(**values)
    made.roster = _roster_from(made)
    made.save()
    done(by, "create", made, after=_plain(values))
    return made


def _roster_from(r: Round) -> dict[str, str]:
    before: dict[str, str] = {}
    if r.previous_id is not None:
        before = Round.objects.values_list("roster", flat=True).get(pk=r.previous_id)
    names = {
        name: n.code
        for n in tree().nodes.values()
        if n.active
        for name in (n.short_name, n.name, n.code)
        if name
    }
    known = set(names.values())
    found: dict[str, str] = {}
    for role in rules.roles(edition_of(r)):
        code = before.get(role) if before.get(role) in known else names.get(role)
        if code:
            found[role] = code
    return found


@transaction.atomic
def change_round(*, by: Acting, round_id: int, **given: Any) -> Round:
    """Once opened, only kind, day of the visit, predecessor and note change: the rest is frozen."""
    found = locked(by, round_id, *WORKING)
    new = _values(given, found)
    before = {k: getattr(found, k) for k in new}
    if found.status != RoundStatus.PREPARING and any(before[k] != new[k] for k in SCOPE):
        raise frozen(found)
    if new["edition_id"] != found.edition_id and found.tasks.exists():
        raise invalid("edition_id", _("已有任务分解，不能更换测评体系；请先清除任务"))
    for name, value in new.items():
        setattr(found, name, value)
    if new["edition_id"] != before["edition_id"]:
        found.edition = AssessmentEdition.objects.defer("document").get(pk=new["edition_id"])
        found.roster = _roster_from(found) | {
            k: v for k, v in found.roster.items() if k in rules.roles(edition_of(found))
        }
    found.save(update_fields=[*new, "roster"])
    changed = {k for k in new if before[k] != new[k]}
    done(
        by,
        "change",
        found,
        before=_plain({k: before[k] for k in changed}),
        after=_plain({k: new[k] for k in changed}),
    )
    return found


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, dt.date) else v for k, v in values.items()}


@transaction.atomic
def delete_round(*, by: Acting, round_id: int) -> None:
    """Only one in preparation to which nothing of other rooms hangs."""
    found = locked(by, round_id, RoundStatus.PREPARING)
    done(by, "delete", found, before={"key": found.key, "title": found.title})
    try:
        found.delete()
    except ProtectedError as problem:
        raise Conflict(
            "round.used", _("轮次“%(r)s”已有检查、材料或得分记录，不能删除") % {"r": found}
        ) from problem


@transaction.atomic
def set_roster(*, by: Acting, round_id: int, roster: Mapping[str, int | None]) -> Round:
    """Role → unit; roles that are left out keep theirs, ``None`` empties one."""
    found = locked(by, round_id, RoundStatus.PREPARING)
    roles, nodes = rules.roles(edition_of(found)), tree().nodes
    fields = []
    new = {k: v for k, v in found.roster.items() if k in roles}
    for role, unit_id in roster.items():
        node = nodes.get(unit_id) if unit_id is not None else None
        if role not in roles:
            fields.append(Field(f"roster.{role}", _("测评体系没有这个角色")))
        elif unit_id is None:
            new.pop(role, None)
        elif node is None or not node.active:
            fields.append(Field(f"roster.{role}", _("没有这个单位，或单位已撤销")))
        else:
            new[role] = node.code
    if fields:
        raise Invalid(
            "round.roster", _("角色对应表有 %(n)s 处错误") % {"n": len(fields)}, fields=fields
        )
    before = found.roster
    found.roster = new
    found.save(update_fields=["roster"])
    done(by, "set_roster", found, before=_changed(before, new), after=_changed(new, before))
    return found


def _changed(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in one.items() if other.get(k) != v}


@transaction.atomic
def open_round(*, by: Acting, round_id: int) -> Round:
    """Freeze scope, sample, roster and dates as one document with its hash."""
    found = locked(by, round_id, RoundStatus.PREPARING)
    missing = lacks(found)
    if missing:
        raise Invalid(
            "round.lacks",
            _("还不能启动：%(list)s") % {"list": "；".join(x["message"] for x in missing)},
            fields=[Field(x["what"], x["message"]) for x in missing],
        )
    freeze(found)
    found.status, found.opened_at = RoundStatus.OPEN, timezone.now()
    found.save(update_fields=["status", "opened_at"])
    done(by, "open", found, after={"sha256": found.sha256, "edition": found.edition.sha256})
    return found


def freeze(r: Round) -> None:
    """Write the document and its hash, as the rows stand."""
    document = document_now(r)
    r.sha256 = scope.read(document).digest
    r.document = document
    r.save(update_fields=["document", "sha256"])


@transaction.atomic
def close_round(*, by: Acting, round_id: int) -> Round:
    """No more facts, tasks or steps."""
    found = locked(by, round_id, RoundStatus.OPEN)
    found.status, found.closed_at = RoundStatus.CLOSED, timezone.now()
    found.save(update_fields=["status", "closed_at"])
    done(by, "close", found, after={"sha256": found.sha256})
    return found


@transaction.atomic
def reopen_round(*, by: Acting, round_id: int, reason: str) -> Round:
    """Closed too early: open again, with the reason in the journal. The scope stays frozen as it was."""
    found = locked(by, round_id, RoundStatus.CLOSED)
    reason = clean_text(reason)
    if not reason:
        raise invalid("reason", _("请写明重新开放的理由"))
    found.status, found.closed_at = RoundStatus.OPEN, None
    found.save(update_fields=["status", "closed_at"])
    done(by, "reopen", found, reason=reason)
    return found


# ---------------------------------------------------------------- milestones


@transaction.atomic
def add_milestone(
    *, by: Acting, round_id: int, title: str, due: dt.date, note: str = ""
) -> Milestone:
    r = locked(by, round_id, *WORKING)
    made = Milestone.objects.create(round=r, title=_titled(title), due=due, note=clean_name(note))
    done(by, "add_milestone", r, after={"title": made.title, "due": str(due)})
    return made


def _titled(title: str) -> str:
    title = clean_name(title)
    if not title:
        raise invalid("title", _("必填"))
    return title


@transaction.atomic
def change_milestone(
    *,
    by: Acting,
    round_id: int,
    milestone_id: int,
    title: str,
    due: dt.date,
    note: str = "",
    done_on: dt.date | None = None,
) -> Milestone:
    """``done_on``: the day on which it was reached; empty again takes that back."""
    r = locked(by, round_id, *WORKING)
    found = milestone(r.pk, milestone_id)
    if done_on is not None and done_on > timezone.localdate():
        raise invalid("done_on", _("完成日期不能晚于今天"))
    new = {"title": _titled(title), "due": due, "note": clean_name(note), "done_on": done_on}
    before = {k: getattr(found, k) for k in new}
    for name, value in new.items():
        setattr(found, name, value)
    found.save(update_fields=list(new))
    done(by, "change_milestone", r, before=_plain(before), after=_plain(new))
    return found


@transaction.atomic
def delete_milestone(*, by: Acting, round_id: int, milestone_id: int) -> None:
    r = locked(by, round_id, *WORKING)
    found = milestone(r.pk, milestone_id)
    done(by, "delete_milestone", r, before={"title": found.title, "due": str(found.due)})
    found.delete()
