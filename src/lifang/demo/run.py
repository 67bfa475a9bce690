"""Building the demo: the district, a year of its cases, its accounts. A second start keeps all."""

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone

from lifang.cases.actions.teach import teach
from lifang.cases.models import Case
from lifang.core import stamps
from lifang.dashboard import bulk
from lifang.demo import (
    base,
    district,
    loading,
    people,
    pictures,
    real,
    score_facts,
    score_materials,
    score_round,
)
from lifang.demo.history import Teller
from lifang.demo.text import read
from lifang.orgs.acting import SYSTEM
from lifang.understanding.actions import measure
from lifang.understanding.learning import actions as learning

OPEN = 300
#: what the machine must get right to file alone, at the lower end of its interval. Some hundred
#: labelled messages prove no more than this; a city with its own history asks for more.
TARGET = 0.8
#: what the demo sets for the processes it starts, unless the operator did
SETTINGS = {
    "LIFANG_DEMO": "true",
    "LIFANG_PUBLIC_REPORTS_PER_HOUR": "100000",  # all of the live run comes from one address
    "LIFANG_MFA_REQUIRED_ROLES": "",  # administrators of the demo sign in with one click
}


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def _timed(what: str) -> Iterator[None]:
    begin = time.monotonic()
    yield
    say(f"  {what}（{time.monotonic() - begin:.1f} 秒）")


def build(*, cases: int = 20_000, seed: int = 1, opened: int = OPEN) -> None:
    """Make the demo where there is none, tell its accounts, and set what its processes need.

    ``cases`` closed ones within the past year and ``opened`` ones of now. Same seed and moment,
    same city.
    """
    names = read("names")
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    os.environ.setdefault("LIFANG_CITY_NAME", f"{names['city']['name']}{names['district']['name']}")
    stamps.begin()
    try:
        if not people.ready():
            say(
                f"正在生成虚构的{names['city']['name']}{names['district']['name']}，{cases} 件历史案件……"
            )
            _make(cases, seed, opened)
        else:
            say(f"演示数据已在，共 {Case.objects.count()} 件案件。")
    finally:
        stamps.end()
    _tell_accounts()


@transaction.atomic
def _make(cases: int, seed: int, opened: int) -> None:
    """All or nothing: a start that was broken off begins anew."""
    luck = random.Random(seed)
    now = timezone.now()
    with _timed("基础数据：目录、点位类型、工作日历"):
        base.load()
        district.years(timezone.localdate(now))
    with _timed("区划、网格、道路、点位、商铺、部件"):
        ground = district.build(luck)
    with _timed("98 个单位、人员与岗位、责任规则、包联关系"):
        staff = people.build(luck, ground)
    with _timed("现场照片"):
        photos = pictures.make(luck)
    with _timed(f"{cases} 件历史案件和 {opened} 件在办案件"):
        teller = Teller(luck=luck, now=now, ground=ground, staff=staff, pictures=photos)
        told = [*teller.closed(cases), *teller.open(opened)]
        loading.load(told, numbers=dict(teller.numbers))
    with _timed("统计"):
        bulk.rebuild()
    with _timed("测评轮次：总体、抽样、任务分解、工作方案、责任状"):
        rounds = score_round.build(random.Random(seed), now)
    with _timed("网报资料：填报、版本、两级审核"):
        score_materials.build(random.Random(seed), now, rounds.open, rounds.closed)
    with _timed("考察记录、问卷、统计数据和历次成绩"):
        score_facts.build(random.Random(seed), now, rounds.open, rounds.closed)
    with _timed("自动立案门槛"):
        samples, source = real.labelled()
        measure(by=SYSTEM, samples=samples, source=source, target=TARGET)
        learning.change_setting(by=SYSTEM, target=TARGET)  # the night's training asks for no more
    with _timed("智能判断的记录"):
        teach()


def _tell_accounts() -> None:
    say("演示账号（登录页也有，点一下即可登录）：")
    for row in people.write_accounts():
        say(f"  {row['role']:<6}\t{row['username']:<10}\t{row['password']}\t{row['unit']}")
    at = real.folder()
    if at is None:
        say("没有找到真实诉求（../shared/data 或 LIFANG_REAL_DATA），将用演示自己的上报。")
    else:
        say(f"真实诉求来自 {at}，从公众入口按原有节奏加速进来。")
