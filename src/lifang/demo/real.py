"""Real messages, where the operator has them: read, never copied. Else the demo's own words."""

import csv
import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from lifang.config import config
from lifang.demo.text import read

MESSAGES, LABELLED = "messages_with_replies.xlsx", "labelled_messages.csv"
#: the public form takes 2,000 characters
LONGEST = 1990
#: first-level label → classes of ours that it may mean
LABELS = {
    "城乡建设": ("matter-urban", "event", "component"),
    "环境保护": ("matter-environment", "event-appearance", "event-construction"),
    "交通运输": ("matter-transport", "component-traffic", "event-street"),
    "教育文体": ("matter-education",),
    "劳动和社会保障": ("matter-labour",),
    "卫生计生": ("matter-health",),
    "商贸旅游": ("matter-trade",),
}


@dataclass(frozen=True)
class Message:
    client_id: str
    title: str
    text: str
    real: bool
    asked_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    answer: str = ""
    lng: float | None = None
    lat: float | None = None


def folder() -> Path | None:
    """Where real messages lie; ``None`` where there are none."""
    path = config().real_data
    return path if path is not None and (path / MESSAGES).is_file() else None


def messages() -> list[Message]:
    """All messages in the order in which they were written."""
    at = folder()
    found = list(_real(at)) if at else list(_own(600))
    return sorted(found, key=lambda m: m.asked_at or dt.datetime.min.replace(tzinfo=dt.UTC))


def _real(at: Path) -> Iterator[Message]:
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_path(str(at / MESSAGES))
    head, *rows = book.get_sheet_by_index(0).to_python()
    columns = {str(name).strip(): n for n, name in enumerate(head)}
    for row in rows:
        cell = {name: row[n] for name, n in columns.items()}
        title = _clean(cell["留言主题"])
        asked, answered = _when(cell["留言时间"]), _when(cell["答复时间"])
        if not title or asked is None:
            continue
        number = str(cell["留言编号"]).strip().removesuffix(".0")
        yield Message(
            client_id=f"board-{number:0>6}",
            title=title,
            text=f"{title}\n{_clean(cell['留言详情'])}"[:LONGEST],
            real=True,
            asked_at=asked,
            answered_at=answered if answered and answered >= asked else None,
            answer=_clean(cell["答复意见"])[:4000],
        )


def _clean(value: object) -> str:
    return " ".join(str(value or "").split())


def _when(value: object) -> dt.datetime | None:
    found = value if isinstance(value, dt.datetime) else None
    if found is None:
        for form in ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S"):
            try:
                found = dt.datetime.strptime(str(value).strip(), form)  # noqa: DTZ007  zone below
                break
            except ValueError:
                continue
    return found and found.replace(tzinfo=timezone.get_default_timezone())


def _own(n: int) -> Iterator[Message]:
    """The demo's own reports: words of its mix, places of its own roads."""
    from lifang.places.models import Road, Shop, Site

    luck = random.Random(7)
    mix: list[dict[str, Any]] = read("mix")["classes"]
    roads = list(Road.objects.order_by("code"))
    estates = list(
        Site.objects.filter(type__code__in=("estate", "old-estate")).order_by("code")[:200]
    )
    shops = list(Shop.objects.order_by("code").select_related("road")[:300])
    at = timezone.now().replace(microsecond=0) - dt.timedelta(days=30)
    for i in range(n):
        [spec] = luck.choices(mix, [m["weight"] for m in mix])
        road, estate, shop = luck.choice(roads), luck.choice(estates), luck.choice(shops)
        line = road.geometry["coordinates"] if road.geometry else [[0.0, 0.0]]
        middle = line[len(line) // 2]
        text = luck.choice(spec["say"]).format(
            road=road.name, n=luck.randint(1, 188), estate=estate.name, shop=shop.name
        )
        at += dt.timedelta(minutes=luck.expovariate(1 / 45))
        placed = luck.random() < 0.6
        yield Message(
            client_id=f"demo-own-{i:05}",
            title=text[:30],
            text=text,
            real=False,
            asked_at=at,
            lng=middle[0] if placed else None,
            lat=middle[1] if placed else None,
        )


def labelled() -> tuple[list[tuple[str, str | tuple[str, ...]]], str]:
    """Texts with their right classes, and where they come from, to measure the machine by."""
    at = folder()
    if at is not None and (at / LABELLED).is_file():
        with (at / LABELLED).open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        samples: list[tuple[str, str | tuple[str, ...]]] = [
            (f"{row['title']}\n{row['text']}"[:LONGEST], LABELS[row["label"]])
            for row in rows
            if row["label"] in LABELS
        ]
        return samples, f"留言板人工标注 {len(samples)} 条（一级分类）"
    from lifang.cases.models import Case

    found = Case.objects.filter(state="closed", automatic=False, category__isnull=False)
    own = list(found.order_by("-id").values_list("text", "category__key")[:2000])
    return list(own), f"演示城市自己的已结案件 {len(own)} 件"
