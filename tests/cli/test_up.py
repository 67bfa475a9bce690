"""``lifang up``: one tree of processes, restarted when they die, ended by one signal."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from bench.tree import Tree
from django.conf import settings

from lifang.cli import supervise
from lifang.cli.supervise import has_models


def _until(true: Callable[[], bool], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text("utf-8").rpartition(")")[2].split()[0] == "Z"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tree]:
    for name in [n for n in os.environ if n.startswith("LIFANG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LIFANG_DATA", str(tmp_path))
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    tree = Tree(tmp_path)
    yield tree
    if tree.process.poll() is None:
        tree.end()


@pytest.mark.slow
def test_it_works(tree: Tree) -> None:
    tree.wait()
    pids = [pid for name in ("web", "worker", "clock") for pid in tree.pids(name)]
    # granian's web is a watcher and the one that serves; pictures have a worker of their own
    assert len(pids) == 4 + has_models()
    os.kill(tree.pids("web")[-1], signal.SIGKILL)
    _until(lambda: len(tree.pids("web")) == 2 and tree.pids("web") != pids[:2])
    tree.wait()
    pids = [pid for name in ("web", "worker", "clock") for pid in tree.pids(name)]
    assert tree.end() == 0
    assert all(_gone(pid) for pid in pids)


@pytest.mark.slow
def test_children_end_with_a_killed_supervisor(tree: Tree) -> None:
    tree.wait()
    pids = [pid for name in ("web", "worker", "clock") for pid in tree.pids(name)]
    tree.process.kill()
    tree.process.wait()
    _until(lambda: all(_gone(pid) for pid in pids))


@pytest.mark.parametrize("models", [True, False])
def test_every_queue_has_a_worker(models: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervise, "has_models", lambda: models)
    served = [queue for child in supervise.working(2) for queue in child.arguments[1:]]
    assert set(served) == set(settings.TASKS["default"]["QUEUES"])
    assert served.count("senses") == (1 if models else 2)
