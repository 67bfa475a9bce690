"""What ``lifang up`` starts: ``python -m lifang.cli.child web|worker|clock|<command>``.

Also what a systemd unit starts, one for each (see ``deploy/``).
"""

import os
import signal
import sys
import threading
import time
from typing import Any


def end_with(parent: int) -> None:
    """End this process group once ``parent`` is gone (it was killed, and could not tell us)."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os.killpg(0, signal.SIGTERM)
    time.sleep(5)
    os.killpg(0, signal.SIGKILL)


def watch() -> None:
    """Start the watch over the supervisor, if one started us."""
    parent = int(os.environ.get("LIFANG_SUPERVISOR", "0"))
    if parent and parent == os.getppid():
        threading.Thread(target=end_with, args=(parent,), daemon=True).start()


def web(host: str, port: str, processes: str = "1", threads: str = "4") -> None:
    """Serve with granian in WSGI mode. This process only watches over those that serve."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    Server(
        "lifang.cli.child:application",
        factory=True,
        address=host,
        port=int(port),
        interface=Interfaces.WSGI,
        workers=int(processes),
        blocking_threads=int(threads),
        backpressure=int(threads) * 16,
        websockets=False,
        log_level=LogLevels.warning,
        workers_kill_timeout=10,
    ).serve()


def application() -> Any:
    """What each web process serves; warm, so that the first report finds everything built."""
    from django.core.wsgi import get_wsgi_application

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lifang.settings")
    served = get_wsgi_application()
    warm()
    return served


def warm(**wait: float) -> None:
    """Build what a report needs on its way, in the process that takes it in or tells of it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lifang.settings")
    django.setup()
    # known only once Django is set up
    from lifang.cases import warming

    warming.start(**wait)


def command(*arguments: str) -> None:
    """Run one of Django's or our own management commands."""
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lifang.settings")
    execute_from_command_line(["lifang", *arguments])


def worker(number: str = "1", *queues: str) -> None:
    """Run tasks of ``queues`` (all if none): from the database, or from the broker where one is set.

    Who only looks at pictures and listens to recordings gives way to everybody else.
    """
    if queues == ("senses",):
        os.nice(10)
    from lifang.config import config

    #: whether this worker tells units of reports
    told = not queues or "default" in queues
    if config().broker_url:
        from celery.__main__ import main as celery

        name = f"lifang-{number}@%h"
        sys.argv = ["celery", "-A", "lifang.core.celery", "worker", "-n", name, "-l", "WARNING"]
        sys.argv += ["-Q", ",".join(queues)] if queues else []
        if told:
            from celery.signals import worker_process_init

            # Celery gives up a process that is not there within four seconds
            worker_process_init.connect(lambda **_: warm(wait=0.0), weak=False)
        celery()
        return
    if told:
        warm()
    command("worker", *queues)


def main(arguments: list[str]) -> None:
    watch()
    name, *rest = arguments
    if name == "web":
        web(*rest)
    elif name == "worker":
        worker(*rest)
    else:
        command(name, *rest)


if __name__ == "__main__":
    main(sys.argv[1:])
