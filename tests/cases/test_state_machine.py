"""Random walks through the loop, with everybody trying everything.

No path closes without a check by another; none leaves an open case without an owner or a clock.
"""

import datetime as dt
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories_cases import Town, make_file, make_town
from lifang.cases import actions, rules
from lifang.cases.choices import FINAL, State, Verb
from lifang.cases.models import Case, CaseUnit, Step
from lifang.core.errors import Problem

pytestmark = pytest.mark.django_db
ROLES = ("collector", "acceptor", "dispatcher", "duty_chief", "handler", "checker", "leader")
VERBS = (
    "assign", "ask_verification", "verify", "file", "reject", "reclassify", "ask", "dispatch",
    "return_to_acceptor", "return_to_dispatcher", "start", "hand_back", "send_back", "ask_check",
    "check_pass", "check_fail", "close", "reopen", "hang", "unhang", "void", "self_handle", "note",
    "resume", "suspend", "extend",
)  # fmt: skip
STEP = st.tuples(st.sampled_from(VERBS), st.sampled_from(ROLES))
#: walks that get somewhere: the straight way, with anything in between
STRAIGHT = [
    ("file", "acceptor"), ("dispatch", "dispatcher"), ("hand_back", "handler"),
    ("check_pass", "checker"), ("close", "acceptor"),
]  # fmt: skip


@st.composite
def walks(draw: Any) -> list[tuple[str, str]]:
    walk: list[tuple[str, str]] = []
    for step in STRAIGHT[: draw(st.integers(0, len(STRAIGHT)))]:
        walk += [step, *draw(st.lists(STEP, max_size=2))]
    return walk + draw(st.lists(STEP, max_size=8))


def act(town: Town, case: Case, verb: str, role: str) -> None:
    """Try a verb; what is refused leaves no trace."""
    by, common = town[role], {"case_id": case.pk}
    extra: dict[str, Any] = {
        "verify": {"true": True},
        "file": {"category_id": town.category.pk},
        "reject": {"reason": "r"}, "ask": {"question": "q"},
        "dispatch": {"unit_id": town.unit.pk},
        "return_to_acceptor": {"reason": "r"}, "return_to_dispatcher": {"reason": "r"},
        "send_back": {"reason": "r"}, "reopen": {"reason": "r"}, "hang": {"reason": "r"},
        "void": {"reason": "r"}, "note": {"text": "t"}, "extend": {"reason": "r"},
        "suspend": {"reason": "r", "until": timezone.now() + dt.timedelta(days=9)},
        "check_pass": {"passed": True}, "check_fail": {"passed": False, "note": "n"},
        "hand_back": {"note": "n", "file_ids": [town.photo]},
        "self_handle": {"note": "n", "category_id": town.category.pk},
    }.get(verb, {})  # fmt: skip
    name = "check" if verb.startswith("check_") else verb
    before = (case_row(case.pk), Step.objects.filter(case=case).count())
    try:
        with transaction.atomic():
            getattr(actions, name)(by=by, **common, **extra)
    except Problem:
        assert (case_row(case.pk), Step.objects.filter(case=case).count()) == before


def case_row(pk: int) -> dict[str, Any]:
    return Case.objects.filter(pk=pk).values().get()


def holds(case: Case) -> None:
    """What must be true of a case at every moment."""
    case.refresh_from_db()
    steps = list(case.steps.order_by("id").values("verb", "user_id", "before", "after", "detail"))
    assert steps[-1]["after"] == case.state
    for one, two in pairwise(steps):
        assert two["before"] == one["after"]
    if case.state == State.CLOSED:
        assert case.closed_at is not None
        mended = [n for n, s in enumerate(steps) if s["verb"] in ("hand_back", "self_handle")]
        checked = [
            n for n, s in enumerate(steps) if s["verb"] == Verb.CHECK and s["detail"]["passed"]
        ]
        assert mended and checked and checked[-1] > mended[-1]
        assert steps[checked[-1]]["user_id"] != steps[mended[-1]]["user_id"]
    elif case.state not in FINAL:
        waits = case.state in (State.SUSPENDED, State.HANGING)
        assert case.due_at is not None or case.stage_due_at is not None or waits
    if case.state in rules.WITH_UNIT:
        assert case.lead_unit_id is not None
        now = CaseUnit.objects.filter(case=case, until=None, role="lead")
        assert list(now.values_list("unit_id", flat=True)) == [case.lead_unit_id]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(walk=walks(), found_by_collector=st.booleans())
def test_no_walk_breaks_the_loop(db, walk, found_by_collector):
    with transaction.atomic():
        town = make_town()
        town.photo = make_file().pk
        collector = {"by": town["collector"], "source": "collector"}
        case = town.report(**collector if found_by_collector else {})
        holds(case)
        for verb, role in walk:
            act(town, case, verb, role)
            holds(case)
        transaction.set_rollback(True)
