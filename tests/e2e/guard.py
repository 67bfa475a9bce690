"""What no page may do: log an error, ask another host, lack a translation, shut anybody out.

``Guard(page)`` watches; ``guard.look("name")`` takes the screenshot and runs axe-core; ``guard.settle()``
at the end fails with everything that was found.
"""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request

PROJECT = Path(__file__).resolve().parent.parent.parent
SHOTS = PROJECT / "test-results" / "shots"
AXE = PROJECT / "web" / "node_modules" / "axe-core" / "axe.min.js"
GRAVE = {"serious", "critical"}
#: what a browser says about an answer that the product gives on purpose (a refusal shown to the person)
EXPECTED = re.compile(
    r"Failed to load resource: the server responded with a status of (401|403|404|409|422|429)"
)
#: a key shown instead of its text, as "cases.list.title"
KEY = re.compile(r"(?<![\w./@-])[a-z][a-z_]+(?:\.[a-z][a-z_]*){1,4}(?![\w./@-])")


def _keys() -> set[str]:
    """Every key of the browser apps' locale files."""
    found: set[str] = set()

    def walk(tree: dict[str, Any], path: str) -> None:
        for name, value in tree.items():
            if isinstance(value, dict):
                walk(value, f"{path}{name}.")
            else:
                found.add(f"{path}{name}")

    for file in PROJECT.glob("web/*/locales/*.json"):
        walk(json.loads(file.read_text("utf-8")), "")
    return found


KEYS = _keys()

#: until what fades in or out has done so: half of a dialog has no contrast (what turns for ever is left)
STILL = """() => Promise.race([
  Promise.allSettled(document.getAnimations()
    .filter((a) => Number.isFinite(Number(a.effect?.getComputedTiming().endTime)))
    .map((a) => a.finished)),
  new Promise((done) => setTimeout(done, 3000)),
]).then(() => null)"""


class Guard:
    """Watches one page from its first request to its last."""

    def __init__(self, page: Page, *, prefix: str) -> None:
        self.page, self.prefix = page, prefix
        self.found: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda e: self.found.append(f"{self._where()}: {e}"))
        page.on("request", self._on_request)

    def _where(self) -> str:
        return urlsplit(self.page.url).path or "/"

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            self.found.append(f"{self._where()}: console: {message.text}")

    def _on_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https", "ws", "wss") and url.hostname != "127.0.0.1":
            self.found.append(f"{self._where()}: request to another host: {request.url}")

    def look(self, name: str) -> None:
        """Screenshot, missing words, accessibility of what is on the page now."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.evaluate(STILL)
        self.page.screenshot(path=SHOTS / f"{self.prefix}-{name}.png", full_page=False)
        text = self.page.inner_text("body")
        for key in sorted(set(KEY.findall(text)) & KEYS):
            self.found.append(f"{self._where()}: untranslated: {key}")
        if not text.strip():
            self.found.append(f"{self._where()}: an empty page")
        self._axe()

    def _axe(self) -> None:
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text("utf-8"))
        result = self.page.evaluate(
            "() => axe.run(document, {resultTypes: ['violations'], runOnly: "
            "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
        )
        for violation in result["violations"]:
            if violation["impact"] in GRAVE:
                targets = "; ".join(str(n["target"]) for n in violation["nodes"][:4])
                self.found.append(
                    f"{self._where()}: {violation['impact']} {violation['id']}:"
                    f" {violation['help']} ({targets})"
                )

    def settle(self) -> None:
        """Fail with everything that was found."""
        assert not self.found, "\n".join(dict.fromkeys(self.found))
