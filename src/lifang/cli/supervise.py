"""``lifang up``: web, worker and clock as one process tree.

The supervisor knows no Django. It migrates first, starts each child in a process group of its own,
starts a child again that dies, and ends them all on SIGINT or SIGTERM. Killed itself, its children
notice and end too (see :mod:`lifang.cli.child`).
"""

import contextlib
import http.client
import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

#: how long children may take to end after SIGTERM, in seconds
GRACE = 15
#: a child that lived this long was well
STEADY = 5
#: a child that was never well is given up after so many deaths
ATTEMPTS = 5
TICK = 0.2


def say(text: str) -> None:
    """A line for the operator, at once and whole also where several processes write."""
    os.write(1, f"{text}\n".encode())


@dataclass
class Child:
    """One process of the tree."""

    name: str
    arguments: tuple[str, ...] = ()
    #: a child that may end by itself with status 0 and is then left alone
    may_end: bool = False
    process: subprocess.Popen[bytes] | None = None
    born: float = 0.0
    deaths: int = 0
    was_steady: bool = False
    due: float = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            [sys.executable, "-m", "lifang.cli.child", self.name, *self.arguments],
            process_group=0,
            env=os.environ | {"LIFANG_SUPERVISOR": str(os.getpid())},
        )
        self.born = time.monotonic()

    def send(self, number: int) -> None:
        """Send a signal to the child and all it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Tree:
    """The children, kept alive until told to end."""

    def __init__(self, children: Sequence[Child], *, port: int, host: str) -> None:
        self.children = list(children)
        self.port, self.host = port, host
        self.stopping = threading.Event()
        self.failed = False
        self.signals = 0

    def run(self) -> int:
        """Run until ended; the exit status: 0 when told to end, 1 when a child could not live."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._on_signal)
        for child in self.children:
            child.start()
        threading.Thread(target=self._announce, daemon=True).start()
        try:
            while not self.stopping.wait(TICK):
                for child in self.children:
                    self._look_after(child)
        finally:
            self._end()
        return 1 if self.failed else 0

    def _on_signal(self, number: int, _frame: object) -> None:
        self.signals += 1
        self.stopping.set()

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if child.due and now >= child.due:
                child.due = 0.0
                child.start()
            return
        if child.alive:
            if not child.was_steady and now - child.born > STEADY:
                child.was_steady, child.deaths = True, 0
            return
        status = child.process.returncode
        child.send(signal.SIGKILL)  # what it started must not go on without it
        child.process = None
        if child.may_end and status == 0:
            return
        child.deaths = 1 if now - child.born > STEADY else child.deaths + 1
        if not child.was_steady and child.deaths >= ATTEMPTS:
            say(f"{child.name} 连续 {child.deaths} 次启动失败，服务停止。原因见上方日志。")
            self.failed = True
            self.stopping.set()
            return
        child.due = now + min(0.1 * 2 ** (child.deaths - 1), 5.0)
        say(f"{child.name} 意外退出（{status}），正在重新启动。")

    def _announce(self) -> None:
        while not self.stopping.is_set():
            if answers(self.host, self.port):
                say(f"里坊已就绪：http://{self.host}:{self.port}/　按 Ctrl-C 结束。")
                return
            time.sleep(TICK)

    def _end(self) -> None:
        seen = self.signals
        for child in self.children:
            child.send(signal.SIGTERM)
        until = time.monotonic() + GRACE
        while any(c.alive for c in self.children) and time.monotonic() < until:
            if self.signals > max(seen, 1):  # a second Ctrl-C: at once
                break
            time.sleep(0.05)
        for child in self.children:
            child.send(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()


def answers(host: str, port: int) -> bool:
    """Whether the web process answers its health check."""
    client = http.client.HTTPConnection(host, port, timeout=2)
    try:
        client.request("GET", "/healthz")
        return client.getresponse().status == 200
    except OSError:
        return False
    finally:
        client.close()


def has_models() -> bool:
    """Whether something is installed or set that looks at pictures or listens to recordings."""
    modules = ("rapidocr", "ctranslate2", "sherpa_onnx")
    set_up = os.environ.get("LIFANG_SPEECH_URL")
    return bool(set_up) or any(importlib.util.find_spec(m) is not None for m in modules)


def migrate() -> int:
    """Bring the database up to this version, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "lifang.manage", "migrate", "--noinput", "-v", "0"], check=False
    ).returncode


def up(
    *,
    host: str,
    port: int,
    processes: int = 1,
    threads: int = 4,
    workers: int = 1,
    extra: Sequence[Child] = (),
    migrated: bool = False,
) -> int:
    """Migrate, then serve until told to end. Settings are read from the environment."""
    if not migrated and (status := migrate()):
        say("数据库升级失败，服务没有启动。原因见上方日志。")
        return status
    web = Child("web", (host, str(port), str(processes), str(threads)))
    return Tree([web, *working(workers), Child("clock"), *extra], port=port, host=host).run()


def working(workers: int) -> list[Child]:
    """The workers: looking and listening takes a second each and has one of its own.

    Where no model is installed nothing there takes long, and the others do it: a queue that nobody
    serves would keep its tasks for ever.
    """
    queues: tuple[str, ...] = ("default", "documents")
    if has_models():
        own = [Child("worker", ("senses", "senses"))]
    else:
        own, queues = [], (*queues, "senses")
    return [*(Child("worker", (str(i + 1), *queues)) for i in range(workers)), *own]
