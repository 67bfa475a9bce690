"""A running product with a small made-up city, and a browser that is watched.

No database of the test process is used: the browser talks to ``lifang demo`` as a person would.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from conftest import missing
from e2e.guard import AXE, PROJECT, Guard

BUILT = PROJECT / "src" / "lifang" / "static" / "web"
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
# two cores may be busy with the other gates
expect.set_options(timeout=45_000)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Product:
    """Where it runs and with which data folder."""

    url: str
    data: Path


def _wait(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    pytest.fail(f"lifang demo did not come up:\n{log.read_text('utf-8')[-4000:]}")


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """``lifang demo`` with few cases, its own reports instead of the real messages."""
    if not (BUILT / "console" / "index.html").exists():
        missing("the browser apps are not built: run `make web`")
    if not AXE.exists():
        missing("axe-core is not installed: run `make web`")
    if url := os.environ.get(
        "LIFANG_E2E_URL"
    ):  # one that runs already: quicker while writing tests
        yield Product(url, Path(os.environ["LIFANG_E2E_DATA"]))
        return
    data = tmp_path_factory.mktemp("product")
    port, log = _free_port(), data / "log.txt"
    # the product's own settings, not those of the suite
    environment = {
        k: v for k, v in os.environ.items() if not k.startswith(("LIFANG_", "DJANGO_SETTINGS_"))
    }
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "lifang.cli", "demo", "--data", str(data), "--port", str(port),
             "--cases", "200", "--seed", "7", "--no-feed"],
            env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        _wait(f"http://127.0.0.1:{port}", process, log, 240)
        yield Product(f"http://127.0.0.1:{port}", data)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        kept = PROJECT / "test-results"
        kept.mkdir(exist_ok=True)
        shutil.copy(log, kept / "e2e-product.log")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        missing("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                # a microphone that beeps: no machine of tests has one
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
            ],
        )
        yield browser
        browser.close()


Open = Callable[..., tuple[Page, Guard]]


@pytest.fixture
def open_page(browser: Browser, product: Product, request: pytest.FixtureRequest) -> Iterator[Open]:
    """``page, guard = open_page(phone=True)``: a page of a new visitor; all are settled at the end."""
    contexts: list[BrowserContext] = []
    guards: list[Guard] = []

    def open_one(*, phone: bool = False, name: str = "") -> tuple[Page, Guard]:
        context = browser.new_context(
            base_url=product.url,
            viewport=PHONE if phone else DESKTOP,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            has_touch=phone,
            is_mobile=phone,
            permissions=["geolocation", "microphone"],
            geolocation={"longitude": 112.9, "latitude": 28.2},
        )
        context.set_default_timeout(45_000)
        page = context.new_page()
        contexts.append(context)
        prefix = f"{name or request.node.name}-{'phone' if phone else 'desktop'}"
        guards.append(Guard(page, prefix=prefix))
        return page, guards[-1]

    yield open_one
    for context in contexts:
        context.close()
    for guard in guards:
        guard.settle()
