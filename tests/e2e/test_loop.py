"""The loop once, as citizen, acceptor, dispatcher, handler, checker, leader; desktop and phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from e2e import walk
from e2e.conftest import Open, Product

pytestmark = pytest.mark.e2e
WORDS = "育才路口有一大堆暴露垃圾，堆了三天没人清，气味很大，请尽快清理。"


def test_desktop(open_page: Open, product: Product) -> None:
    citizen, seen = open_page(name="citizen")
    number, code = _report_on_page(citizen)
    seen.look("receipt")

    acceptor, seen = open_page(name="acceptor")
    walk.sign_in(acceptor, product, "受理员")
    acceptor.wait_for_load_state("networkidle")
    seen.look("desk")
    acceptor.goto("/console/queues/accept")
    acceptor.wait_for_load_state("networkidle")
    seen.look("queue")
    case = walk.find_case(acceptor, number)
    if "file" in case["allowed"]:
        walk.press(acceptor, case["id"], "立案")

    dispatcher, seen = open_page(name="dispatcher")
    walk.sign_in(dispatcher, product, "派遣员")
    dispatcher.goto("/console/queues/dispatch")
    dispatcher.wait_for_load_state("networkidle")
    seen.look("queue")
    if "dispatch" in walk.find_case(dispatcher, number)["allowed"]:
        walk.press(dispatcher, case["id"], "派遣")
    dispatcher.goto(f"/console/cases/{case['id']}")
    dispatcher.wait_for_load_state("networkidle")
    seen.look("case")

    handler, seen_handler = open_page(name="handler")
    walk.sign_in_of_unit(handler, product, walk.find_case(dispatcher, number)["lead_unit_id"])
    handler.goto("/console/queues/handle")
    handler.wait_for_load_state("networkidle")
    seen_handler.look("queue")
    walk.press(handler, case["id"], "接单处置")
    walk.press(handler, case["id"], "处置反馈", note="已更换井盖，恢复平整。", picture="after")
    seen_handler.look("handed-back")

    checker, seen = open_page(name="checker")
    walk.sign_in(checker, product, "核查员")
    _check(checker, acceptor, case["id"])
    seen.look("checked")

    if "close" in walk.find_case(acceptor, number)["allowed"]:
        walk.press(acceptor, case["id"], "结案")
    assert walk.find_case(acceptor, number)["state"] == "closed"

    citizen.goto(f"/follow?number={number}&code={code}")
    citizen.locator("input[name=solved][value=yes]").check()
    citizen.locator("input[name=stars][value='5']").check()
    citizen.get_by_role("button", name="提交评价").click()
    citizen.wait_for_load_state("networkidle")
    _first_of(citizen).look("rated")

    leader, seen = open_page(name="leader")
    walk.sign_in(leader, product, "领导")
    for name in ("board", "stats", "cases", "map"):
        leader.goto(f"/console/{name}")
        leader.wait_for_load_state("networkidle")
        seen.look(name)


def test_phone(open_page: Open, product: Product) -> None:
    citizen, seen = open_page(phone=True, name="citizen")
    citizen.goto("/m/")
    citizen.locator("textarea[name=text]").fill(WORDS + "（手机）")
    seen.look("report")
    citizen.locator("textarea[name=address]").fill("育才路 12 号门口")
    citizen.locator("[data-test=submit]").click()
    number = citizen.locator("[data-test=number]")
    expect(number).to_have_text(re.compile(r"\S+"))
    seen.look("sent")
    citizen.get_by_role("button", name=re.compile("查看|进度")).first.click()
    citizen.wait_for_load_state("networkidle")
    seen.look("follow")

    for role, name in (("处置人员", "handler"), ("核查员", "checker")):
        staff, seen = open_page(phone=True, name=name)
        walk.sign_in(staff, product, role, phone=True)
        staff.goto("/m/tasks")
        staff.wait_for_load_state("networkidle")
        seen.look("tasks")
        staff.goto("/m/me")
        staff.wait_for_load_state("networkidle")
        seen.look("me")


def _report_on_page(page: Page) -> tuple[str, str]:
    """Report on the portal; the number and the code of the receipt."""
    page.goto("/report")
    page.fill("#text", WORDS)
    page.set_input_files("#photos", walk.photo("before"))  # type: ignore[arg-type]  # a FilePayload
    page.fill("#address", "育才路与人民路口")
    rubbish = page.locator("#category_key optgroup[label=市容环境] option").filter(has_text="垃圾")
    page.select_option("#category_key", value=rubbish.first.get_attribute("value"))
    page.get_by_role("button", name="提交").click()
    page.wait_for_load_state("networkidle")
    number = re.search(r"\b[A-Z0-9-]*\d{8,}\b", page.inner_text("body"))
    code = re.search(r"\b[2-9A-HJ-NP-Z]{8}\b", page.inner_text("body"))
    assert number, page.inner_text("body")
    assert code, page.inner_text("body")
    return number.group(), code.group()


def _check(checker: Page, acceptor: Page, case_id: int) -> None:
    """Check by another; where a checker has to be sent, the acceptor sends this one."""
    case = walk.api(acceptor, f"/cases/{case_id}")
    if "check" not in case["allowed"] and "ask_check" in case["allowed"]:
        me = walk.api(checker, "/me")["id"]
        body = {"version": case["version"], "checker_id": me}
        walk.api(acceptor, f"/cases/{case_id}/ask-check", method="PUT", body=body)
    walk.press(checker, case_id, "核查", note="现场已恢复。", picture="checked")


def _first_of(page: Page):  # type: ignore[no-untyped-def]  # the guard that watches the page
    from e2e.guard import Guard

    return Guard(page, prefix="citizen-desktop")
