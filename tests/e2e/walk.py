"""Doing one's part of the loop in the browser, as each role does it."""

import io
import json
import re
import sqlite3
from contextlib import closing
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect

from e2e.conftest import Product


def photo(text: str) -> dict[str, Any]:
    """A picture file for an upload field."""
    image = Image.new("RGB", (800, 600), "#8a8f98")
    ImageDraw.Draw(image).text((40, 40), text, fill="white")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def accounts(product: Product) -> dict[str, dict[str, str]]:
    """The demo's accounts by the Chinese word of their role."""
    listed = json.loads((product.data / "demo-accounts.json").read_text("utf-8"))
    found: dict[str, dict[str, str]] = {}
    for account in listed:
        found.setdefault(account["role"], account)
    return found


def sign_in(page: Page, product: Product, role: str, *, phone: bool = False) -> dict[str, str]:
    """Sign in on the login page as the demo's first account with ``role``; returns that account."""
    account = accounts(product)[role]
    _sign_in(page, account["username"], account["password"], "/m/tasks" if phone else "/console/")
    return account


def sign_in_of_unit(page: Page, product: Product, unit_id: int) -> None:
    """Sign in as a handler of this unit; all accounts of the demo have one password."""
    path = product.data / "lifang.sqlite3"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        row = database.execute(
            "SELECT u.username FROM orgs_user u JOIN orgs_membership m ON m.user_id = u.id"
            " WHERE m.role = 'handler' AND m.unit_id = ? ORDER BY u.id",
            [unit_id],
        ).fetchone()
    assert row, f"unit {unit_id} has no handler"
    _sign_in(page, row[0], accounts(product)["处置人员"]["password"], "/console/")


def _sign_in(page: Page, username: str, password: str, wanted: str) -> None:
    page.goto(f"/login?next={wanted}")
    page.fill("input[name=username]:visible", username)
    page.fill("input[name=password]:visible", password)
    page.locator("form.card button, form button.wide").first.click()
    page.wait_for_url(re.compile(r"/(console|m)/"))


def api(page: Page, path: str, *, method: str = "GET", body: Any = None) -> Any:
    """Ask the API as the one signed in on ``page``."""
    cookies = {c["name"]: c["value"] for c in page.context.cookies()}
    headers = {"X-CSRFToken": cookies.get("csrftoken", ""), "Content-Type": "application/json"}
    answer = page.request.fetch(
        f"/api/v1{path}",
        method=method,
        headers=headers,
        data=json.dumps(body) if body is not None else None,
    )
    assert answer.ok, f"{method} {path}: {answer.status} {answer.text()[:300]}"
    return answer.json()


def find_case(page: Page, number: str) -> dict[str, Any]:
    """The case with this number, as the one signed in sees it."""
    rows = api(page, f"/cases?q={number}")["items"]
    assert rows, f"{number} is not in the list"
    found: dict[str, Any] = api(page, f"/cases/{rows[0]['id']}")
    return found


def press(page: Page, case_id: int, verb: str, *, note: str = "", picture: str = "") -> None:
    """On the case page, press the button of ``verb`` (its Chinese word) and fill in its dialog."""
    page.goto(f"/console/cases/{case_id}")
    group = page.locator(".actions[role=group]").first
    expect(group).to_be_visible()
    button = group.get_by_role("button", name=verb, exact=True)
    if button.count():
        button.first.click()
    else:
        group.locator(".el-dropdown button").click()
        page.get_by_role("menuitem").filter(has_text=verb).first.click()
    dialog = page.locator(".el-dialog:visible")
    done = page.locator(".el-message--success")
    expect(dialog.or_(done).first).to_be_visible()
    if dialog.count():
        _fill(dialog, note, picture)
        dialog.locator("footer button.el-button--primary, footer button.el-button--danger").click()
    expect(done.first).to_be_visible()


def _fill(dialog: Locator, note: str, picture: str) -> None:
    upload = dialog.locator("input[type=file]")
    if picture and upload.count():
        upload.first.set_input_files(photo(picture))  # type: ignore[arg-type]  # a FilePayload
        expect(dialog.locator("figure.sent")).to_have_count(1)
    words = dialog.locator("textarea")
    for n in range(words.count()):
        if note and not words.nth(n).input_value():
            words.nth(n).fill(note)
