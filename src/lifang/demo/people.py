"""Units, people, roles, accounts, duty rules and pairings of the made-up district."""

import json
import random
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from lifang.config import config
from lifang.core import journal, stamps
from lifang.demo.district import Ground
from lifang.demo.text import read
from lifang.duties.models import DutyRule, Pairing
from lifang.duties.ruleset import STAMP as DUTIES
from lifang.orgs.acting import SYSTEM
from lifang.orgs.actions.units import create_unit
from lifang.orgs.choices import Role
from lifang.orgs.models import Membership, Post, Unit, User
from lifang.places.models import Region, Road, Shop, Site
from lifang.standards import queries as standards

#: shown on the login page in demo mode and nowhere else
PASSWORD = "lifang-demo-2026"  # noqa: S105
ACCOUNTS = "demo-accounts.json"


@dataclass
class Staff:
    """Who does what, for the histories."""

    units: dict[str, Unit] = field(default_factory=dict)
    #: unit id → its handler
    handlers: dict[int, User] = field(default_factory=dict)
    #: street code → collectors
    collectors: dict[str, list[User]] = field(default_factory=dict)
    acceptors: list[User] = field(default_factory=list)
    dispatchers: list[User] = field(default_factory=list)
    chiefs: list[User] = field(default_factory=list)
    checkers: list[User] = field(default_factory=list)
    leaders: list[User] = field(default_factory=list)


class _People:
    def __init__(self, luck: random.Random) -> None:
        self.luck = luck
        self.hash = make_password(PASSWORD)
        names = read("names")["people"]
        self.names = [a + b for a in names["family"] for b in names["given"]]
        luck.shuffle(self.names)
        self.n = 0

    def make(self, username: str, unit: Unit, role: Role, area: str = "") -> User:
        self.n += 1
        user = User.objects.create(
            username=username,
            name=self.names[self.n],
            password=self.hash,
            unit=unit,
            phone=f"000{20_000_000 + self.n}",
            must_change_password=False,
        )
        Membership.objects.create(user=user, unit=unit, role=role, area=area)
        return user


@transaction.atomic
def build(luck: random.Random, ground: Ground) -> Staff:
    staff = Staff(units=_units(ground))
    _staff(luck, ground, staff)
    _rules(staff, ground)
    _pairings(luck, staff, ground)
    return staff


def _units(ground: Ground) -> dict[str, Unit]:
    spec = read("units")
    made: dict[str, Unit] = {}

    def add(code: str, row: dict[str, Any], kind: str, parent: str, area: str = "") -> None:
        made[code] = create_unit(
            by=SYSTEM,
            code=code,
            name=row["name"],
            short_name=row["short"],
            kind=kind,
            parent_id=made[parent].pk if parent else None,
            area=area,
            order=len(made) * 10,
        )

    district = read("names")["district"]["code"]
    add("QZF", next(r for r in spec["top"] if r["code"] == "QZF"), "district", "", district)
    for row in spec["top"]:
        if row["code"] != "QZF":
            add(row["code"], row, row["kind"], "QZF", district)
    for row in spec["departments"]:
        add(row["code"], row, "department", "QZF", district)
    for row in spec["enterprises"]:
        add(row["code"], row, "enterprise", "QZF", district)
    for n, street in enumerate(ground.streets, start=1):
        name = f"鹿汀区{street.name}{'办事处' if street.name.endswith('街道') else '人民政府'}"
        add(f"JD{n:02}", {"name": name, "short": street.name}, "street", "QZF", street.code)
        for row in spec["fields"]:
            texts = {k: row[k].format(street=street.short) for k in ("name", "short")}
            add(f"{row['code']}{n:02}", texts, "department", row["parent"], street.code)
    for row in spec["others"]:
        add(row["code"], row, "other", row["parent"], district)
    return made


def _staff(luck: random.Random, ground: Ground, staff: Staff) -> None:
    people = _People(luck)
    centre, office = staff.units["ZHZX"], staff.units["WMB"]
    for n in range(4):
        staff.acceptors.append(people.make(f"shouli{n + 1}", centre, Role.ACCEPTOR))
    for n in range(3):
        staff.dispatchers.append(people.make(f"paiqian{n + 1}", centre, Role.DISPATCHER))
    for n in range(2):
        staff.chiefs.append(people.make(f"zhiban{n + 1}", centre, Role.DUTY_CHIEF))
    for n in range(6):
        staff.checkers.append(people.make(f"hecha{n + 1}", centre, Role.CHECKER))
    for n, street in enumerate(ground.streets, start=1):
        staff.collectors[street.code] = [
            people.make(f"caiji{n:02}", centre, Role.COLLECTOR, street.code)
        ]
        staff.leaders.append(
            people.make(f"baolian{n:02}", staff.units["QZF"], Role.LEADER, street.code)
        )
    people.make("pingjia", office, Role.EVALUATOR)
    people.make("lingdao", staff.units["QZF"], Role.LEADER)
    people.make("xitong", centre, Role.SYSTEM_ADMIN)
    people.make("anquan", centre, Role.SECURITY_ADMIN)
    people.make("shenji", centre, Role.AUDIT_ADMIN)
    for code, unit in staff.units.items():
        if code in ("QZF", "ZHZX"):
            continue
        user = people.make(code.lower(), unit, Role.HANDLER)
        staff.handlers[unit.pk] = user
        Post.objects.create(unit=unit, title="案件联络员", holder=user)


def _rules(staff: Staff, ground: Ground) -> None:
    """Four hundred rules at once, by the same shape as ``duties.actions.create_rule``."""
    spec, units = read("units"), staff.units
    rules: list[DutyRule] = []
    helpers: list[list[int]] = []

    def add(lead: Unit, key: str, note: str, area: str = "", assisting: int | None = None) -> None:
        rules.append(
            DutyRule(
                number=len(rules) + 1,
                category=key,
                area=area,
                lead_unit=lead,
                owner_first=key.startswith("component"),
                note=note,
            )
        )
        helpers.append([assisting] if assisting else [])

    for row in (*spec["departments"], *spec["enterprises"]):
        for key in row.get("leads", ()):
            add(units[row["code"]], key, f"{row['short']}职责清单")
    for n, street in enumerate(ground.streets, start=1):
        office = units[f"JD{n:02}"]
        for row in spec["fields"]:
            lead = units[f"{row['code']}{n:02}"]
            for key in row["leads"]:
                add(lead, key, f"{street.name}属地作业分工", street.code, office.pk)
        for key in spec["streets"]["leads"]:
            add(office, key, f"{street.name}属地管理", street.code)
    DutyRule.objects.bulk_create(rules)
    through: Any = DutyRule.assisting.through
    through.objects.bulk_create(
        through(dutyrule_id=rule.pk, unit_id=unit)
        for rule, units_of in zip(rules, helpers, strict=True)
        for unit in units_of
    )
    journal.write_many(
        journal.entry(
            by=SYSTEM,
            room="duties",
            verb="create_rule",
            subject=rule,
            unit_id=rule.lead_unit_id,
            after={"number": rule.number, "category": rule.category, "area": rule.area},
        )
        for rule in rules
    )
    stamps.bump(DUTIES)


def _pairings(luck: random.Random, staff: Staff, ground: Ground) -> None:
    regions = {r.code: r for r in Region.objects.all()}
    rows: list[Pairing] = []
    for leader, street in zip(staff.leaders, ground.streets, strict=True):
        region = regions[street.code]
        rows.append(
            Pairing(
                kind="leader_area", user=leader, person_name=leader.name, region=region,
                area=region.code, title="包联片区区级领导",
            )
        )  # fmt: skip
    communities = [c for s in ground.streets for c in s.communities]
    luck.shuffle(communities)
    pairing = [u for c, u in staff.units.items() if c != "QZF"]
    rows += [
        Pairing(kind="unit_place", unit=unit, region=regions[code], area=code)
        for unit, code in zip(pairing, communities, strict=False)
    ]
    main = Road.objects.filter(level__in=("main", "secondary")).order_by("code")
    for n, road in enumerate(main):
        leader = staff.leaders[n % len(staff.leaders)]
        rows.append(
            Pairing(
                kind="road_chief", user=leader, person_name=leader.name, road=road, title="路长"
            )
        )
    for street in ground.streets:
        worker = staff.collectors[street.code][0]
        rows += [
            Pairing(
                kind="grid_staff", user=worker, person_name=worker.name, region=regions[code],
                area=code, grid=f"{code}G1",
            )
            for code in list(street.communities)[:2]
        ]  # fmt: skip
    rows += [
        Pairing(kind="shop_front", shop=shop, person_name=shop.owner_name, title="店主")
        for shop in Shop.objects.order_by("code")[:60]
    ]
    rows += [
        Pairing(kind="unit_place", unit=staff.units["SCJG"], site=site)
        for site in Site.objects.filter(type__code="market").order_by("code")[:20]
    ]
    Pairing.objects.bulk_create(rows)
    journal.write_many(
        journal.entry(by=SYSTEM, room="duties", verb="pair", subject=row, unit_id=row.unit_id)
        for row in rows
    )
    stamps.bump(DUTIES)


#: role shown on the login page → account
_SHOWN = (
    (Role.ACCEPTOR, "shouli1"), (Role.DISPATCHER, "paiqian1"), (Role.DUTY_CHIEF, "zhiban1"),
    (Role.HANDLER, "hw01"), (Role.CHECKER, "hecha1"), (Role.COLLECTOR, "caiji01"),
    (Role.LEADER, "lingdao"), (Role.EVALUATOR, "pingjia"), (Role.SYSTEM_ADMIN, "xitong"),
    (Role.SECURITY_ADMIN, "anquan"), (Role.AUDIT_ADMIN, "shenji"),
)  # fmt: skip
#: where an account starts: field staff on the phone
_NEXT = {Role.COLLECTOR: "/m/", Role.CHECKER: "/m/"}


def accounts() -> list[dict[str, str]]:
    """An account for each role, as the login page shows them."""
    found = User.objects.select_related("unit").in_bulk(
        [name for _role, name in _SHOWN], field_name="username"
    )
    return [
        {
            "role": str(role.label),
            "username": name,
            "password": PASSWORD,
            "name": found[name].name,
            "unit": unit.short_name or unit.name if (unit := found[name].unit) else "",
            "next": _NEXT.get(role, "/console/"),
        }
        for role, name in _SHOWN
        if name in found
    ]


def write_accounts() -> list[dict[str, str]]:
    """Write the accounts where the login page of a demo looks for them."""
    rows = accounts()
    path = config().data / ACCOUNTS
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    return rows


def ready() -> bool:
    """Whether the district is there already."""
    return User.objects.filter(username="shouli1").exists() and bool(standards.in_force().keys)
