"""Work plans and timetables: a step is written down, done with what shows it, or taken back."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lifang.core import files, journal, notify
from lifang.core.errors import Conflict, Forbidden
from lifang.orgs.acting import Acting
from lifang.rounds import people
from lifang.rounds.actions._base import (
    WORKING,
    done,
    frozen,
    invalid,
    locked,
    need_unit,
    unit_there,
)
from lifang.rounds.choices import RoundStatus, StepKind, StepOrigin
from lifang.rounds.models import Letter, Round, RoundPlace, Step
from lifang.rounds.permissions import may_edit, need_editor, own_units
from lifang.rounds.queries.scopes import edition_of
from lifang.rounds.queries.steps import letter, step_row
from lifang.standards.editions import Edition
from lifang.standards.rules import clean_name, clean_text

#: files that show that a step is done
MOST_FILES = 20


def _round(by: Acting, round_id: int) -> Round:
    """Those who run the round and handlers of units; others never."""
    if not may_edit(by) and not own_units(by):
        raise Forbidden("rounds.forbidden", _("只有评价员和责任单位的处置人员可以填写工作方案"))
    return locked(by, round_id, *WORKING, edit=False)


def _values(
    by: Acting, r: Round, edition: Edition, places: frozenset[str], given: Mapping[str, Any]
) -> dict[str, Any]:
    unit_id = unit_there(given["unit_id"])
    need_unit(by, unit_id)
    leaf, place, item = (str(given.get(k) or "").strip() for k in ("leaf", "place", "item"))
    if leaf and (leaf not in edition.nodes or not edition.nodes[leaf].measures):
        raise invalid("leaf", _("测评体系中没有指标“%(leaf)s”") % {"leaf": leaf})
    if item and item not in edition.items:
        raise invalid("item", _("测评体系中没有检查内容“%(item)s”") % {"item": item})
    if place and place not in places:
        raise invalid("place", _("本轮次没有点位“%(place)s”") % {"place": place})
    standard = clean_name(given.get("standard") or "")
    if not standard:
        raise invalid("standard", _("请写明要达到的标准"))
    person_id, name = people.person(
        unit_id, given.get("person_id"), clean_name(given.get("person_name") or "")
    )
    gain = given.get("gain")
    return {
        "unit_id": unit_id,
        "kind": StepKind(given.get("kind") or StepKind.PLAN),
        "leaf": leaf,
        "place": place,
        "item": item,
        "standard": standard[:300],
        "measure": clean_text(given.get("measure") or ""),
        "person_id": person_id,
        "person_name": name,
        "due": given.get("due"),
        "gain": None if gain is None else Decimal(str(gain)).quantize(Decimal("0.000001")),
    }


def _places(r: Round, codes: Iterable[str]) -> frozenset[str]:
    wanted = {c for c in codes if c}
    if not wanted:
        return frozenset()
    rows = RoundPlace.objects.filter(round=r, code__in=wanted)
    return frozenset(rows.values_list("code", flat=True))


@transaction.atomic
def add_step(*, by: Acting, round_id: int, **given: Any) -> Step:
    """A line of a unit's plan, or of the timetable of an unmet item (``kind`` fix)."""
    r = _round(by, round_id)
    values = _values(by, r, edition_of(r), _places(r, [given.get("place") or ""]), given)
    made = Step.objects.create(round=r, **values)
    done(by, "add_step", made, unit_id=made.unit_id, after=_plain(values))
    return step_row(by, made.pk)


def _key(s: Mapping[str, Any]) -> tuple[Any, ...]:
    return s["unit_id"], s["kind"], s["leaf"], s["place"], s["item"]


@transaction.atomic
def add_steps(
    *,
    by: Acting,
    round_id: int,
    rows: Sequence[Mapping[str, Any]],
    origin: str = StepOrigin.PLANNER,
) -> dict[str, int]:
    """Many at once, as the planner orders them; whoever asks twice gets them once.

    ``rows``: fields of a step (``unit_id standard`` and what else there is; ``kind`` is ``fix`` unless told
    otherwise). One whose unit, kind, indicator, place and item an open step already has is left out.
    Answers ``{"made", "same"}``. Units are told.
    """
    r = _round(by, round_id)
    edition = edition_of(r)
    places = _places(r, (str(row.get("place") or "") for row in rows))
    there = {
        _key(s)
        for s in Step.objects.filter(round=r, done_on=None).values(
            "unit_id", "kind", "leaf", "place", "item"
        )
    }
    made: list[Step] = []
    for row in rows:
        values = _values(by, r, edition, places, {"kind": StepKind.FIX, **row})
        if _key(values) not in there:
            there.add(_key(values))
            made.append(Step(round=r, origin=StepOrigin(origin), **values))
    Step.objects.bulk_create(made, batch_size=300)
    n = Counter(s.unit_id for s in made)
    journal.write_many(
        journal.entry(
            by=by, room="rounds", verb="add_steps", subject=r, unit_id=unit,
            after={"steps": count, "origin": str(origin)},
        )
        for unit, count in sorted(n.items())
    )  # fmt: skip
    whom = people.handlers(n)
    notify.tell_many(
        notify.Message(
            whom[unit], "rounds.steps", _("新的整改措施：%(n)s 项") % {"n": count}, r.title,
            f"/round-tasks/steps?round={r.pk}", r, unit,
        )
        for unit, count in sorted(n.items())
        if whom[unit] and by.user_id not in whom[unit]
    )  # fmt: skip
    return {"made": len(made), "same": len(rows) - len(made)}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        k: v.isoformat() if isinstance(v, dt.date) else str(v) if isinstance(v, Decimal) else v
        for k, v in values.items()
        if v not in (None, "")
    }


def _open_step(by: Acting, step_id: int) -> Step:
    """A step of one's own in a round that is not closed."""
    found = step_row(by, step_id)
    need_unit(by, found.unit_id)
    if found.round.status == RoundStatus.CLOSED:
        raise frozen(found.round)
    return found


@transaction.atomic
def change_step(*, by: Acting, step_id: int, **given: Any) -> Step:
    """Change what is not done yet."""
    found = _open_step(by, step_id)
    if found.done_on is not None:
        raise Conflict("step.done", _("措施已完成，不能修改；如有误请先撤销完成"))
    r = found.round
    given = {"unit_id": found.unit_id, "gain": found.gain, **given}
    new = _values(by, r, edition_of(r), _places(r, [given.get("place") or ""]), given)
    before = {k: getattr(found, k) for k in new}
    for name, value in new.items():
        setattr(found, name, value)
    found.save(update_fields=list(new))
    changed = [k for k in new if before[k] != new[k]]
    done(
        by, "change_step", found, unit_id=found.unit_id,
        before=_plain({k: before[k] for k in changed}), after=_plain({k: new[k] for k in changed}),
    )  # fmt: skip
    return step_row(by, step_id)


@transaction.atomic
def delete_step(*, by: Acting, step_id: int) -> None:
    """Strike out what is not done. What the planner ordered, only those who run the round strike out."""
    found = _open_step(by, step_id)
    if found.done_on is not None:
        raise Conflict("step.done", _("措施已完成，不能删除"))
    if found.origin == StepOrigin.PLANNER:
        need_editor(by)
    done(by, "delete_step", found, unit_id=found.unit_id, before={"standard": found.standard})
    found.delete()


@transaction.atomic
def finish_step(
    *,
    by: Acting,
    step_id: int,
    note: str = "",
    tokens: Sequence[str] = (),
    day: dt.date | None = None,
) -> Step:
    """Done, with a note or files that show it. ``tokens``: of files uploaded before."""
    found = _open_step(by, step_id)
    today = timezone.localdate()
    day = day or today
    if day > today:
        raise invalid("day", _("完成日期不能晚于今天"))
    note = clean_name(note)[:300]
    if not note and not tokens:
        raise invalid("note", _("请写一句完成情况，或上传佐证材料"))
    if len(tokens) > MOST_FILES:
        raise invalid("tokens", _("最多 %(n)s 个文件") % {"n": MOST_FILES})
    shown = [files.by_token(t) for t in tokens]
    won = Step.objects.filter(pk=found.pk, done_on=None).update(done_on=day, done_note=note)
    if not won:
        raise Conflict("step.done", _("措施已由他人标记完成，请刷新"))
    found.files.add(*shown)
    done(
        by, "finish_step", found, unit_id=found.unit_id,
        after={"day": str(day), "note": note, "files": [f.pk for f in shown]},
    )  # fmt: skip
    return step_row(by, step_id)


@transaction.atomic
def unfinish_step(*, by: Acting, step_id: int, reason: str) -> Step:
    """Not done after all: whoever runs the round sends it back with the reason; the unit is told."""
    need_editor(by)
    found = _open_step(by, step_id)
    reason = clean_name(reason)[:300]
    if not reason:
        raise invalid("reason", _("请写明退回的理由"))
    if found.done_on is None:
        raise Conflict("step.open", _("措施还没有完成，无须退回"))
    before = {"day": str(found.done_on), "note": found.done_note}
    found.done_on, found.done_note = None, ""
    found.save(update_fields=["done_on", "done_note"])
    done(by, "unfinish_step", found, unit_id=found.unit_id, reason=reason, before=before)
    notify.tell(
        people.handlers([found.unit_id])[found.unit_id], kind="rounds.steps",
        title=_("措施被退回，须继续落实"), body=f"{found.standard}\n{reason}",
        link=f"/round-tasks/steps?round={found.round_id}", subject=found, unit_id=found.unit_id,
    )  # fmt: skip
    return step_row(by, step_id)


# ---------------------------------------------------------------- letters of responsibility


@transaction.atomic
def add_letter(
    *, by: Acting, round_id: int, unit_id: int, token: str, signer: str, signed_on: dt.date
) -> Letter:
    """A signed letter as a file (PDF, Word, photo)."""
    r = _round(by, round_id)
    unit_there(unit_id)
    need_unit(by, unit_id)
    signer = clean_name(signer)
    if not signer:
        raise invalid("signer", _("请填写签字人"))
    if signed_on > timezone.localdate():
        raise invalid("signed_on", _("签订日期不能晚于今天"))
    file = files.by_token(token)
    if file.kind not in ("document", "image"):
        raise invalid("token", _("责任状应为 PDF、Word 文件或照片"))
    made = Letter.objects.create(
        round=r, unit_id=unit_id, file=file, signer=signer, signed_on=signed_on
    )
    done(
        by, "add_letter", r, unit_id=unit_id,
        after={"letter": made.pk, "signer": signer, "file": file.pk, "signed_on": str(signed_on)},
    )  # fmt: skip
    return made


@transaction.atomic
def remove_letter(*, by: Acting, round_id: int, letter_id: int, reason: str = "") -> None:
    """Take a letter out that was filed wrongly; the file itself stays in the store."""
    r = _round(by, round_id)
    found = letter(r.pk, letter_id)
    need_unit(by, found.unit_id)
    done(
        by, "remove_letter", r, unit_id=found.unit_id, reason=clean_name(reason),
        before={"letter": found.pk, "signer": found.signer, "file": found.file_id},
    )  # fmt: skip
    found.delete()
