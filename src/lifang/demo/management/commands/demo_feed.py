"""The child process of ``lifang demo`` that sends messages to the public door."""

import os
import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lifang.demo.feed import SPEED, Feed


class Command(BaseCommand):
    help = "Sends messages to the public door of the running server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", default="")
        parser.add_argument("--speed", type=float, default=0.0)
        parser.add_argument("--most", type=int, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_a: stop.set())
        url = options["url"] or f"http://127.0.0.1:{os.environ.get('LIFANG_PORT', '8000')}"
        speed = options["speed"] or float(os.environ.get("LIFANG_DEMO_SPEED", SPEED))
        Feed(url=url, speed=speed, say=self.stdout.write, stop=stop).run(options["most"])
