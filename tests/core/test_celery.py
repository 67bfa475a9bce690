"""The same tasks over a broker: a real worker on a real Redis."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import missing

SCRIPT = """
import sys, datetime as dt
import django
django.setup()
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from lifang.core import notify
from lifang.core.models import Channel, Delivery
from lifang.core.tasks import in_database, later
call_command("migrate", verbosity=0)
assert not in_database()
Channel.objects.create(name="a", channel="sms", address="1")
with transaction.atomic():
    notify.tell([1], kind="x", title="经由消息队列")
try:
    with transaction.atomic():
        notify.tell([1], kind="x", title="没有发生")
        raise ValueError
except ValueError:
    print("ready")
"""


@pytest.mark.slow
def test_it_works(tmp_path: Path) -> None:
    pytest.importorskip("celery", reason="extra [broker] is not installed")
    import redis

    url = os.environ.get("LIFANG_TEST_REDIS", "redis://127.0.0.1:6379/13")
    try:
        store = redis.Redis.from_url(url, socket_connect_timeout=1)
        store.ping()
    except redis.RedisError:
        missing(f"redis at {url} does not answer")
    store.flushdb()
    env = os.environ | {
        "LIFANG_DATA": str(tmp_path),
        "LIFANG_BROKER_URL": url,
        "LIFANG_DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "lifang.settings",
    }
    subprocess.run([sys.executable, "-c", SCRIPT], env=env, check=True, timeout=300)
    command = ["-m", "celery", "-A", "lifang.core.celery", "worker", "-c", "1", "-l", "WARNING"]
    worker = subprocess.Popen([sys.executable, *command], env=env)
    log = tmp_path / "sms.log"
    try:
        until = time.monotonic() + 180
        while not log.exists() and time.monotonic() < until:
            with contextlib.suppress(subprocess.TimeoutExpired):
                pytest.fail(f"the worker ended with {worker.wait(0.2)}")
        assert "经由消息队列" in log.read_text("utf-8")
        assert "没有发生" not in log.read_text("utf-8")
    finally:
        worker.terminate()
        worker.wait(30)
        store.flushdb()
