"""The course a made-up case takes from report to rating, as the actions would have written it."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from lifang.cases import rules
from lifang.cases.choices import Source, State, Verb
from lifang.core import worktime
from lifang.demo.telling import SHARES, Base, Told
from lifang.duties import queries as duties
from lifang.orgs.models import User
from lifang.standards.queries import CategoryView, ConditionView
from lifang.understanding.queries import understand

S, V = State, Verb
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


class Course(Base):
    """Tells one case: :meth:`tell`."""

    def tell(self, at: dt.datetime, *, until: str = "") -> Told:
        """A case reported at ``at``; ``until``: the state in which it stands now, else closed."""
        luck = self.luck
        spec, category = self.kind(timezone.localtime(at).date())
        place = self._place()
        road, street = place.pop("_road"), place.pop("_street")
        source = self._source(spec)
        text = self._words(spec, road)
        condition = category.default_condition
        if len(category.conditions) > 1 and luck.random() < 0.3:
            condition = luck.choice(category.conditions)
        assert condition is not None  # noqa: S101  # narrows the type; kinds without one are left out
        case: dict[str, Any] = {
            "state": S.REPORTED,
            "source": source,
            "text": text,
            "summary": rules.summary(text),
            "priority": category.priority,
            "category_id": category.id,
            "address": f"{street.name}{road}",
            "reported_at": at,
            "updated_at": at,
            "version": 1,
            **place,
        }
        by, actor = self._reporter(source, street.code)
        told = Told(case, self._report(case, by, source))
        self._step(
            told, V.REPORT, at, user=by, actor=actor, before="", after=S.REPORTED, public=True
        )
        self._pictures(told, category.key, after=False, report=True)
        case["version"] = 1  # the report itself raises no version
        self._go_on(told, at, category, condition, until)
        return told

    def _go_on(
        self,
        told: Told,
        at: dt.datetime,
        category: CategoryView,
        condition: ConditionView,
        until: str,
    ) -> None:
        case, luck = told.case, self.luck
        stage = self.setting
        if until == S.REPORTED:
            case["stage_due_at"] = at + MINUTE * stage.accept_minutes
            if luck.random() < 0.5:
                case["category_id"] = None
            meaning = understand(case["text"], lng=case["lng"], lat=case["lat"])
            case["understanding"] = meaning.as_json()
            return
        acceptor = luck.choice(self.staff.acceptors)
        if not until and luck.random() < SHARES["rejected"]:
            when = at + MINUTE * luck.uniform(4, 40)
            self._step(told, V.REJECT, when, user=acceptor, after=S.REJECTED, public=True,
                       reason=luck.choice(self.said["rejected"]))  # fmt: skip
            return
        own = case["source"] == Source.COLLECTOR
        if not until and own and luck.random() < SHARES["self_handled"] / 0.46:
            self._self_handled(told, at, category, condition)
            return
        if until == S.VERIFYING:
            when = at + MINUTE * luck.uniform(2, 12)
            case["checker_id"] = luck.choice(self.staff.checkers).pk
            case["stage_due_at"] = when + MINUTE * stage.verify_minutes
            self._step(told, V.ASK_VERIFICATION, when, user=acceptor, after=S.VERIFYING)
            return
        filed = self._file(told, at, acceptor, condition, category, until)
        if until == S.FILED or case.get("lead_unit_id") is None:
            return
        self._handle(told, filed, category, condition, until)

    def _file(
        self, told: Told, at: dt.datetime, acceptor: User, condition: ConditionView,
        category: CategoryView, until: str,
    ) -> dt.datetime:  # fmt: skip
        """File, look up who answers and dispatch; returns when it was dispatched."""
        case, luck = told.case, self.luck
        answer, duty = self._answer(category.key, case)
        waits = until == S.FILED or answer.unit_id is None
        automatic = luck.random() < SHARES["automatic"] and not waits
        filed = at if automatic else at + MINUTE * min(luck.lognormvariate(2.0, 0.8), 600)
        case |= {"condition_id": condition.id, "filed_at": filed, "duty": duty}
        self._relapse(case, filed)
        if automatic:
            case["automatic"] = True
            proposal = {"key": category.key, "name": category.name, "confidence": 0.97, "words": []}
            case["understanding"] = {
                "category": proposal, "categories": [proposal], "place": None, "sure": True,
                "because": "",
            }  # fmt: skip
            self._step(told, V.FILE, filed, after=S.FILED, public=True, automatic=True,
                       detail={"machine": proposal, "condition": condition.id})  # fmt: skip
        else:
            self._step(told, V.FILE, filed, user=acceptor, after=S.FILED, public=True,
                       detail={"condition": condition.id})  # fmt: skip
        if until == S.FILED or answer.unit_id is None:
            case["arbitration"] = answer.unit_id is None
            case["stage_due_at"] = filed + MINUTE * self.setting.dispatch_minutes
            return filed
        sent = filed if automatic else filed + MINUTE * min(luck.lognormvariate(1.6, 0.9), 300)
        unit_id: int = answer.unit_id
        if automatic:
            detail: dict[str, Any] = {"duty": case["duty"]}
        else:
            detail = {"unit": unit_id, "unit_name": answer.unit, "by_rule": True}
        self._dispatch(told, sent, unit_id, tuple(answer.assisting), condition, detail, automatic)
        if luck.random() < SHARES["returned"]:
            sent = self._returned(told, sent, unit_id, condition)
        return sent

    def _dispatch(
        self, told: Told, at: dt.datetime, unit_id: int, assisting: tuple[int, ...],
        condition: ConditionView, detail: dict[str, Any], automatic: bool = False,
    ) -> None:  # fmt: skip
        case = told.case
        for row in told.units:
            row["until"] = row["until"] or at
        told.units.append({"unit_id": unit_id, "role": "lead", "since": at, "until": None})
        told.units += [
            {"unit_id": u, "role": "assist", "since": at, "until": None}
            for u in assisting
            if u != unit_id
        ]
        part = rules.share_of_limit(condition.limit, Decimal(self.setting.amber_share))
        case |= {
            "lead_unit_id": unit_id,
            "first_unit_id": case.get("first_unit_id") or unit_id,
            "dispatched_at": at,
            "due_at": worktime.add(at, condition.limit, condition.unit, self.days),
            "amber_at": worktime.add(at, part, condition.unit, self.days),
            "stage_due_at": None,
        }
        dispatcher = None if automatic else self.luck.choice(self.staff.dispatchers)
        self._step(told, V.DISPATCH, at, user=dispatcher, after=S.DISPATCHED, public=True,
                   detail=detail, automatic=automatic)  # fmt: skip

    def _returned(
        self, told: Told, at: dt.datetime, unit_id: int, condition: ConditionView
    ) -> dt.datetime:
        """Not ours: back, and on to another unit."""
        luck = self.luck
        back = at + MINUTE * luck.uniform(20, 240)
        handler = self.staff.handlers.get(unit_id)
        others = [u for u in self.staff.handlers if u != unit_id]
        other = luck.choice(others)
        told.case["returns"] = 1
        self._step(told, V.RETURN_TO_DISPATCHER, back, user=handler, after=S.RETURNED,
                   reason=luck.choice(self.said["returned"]),
                   detail={"from_unit": unit_id, "proposed_unit": None})  # fmt: skip
        again = back + MINUTE * luck.uniform(3, 60)
        name = next(u.name for u in self.staff.units.values() if u.pk == other)
        detail = {"unit": other, "unit_name": name, "by_rule": False}
        self._dispatch(told, again, other, (), condition, detail)
        return again

    def _handle(
        self, told: Told, sent: dt.datetime, category: CategoryView, condition: ConditionView,
        until: str,
    ) -> None:  # fmt: skip
        case, luck = told.case, self.luck
        if until == S.DISPATCHED:
            return
        handler = self.staff.handlers.get(case["lead_unit_id"])
        due: dt.datetime = case["due_at"]
        span = due - sent
        late = not until and luck.random() < SHARES["late"]
        used = luck.uniform(1.03, 1.9) if late else min(0.97, luck.betavariate(1.6, 1.9))
        end = sent + span * used
        start = sent + min((end - sent) * luck.uniform(0.05, 0.6), DAY)
        case["handler_id"] = handler.pk if handler else None
        self._step(told, V.START, start, user=handler, after=S.HANDLING, public=True)
        if until in (S.HANDLING, S.SUSPENDED, S.HANGING):
            self._pause(told, start, until)
            return
        if until:
            end = min(end, self.now - MINUTE * luck.uniform(5, 200))
        elif late:
            self._escalate(told, due, end)
        end = max(end, start + MINUTE)
        rework = not until and luck.random() < SHARES["rework"]
        first = start + (end - start) * luck.uniform(0.4, 0.8) if rework else end
        self._hand_back(told, first, handler, due, category.key)
        checker = luck.choice(self.staff.checkers)
        if rework:
            seen = first + MINUTE * luck.uniform(10, 90)
            end = max(end, seen + MINUTE * 20)
            case["rework"] = 1
            case["handed_back_at"] = None
            self._step(told, V.CHECK, seen, user=checker, after=S.DISPATCHED, public=True,
                       reason=luck.choice(self.said["rework"]), detail={"passed": False})  # fmt: skip
            self._hand_back(told, end, handler, due, category.key)
        if until == S.HANDED_BACK:
            case["stage_due_at"] = end + MINUTE * self.setting.check_minutes
            return
        self._check_and_close(told, end, checker, condition, until)

    def _hand_back(
        self, told: Told, at: dt.datetime, handler: User | None, due: dt.datetime, key: str
    ) -> None:
        told.case["handed_back_at"] = at
        self._step(told, V.HAND_BACK, at, user=handler, after=S.HANDED_BACK, public=True,
                   reason=self.luck.choice(self.said["done"]), detail={"late": at > due})  # fmt: skip
        self._pictures(told, key, after=True)

    def _escalate(self, told: Told, due: dt.datetime, end: dt.datetime) -> None:
        case = told.case
        start, amber = case["dispatched_at"], case["amber_at"]
        for level, at in enumerate((amber, due, due + (due - start) / 2), start=1):
            if at < end and at > told.steps[-1]["at"]:
                case["reminded"] = level
                self._step(told, V.ESCALATE, at, after=case["state"], actor="系统", automatic=True,
                           detail={"level": level})  # fmt: skip
                case["version"] += 1

    def _pause(self, told: Told, at: dt.datetime, until: str) -> None:
        case, luck = told.case, self.luck
        if until == S.HANDLING:
            return
        chief = luck.choice(self.staff.chiefs)
        reason = (
            "需列入下一年度改造计划" if until == S.HANGING else "等待材料到货，天气原因暂缓施工"
        )
        when = at + HOUR * luck.uniform(0.2, 1.5)
        told.pauses.append({"start": when, "end": None, "reason": reason})
        case |= {"paused_at": when, "paused_state": S.HANDLING}
        if until == S.SUSPENDED:
            case |= {"resume_at": self.now + DAY * luck.randint(3, 40), "suspensions": 1}
        verb = V.HANG if until == S.HANGING else V.SUSPEND
        self._step(told, verb, when, user=chief, after=until, reason=reason,
                   public=until == S.HANGING)  # fmt: skip

    def _check_and_close(
        self, told: Told, at: dt.datetime, checker: User, condition: ConditionView, until: str
    ) -> None:
        case, luck = told.case, self.luck
        asked = at + MINUTE * luck.uniform(1, 10)
        if luck.random() < 0.6 or until == S.CHECKING:
            acceptor = luck.choice(self.staff.acceptors)
            case["checker_id"] = checker.pk
            case["stage_due_at"] = asked + MINUTE * self.setting.check_minutes
            self._step(told, V.ASK_CHECK, asked, user=acceptor, after=S.CHECKING)
        if until == S.CHECKING:
            return
        seen = asked + MINUTE * luck.uniform(5, 50)
        case |= {"checker_id": checker.pk, "checked_at": seen}
        case["stage_due_at"] = seen + MINUTE * self.setting.accept_minutes
        self._step(told, V.CHECK, seen, user=checker, after=S.CHECKED, public=True,
                   reason=luck.choice(self.said["checked"]), detail={"passed": True})  # fmt: skip
        if until == S.CHECKED:
            return
        self._close(told, seen + MINUTE * luck.uniform(1, 30), condition)

    def _close(self, told: Told, at: dt.datetime, condition: ConditionView) -> None:
        case, luck = told.case, self.luck
        case |= {
            "closed_at": at, "closing": condition.closing[:300], "stage_due_at": None,
            "closed_as": case.get("closed_as") or "normal",
        }  # fmt: skip
        acceptor = luck.choice(self.staff.acceptors)
        self._step(told, V.CLOSE, at, user=acceptor, after=S.CLOSED, public=True,
                   detail={"closing": case["closing"]})  # fmt: skip
        outside = case["source"] in (Source.CITIZEN, Source.HOTLINE)
        if outside and luck.random() < SHARES["rated"] * 1.6:
            self._rate(told, at + HOUR * luck.uniform(0.5, 60))
        elif case.get("due_at") and case["handed_back_at"] > case["due_at"]:
            self._appeal(told, at)

    def _rate(self, told: Told, at: dt.datetime) -> None:
        luck = self.luck
        if at >= self.now:
            return
        solved = luck.random() < 0.86
        stars = (
            luck.choices([5, 4, 3], [6, 3, 1])[0]
            if solved
            else luck.choices([1, 2, 3], [4, 4, 2])[0]
        )
        rating = {
            "solved": solved, "stars": stars, "contacted": luck.random() < 0.94,
            "comment": luck.choice(self.said["rated"]), "at": at,
        }  # fmt: skip
        told.ratings.append(rating)
        detail = {k: rating[k] for k in ("stars", "solved", "contacted")}
        self._step(told, V.RATE, at, after=S.CLOSED, actor="市民", reason=str(rating["comment"]),
                   detail=detail)  # fmt: skip

    def _appeal(self, told: Told, at: dt.datetime) -> None:
        """An overdue that two people agreed to leave out of the statistics."""
        luck = self.luck
        handler = self.staff.handlers.get(told.case["lead_unit_id"])
        asked = at + HOUR * luck.uniform(1, 20)
        first, second = asked + HOUR * 2, asked + HOUR * luck.uniform(3, 30)
        if (
            luck.random() > SHARES["exempt"] / SHARES["late"]
            or handler is None
            or second >= self.now
        ):
            return
        dispatcher, chief = luck.choice(self.staff.dispatchers), luck.choice(self.staff.chiefs)
        reason = "连续降雨无法施工，有气象记录"
        told.petition = {
            "kind": "appeal", "state": "granted", "reason": reason, "asked_by_id": handler.pk,
            "asked_at": asked, "first_by_id": dispatcher.pk, "first_at": first,
            "first_note": "情况属实", "second_by_id": chief.pk, "second_at": second,
            "second_note": "同意",
        }  # fmt: skip
        self._step(told, V.APPEAL, asked, user=handler, after=S.CLOSED, reason=reason,
                   detail={"asked": True, "state": "first"})  # fmt: skip
        self._step(told, V.APPEAL, first, user=dispatcher, after=S.CLOSED, reason="情况属实",
                   detail={"state": "second"})  # fmt: skip
        told.case["exempt"] = True
        self._step(told, V.APPEAL, second, user=chief, after=S.CLOSED, reason="同意",
                   detail={"state": "granted"})  # fmt: skip

    def _self_handled(
        self, told: Told, at: dt.datetime, category: CategoryView, condition: ConditionView
    ) -> None:
        case, luck = told.case, self.luck
        user = luck.choice(self.staff.collectors[case["area"][:9]])
        done = at + MINUTE * luck.uniform(5, 40)
        case |= {
            "condition_id": condition.id, "handler_id": user.pk, "closed_as": "self_handled",
            "filed_at": done, "handed_back_at": done,
        }  # fmt: skip
        self._step(told, V.SELF_HANDLE, done, user=user, after=S.HANDED_BACK, public=True,
                   reason="随手已清理")  # fmt: skip
        self._pictures(told, category.key, after=True)
        self._check_and_close(told, done, luck.choice(self.staff.checkers), condition, "")

    def _answer(self, key: str, case: dict[str, Any]) -> tuple[duties.Answered, dict[str, Any]]:
        at = (key, case["area"][:9])
        if at not in self.answers:
            answer = duties.answer_for(category_key=key, area=case["area"])
            self.answers[at] = answer, answer.as_json()
        return self.answers[at]

    def _relapse(self, case: dict[str, Any], filed: dt.datetime) -> None:
        """Same class and place again soon after."""
        before = self.last_at.get((case["category_id"], case["area"]))
        since = filed - DAY * self.setting.relapse_days
        if before and since <= before[0] < filed and self.luck.random() < SHARES["relapse"] * 3:
            case["_relapse_of"] = before[1]
