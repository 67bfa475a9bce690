"""Duty rules and pairings for the tests of every room."""

from itertools import count
from typing import Any

from factories_orgs import make_unit
from lifang.core import stamps
from lifang.duties.choices import PairingKind
from lifang.duties.models import DutyRule, Pairing
from lifang.orgs.models import Unit

_n = count(1)


def make_rule(*, assisting: tuple[Unit, ...] = (), **kw: Any) -> DutyRule:
    """A rule for any category everywhere, led by a new unit unless told otherwise."""
    values: dict[str, Any] = {"number": next(_n)} | kw
    if "lead_unit" not in values and not values.get("owner_first"):
        values["lead_unit"] = make_unit()
    made = DutyRule.objects.create(**values)
    made.assisting.set(assisting)
    stamps.bump("duties")
    return made


def make_pairing(**kw: Any) -> Pairing:
    """A leader paired with an area, unless told otherwise."""
    n = next(_n)
    values = {"kind": PairingKind.LEADER_AREA, "person_name": f"领导{n}", "area": "99"} | kw
    made = Pairing.objects.create(**values)
    stamps.bump("duties")
    return made
