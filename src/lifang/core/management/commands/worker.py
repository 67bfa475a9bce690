"""``python -m lifang.manage worker [queue …]``: run tasks until told to stop."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from lifang.core.management.commands._until import stop_on_signal


class Command(BaseCommand):
    help = "Run background tasks from the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("queues", nargs="*", help="only these queues; all if none is given")

    def handle(self, *args: Any, **options: Any) -> None:
        from lifang.core.worker import Worker

        Worker(stop=stop_on_signal(), queues=options["queues"]).run()
