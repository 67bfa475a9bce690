"""What a made-up case is about: kind, place, words, reporter, and how a step is told."""

import datetime as dt
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from django.utils import timezone

from lifang.cases.actions import _step
from lifang.cases.choices import EvidenceKind, Source, State, Verb
from lifang.core import calendar
from lifang.demo.district import Ground, along, square_at
from lifang.demo.people import Staff
from lifang.demo.pictures import scene_of
from lifang.demo.text import read
from lifang.duties import queries as duties
from lifang.orgs.models import User
from lifang.places.models import Region, Road
from lifang.standards import queries as standards
from lifang.standards.queries import CategoryView

S, V = State, Verb
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#: how often what happens
SHARES = {
    "rejected": 0.045, "self_handled": 0.06, "automatic": 0.42, "returned": 0.05, "late": 0.11,
    "rework": 0.07, "rated": 0.46, "relapse": 0.035, "exempt": 0.008, "suspended": 0.012,
}  # fmt: skip


@dataclass
class Told:
    """One case with all that hangs on it; ids are given when all are told."""

    case: dict[str, Any]
    report: dict[str, Any]
    steps: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    #: (file, kind, public, step or None, of the report)
    evidence: list[tuple[int, str, bool, dict[str, Any], bool]] = field(default_factory=list)
    ratings: list[dict[str, Any]] = field(default_factory=list)
    pauses: list[dict[str, Any]] = field(default_factory=list)
    petition: dict[str, Any] | None = None


class Base:
    """What every telling needs."""

    def __init__(
        self,
        *,
        luck: random.Random,
        now: dt.datetime,
        ground: Ground,
        staff: Staff,
        pictures: dict[tuple[str, bool], list[int]],
    ) -> None:
        self.luck, self.now, self.ground, self.staff = luck, now, ground, staff
        self.pictures = pictures
        self.mix = read("mix")
        self.said = self.mix["said"]
        self.names = read("names")
        tree = standards.in_force()
        self.kinds: list[tuple[dict[str, Any], CategoryView]] = []
        for spec in self.mix["classes"]:
            category = tree.by_key(spec["key"])
            if category is not None and category.default_condition is not None:
                self.kinds.append((spec, category))
        self.seasons = [
            list(accumulate(k["weight"] * k.get("season", (1, 1, 1, 1))[q] for k, _c in self.kinds))
            for q in range(4)
        ]
        self.regions = dict(Region.objects.values_list("code", "id"))
        self.roads = {
            code: (pk, name) for code, pk, name in Road.objects.values_list("code", "id", "name")
        }
        self.days = calendar.default()
        self.setting = _step.setting()
        self.answers: dict[tuple[str, str], tuple[duties.Answered, dict[str, Any]]] = {}
        self.numbers: Counter[str] = Counter()
        #: class and place → when the last case there was closed, and which it was
        self.last_at: dict[tuple[int, str], tuple[dt.datetime, int]] = {}
        self.kept = 0

    # ------------------------------------------------------------ what and where

    def moment(self, day: dt.date) -> dt.datetime:
        """A time of ``day``, by the hours at which people report."""
        [hour] = self.luck.choices(range(24), self.mix["hours"])
        seconds = self.luck.randrange(3600)
        zone = timezone.get_default_timezone()
        return dt.datetime.combine(day, dt.time(hour, seconds // 60, seconds % 60), zone)

    def kind(self, day: dt.date) -> tuple[dict[str, Any], CategoryView]:
        quarter = (day.month % 12) // 3  # winter, spring, summer, autumn
        return self.luck.choices(self.kinds, cum_weights=self.seasons[quarter])[0]

    def days_of(self, first: dt.date, last: dt.date, n: int) -> list[dt.date]:
        """``n`` days in order, fewer at weekends."""
        days = [first + DAY * i for i in range((last - first).days + 1)]
        weights = [self.mix["weekdays"][d.weekday()] for d in days]
        return sorted(self.luck.choices(days, weights, k=n))

    def _place(self) -> dict[str, Any]:
        luck, ground = self.luck, self.ground
        while True:
            [street] = luck.choices(ground.streets, [s.weight for s in ground.streets])
            road = luck.choice(ground.roads)
            found = along(luck, ground, road)
            if found is None or (found[1][:9] != street.code and luck.random() < 0.7):
                continue
            point, code = found
            pk, name = self.roads[road.code]
            return {
                "lng": point[0],
                "lat": point[1],
                "area": code,
                "region_id": self.regions[code],
                "cell_id": ground.cells[square_at(point)],
                "road_id": pk,
                "_road": name,
                "_street": next(s for s in ground.streets if s.code == code[:9]),
            }

    def _words(self, spec: dict[str, Any], road: str) -> str:
        luck = self.luck
        shop = luck.choice(self.ground.shops)[0]
        if luck.random() < 0.6:
            shop = road + shop.split("路", 1)[-1].split("街", 1)[-1].split("巷", 1)[-1]
        text: str = luck.choice(spec["say"])
        return text.format(
            road=road, n=luck.randint(1, 188), shop=shop, estate=luck.choice(self.ground.estates)[0]
        )

    def _source(self, spec: dict[str, Any]) -> str:
        if "source" in spec:
            return str(spec["source"] if self.luck.random() < 0.8 else Source.CITIZEN)
        shares = self.mix["sources"]
        return str(self.luck.choices(list(shares), list(shares.values()))[0])

    def number(self, at: dt.datetime, area: str) -> str:
        key = f"{area[:6]}{timezone.localtime(at):%Y%m%d}"
        self.numbers[key] += 1
        return f"{key}{self.numbers[key]:05}"

    def _reporter(self, source: str, street: str) -> tuple[User | None, str]:
        if source in (Source.COLLECTOR, Source.INSPECTOR):
            user = self.luck.choice(self.staff.collectors[street])
            return user, user.name
        if source == Source.CITIZEN:
            return None, "市民"
        user = self.luck.choice(self.staff.acceptors)
        return user, user.name

    def _report(self, case: dict[str, Any], by: User | None, source: str) -> dict[str, Any]:
        luck = self.luck
        outside = source in (Source.CITIZEN, Source.HOTLINE)
        people = self.names["people"]
        return {
            "source": source,
            "text": case["text"],
            "reporter_name": luck.choice(people["family"]) + luck.choice(["先生", "女士"])
            if outside
            else "",
            "reporter_phone": f"000{luck.randrange(10**7, 10**8)}" if outside else "",
            "user_id": by.pk if by else None,
            "follow_code": "".join(luck.choices(_LETTERS, k=8)),
            "lng": case["lng"],
            "lat": case["lat"],
            "at": case["reported_at"],
        }

    def _step(
        self, told: Told, verb: Verb, at: dt.datetime, *, after: str, user: User | None = None,
        actor: str = "", before: str | None = None, public: bool = False, reason: str = "",
        detail: dict[str, Any] | None = None, automatic: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        case = told.case
        if user is not None:
            actor = user.name
        step = {
            "verb": verb,
            "before": case["state"] if before is None else before,
            "after": after,
            "at": at,
            "user_id": user.pk if user else None,
            "actor": actor or "系统",
            "unit_id": user.unit_id if user else None,
            "reason": reason,
            "automatic": automatic,
            "public": public,
            "detail": detail or {},
            "_lead": case.get("lead_unit_id"),
            "_area": case["area"],
        }
        told.steps.append(step)
        case["state"] = after
        case["updated_at"] = at
        if not automatic:
            case["version"] += 1
        return step

    def _pictures(self, told: Told, key: str, *, after: bool, report: bool = False) -> None:
        scene = scene_of(key)
        if not scene or (report and self.luck.random() < 0.25):
            return
        file = self.luck.choice(self.pictures[scene, after])
        kind = EvidenceKind.AFTER if after else EvidenceKind.BEFORE
        if not any(e[0] == file and e[1] == kind for e in told.evidence):
            told.evidence.append((file, kind, True, told.steps[-1], report))
