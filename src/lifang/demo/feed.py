"""The live run: messages come in through the public HTTP door, at their own pace speeded up."""

import datetime as dt
import threading
import time
from collections.abc import Callable

import httpx
from django.utils import timezone

from lifang.demo import yardstick
from lifang.demo.models import Fed
from lifang.demo.real import Message, messages

#: seconds of the board's time in one second of ours
SPEED = 21600.0
#: nights and holidays of the board are not waited out
LONGEST_PAUSE = 20.0
#: how often the medians are printed, in messages
TELL_EVERY = 20

Say = Callable[[str], None]


class Feed:
    """Sends what has not been sent yet; ``run`` ends when told to, or at the last message."""

    def __init__(
        self, *, url: str, say: Say, speed: float = SPEED, stop: threading.Event | None = None
    ) -> None:
        self.url, self.say, self.speed = url.rstrip("/"), say, speed
        self.stop = stop or threading.Event()

    def run(self, most: int | None = None) -> int:
        """Send up to ``most`` messages; returns how many were sent."""
        sent = set(Fed.objects.values_list("client_id", flat=True))
        waiting = [m for m in messages() if m.client_id not in sent][:most]
        if not waiting:
            self.say("全部诉求已进来过。")
            return 0
        kind = "真实诉求" if waiting[0].real else "演示自己的上报（没有真实诉求）"
        self.say(f"{kind} {len(waiting)} 条陆续进来，1 秒相当于原来 {self.speed:g} 秒。")
        done, before = 0, waiting[0].asked_at
        with httpx.Client(base_url=self.url, timeout=30, trust_env=False) as client:
            if not self._up(client):
                return 0
            for message in waiting:
                if self.stop.wait(self._pause(before, message.asked_at)):
                    break
                before = message.asked_at
                if not self._send(client, message):
                    break
                done += 1
                if done % TELL_EVERY == 0:
                    self.say(yardstick.line())
        if done:
            self.say(yardstick.line())
        return done

    def _pause(self, before: dt.datetime | None, after: dt.datetime | None) -> float:
        if before is None or after is None:
            return 0.0
        return min(max((after - before).total_seconds(), 0.0) / self.speed, LONGEST_PAUSE)

    def _up(self, client: httpx.Client) -> bool:
        """Wait until the server answers."""
        while not self.stop.is_set():
            try:
                if client.get("/healthz").status_code == 200:
                    return True
            except httpx.HTTPError:
                self.stop.wait(0.5)
                continue
            self.stop.wait(0.5)
        return False

    def _send(self, client: httpx.Client, m: Message) -> bool:
        """One report, tried until the door has taken it; the same ``client_id`` twice is one."""
        body: dict[str, object] = {"client_id": m.client_id, "text": m.text}
        if m.lng is not None and m.lat is not None:
            body |= {"lng": m.lng, "lat": m.lat, "system": "wgs84"}
        wait, began = 1.0, time.monotonic()
        while not self.stop.is_set():
            try:
                answer = client.post("/api/v1/public/reports", json=body)
            except httpx.HTTPError:
                self.stop.wait(wait)
                wait = min(wait * 2, 30)
                continue
            if answer.status_code in (200, 201):
                self._keep(m, str(answer.json()["number"]), time.monotonic() - began)
                return True
            if answer.status_code == 429 or answer.status_code >= 500:
                self.stop.wait(float(answer.headers.get("Retry-After", wait)))
                wait = min(wait * 2, 30)
                continue
            self.say(f"一条诉求未被接收：{answer.text[:200]}")
            return True
        return False

    def _keep(self, m: Message, number: str, took: float) -> None:
        Fed.objects.get_or_create(
            client_id=m.client_id,
            defaults={
                "number": number,
                "title": m.title[:200],
                "real": m.real,
                "asked_at": m.asked_at,
                "answered_at": m.answered_at,
                "answer": m.answer,
                "fed_at": timezone.now(),
                "took": took,
                "speed": self.speed,
            },
        )
