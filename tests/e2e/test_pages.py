"""Every page of the console opens for every role: no error, no blank page, no serious axe violation."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e.conftest import Open, Product
from e2e.walk import api, sign_in

#: every role sees another menu; each page is looked at once, by the first role that has it
ROLES = (
    "值班长", "受理员", "派遣员", "处置人员", "核查员", "评价员", "领导", "系统管理员", "安全管理员",
    "审计管理员",
)  # fmt: skip


def links(page: Page) -> list[str]:
    """The pages that the menu offers."""
    found = page.locator("nav a[href^='/console/'], aside a[href^='/console/']")
    return sorted({str(a.get_attribute("href")) for a in found.all()})


def opened(page: Page, path: str) -> None:
    page.goto(path)
    # the big screen has no frame
    expect(page.locator("#main, .screen").first).to_contain_text(re.compile(r"\S"))
    page.wait_for_load_state("networkidle")


def test_every_page_of_the_menu(open_page: Open, product: Product) -> None:
    seen: set[str] = set()
    for role in ROLES:
        page, guard = open_page(name=f"pages-{role}")
        sign_in(page, product, role)
        expect(page.locator("#main")).to_be_visible()
        menu = links(page)
        assert menu, role
        fresh = [path for path in menu if path not in seen]
        for path in fresh:
            opened(page, path)
            guard.look(re.sub(r"\W+", "-", path.removeprefix("/console/")).strip("-") or "home")
        seen.update(fresh)
        page.close()
    assert len(seen) >= 20, seen


def test_two_clerks_on_one_case(open_page: Open, product: Product) -> None:
    """The second one's words are not lost: the dialog stays, and says what happened."""
    first, _ = open_page(name="clerks-first")
    second, guard = open_page(name="clerks-second")
    sign_in(first, product, "受理员")
    sign_in(second, product, "值班长")
    waiting = api(first, "/cases?state=reported&limit=50")["items"]
    case = next((c for c in waiting if c["category_key"]), None)
    if case is None:
        pytest.fail("the demo has no classed case that waits")
    for page in (first, second):
        opened(page, f"/console/cases/{case['id']}")
    second.get_by_role("button", name="不予立案").first.click()
    dialog = second.get_by_role("dialog")
    dialog.get_by_role("textbox").first.fill("与另一件重复，不再立案")
    api(first, f"/cases/{case['id']}/file", method="PUT", body={"version": case["version"]})
    dialog.get_by_role("button", name="不予立案").click()
    expect(second.locator("body")).to_contain_text(re.compile("已被|刚刚|有变化|已由"))
    expect(dialog.get_by_role("textbox").first).to_have_value("与另一件重复，不再立案")
    # the browser itself writes every refused request to its console
    guard.found = [line for line in guard.found if "409" not in line]
