"""A small city in which the loop can run: one area, a unit that answers, people of every role."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from django.utils import timezone

from factories_orgs import acting_for, make_unit, make_user
from factories_places import make_region
from factories_standards import make_category, make_condition
from lifang.cases import actions
from lifang.cases.models import Case
from lifang.core import calendar, codes, stamps
from lifang.core.models import StoredFile
from lifang.duties.models import DutyRule
from lifang.duties.ruleset import STAMP as DUTIES
from lifang.orgs.acting import CITIZEN, Acting
from lifang.orgs.choices import Role
from lifang.orgs.models import Unit
from lifang.places.models import Region
from lifang.standards.models import Category, Condition
from lifang.understanding.pictures.models import PictureFinding

_n = count(1)
AREA = "990102"
#: a point inside the region of :func:`make_town`
LNG, LAT = 113.005, 28.005
#: roles of the centre and the field, over the whole area
CENTRE = (
    Role.COLLECTOR, Role.ACCEPTOR, Role.DISPATCHER, Role.DUTY_CHIEF, Role.CHECKER, Role.EVALUATOR,
    Role.LEADER,
)  # fmt: skip


@dataclass
class Town:
    region: Region
    category: Category
    condition: Condition
    unit: Unit
    #: one person of each role, by role; ``handler`` is of ``unit``
    by: dict[str, Acting]
    #: a stored picture, where a test needs one again and again
    photo: int = 0

    def __getitem__(self, role: str) -> Acting:
        return self.by[role]

    def report(self, **kw: Any) -> Case:
        """A citizen's report inside the town, not yet classed."""
        return make_report(**kw).case

    def filed(self, **kw: Any) -> Case:
        case = self.report(**kw)
        return actions.file(
            by=self["acceptor"], case_id=case.pk, category_id=self.category.pk,
            condition_id=self.condition.pk,
        )  # fmt: skip

    def dispatched(self, **kw: Any) -> Case:
        case = self.filed(**kw)
        return actions.dispatch(by=self["dispatcher"], case_id=case.pk, unit_id=self.unit.pk)

    def handed_back(self, **kw: Any) -> Case:
        case = self.dispatched(**kw)
        return actions.hand_back(
            by=self["handler"], case_id=case.pk, note="已修复", file_ids=[make_file().pk]
        )

    def closed(self, **kw: Any) -> Case:
        case = self.handed_back(**kw)
        actions.check(by=self["checker"], case_id=case.pk, passed=True)
        return actions.close(by=self["acceptor"], case_id=case.pk)


def make_town() -> Town:
    """A town by code, with calendar and number template, one class, one unit and its rule."""
    calendar.seed()
    codes.set_template("case", "{date:%Y%m%d}{seq:05}")
    region = make_region(code=f"{AREA}001001", geometry=_square(LNG, LAT, 0.02))
    category = make_category(key=f"event-street.x{next(_n)}", name="道路不洁", words="道路脏 垃圾")
    condition = make_condition(category=category, photos_after=1)
    centre = make_unit(name="指挥中心", kind="centre", area=AREA)
    unit = make_unit(name="城管局")
    DutyRule.objects.create(number=17, category=category.key, area=AREA, lead_unit=unit)
    stamps.bump(DUTIES)
    by = {role: acting_for(make_user(role=role, unit=centre, area=AREA)) for role in CENTRE}
    by["handler"] = acting_for(make_user(role=Role.HANDLER, unit=unit))
    return Town(region, category, condition, unit, {str(k): v for k, v in by.items()})


def _square(lng: float, lat: float, half: float) -> dict[str, Any]:
    w, e, s, n = lng - half, lng + half, lat - half, lat + half
    return {"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]}


def make_report(**kw: Any) -> actions.Reported:
    values = {
        "by": CITIZEN,
        "client_id": f"client-{next(_n):08}",
        "source": "citizen",
        "text": f"问题 {next(_n)} 请处理",
        "lng": LNG,
        "lat": LAT,
    }
    return actions.report(**values | kw)


def make_file(**kw: Any) -> StoredFile:
    """A stored picture by its row alone."""
    n = next(_n)
    values = {
        "sha256": f"{n:064x}", "kind": "image", "content_type": "image/jpeg", "name": f"{n}.jpg",
        "size": 1000,
    }  # fmt: skip
    return StoredFile.objects.create(**values | kw)


def make_checked(**kw: Any) -> StoredFile:
    """A stored picture that was checked for faces and plates: everybody may see its copy."""
    row = make_file(**kw)
    PictureFinding.objects.create(file=row, publicity="checked", checked_at=timezone.now())
    return row
