"""``python -m lifang.manage clock``: enqueue what is due, keep the journal moving."""

from typing import Any

from django.core.management.base import BaseCommand

from lifang.core.management.commands._until import stop_on_signal


class Command(BaseCommand):
    help = "Enqueue scheduled work; only one clock works at a time."

    def handle(self, *args: Any, **options: Any) -> None:
        from lifang.core.clock import Clock

        Clock(stop=stop_on_signal()).run()
