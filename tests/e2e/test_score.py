"""The score walked once: the board, a lost point, a plan that becomes orders, a task taken up, a document handed in and graded."""

import re

from playwright.sync_api import Page, expect

from e2e.conftest import Open, Product
from e2e.walk import api, sign_in, sign_in_of_unit


def open_round(page: Page) -> int:
    rounds = [r for r in api(page, "/scores") if r["status"] == "open"]
    assert rounds, "the demo has no open round"
    return int(rounds[0]["id"])


def test_from_the_board_to_orders(open_page: Open, product: Product) -> None:
    page, guard = open_page(name="score-evaluator")
    sign_in(page, product, "评价员")
    round_id = open_round(page)
    page.goto(f"/console/scores/{round_id}")
    board = api(page, f"/scores/{round_id}")
    expect(page.locator("#main")).to_contain_text(f"{float(board['run']['score']):.2f}")
    guard.look("board")
    for tab in ("losses", "heat", "trend", "what-if", "peers", "data"):
        page.goto(f"/console/scores/{round_id}/{tab}")
        expect(page.locator("#main")).to_contain_text(re.compile(r"\S"))
        page.wait_for_load_state("networkidle")
        guard.look(tab)
    page.goto(f"/console/scores/{round_id}/plan")
    page.get_by_role("button", name="生成方案").click()
    order = page.get_by_role("button", name=re.compile("一键下达"))
    expect(order).to_be_visible()
    guard.look("plan")
    before = api(page, f"/round-steps?round={round_id}&origin=planner")["items"]
    order.click()
    page.locator(".el-message-box:visible .el-button--primary").click()
    expect(page.locator(".el-message--success").first).to_be_visible()
    after = api(page, f"/round-steps?round={round_id}&origin=planner")["items"]
    assert len(after) > len(before)


def test_a_task_is_taken_up(open_page: Open, product: Product) -> None:
    page, guard = open_page(name="score-task")
    sign_in(page, product, "评价员")
    round_id = open_round(page)
    waiting = api(page, f"/round-tasks?round={round_id}&status=issued&limit=200")["items"]
    assert waiting, "the demo has no task that waits"
    unit_id = waiting[0]["unit_id"]
    other, _ = open_page(name="score-task-handler")
    sign_in_of_unit(other, product, unit_id)
    other.goto("/console/round-tasks")
    expect(other.locator("#main")).to_contain_text(waiting[0]["leaf"])
    other.get_by_role("button", name="签收").first.click()
    dialog = other.locator(".el-dialog:visible, .el-message-box:visible")
    done = other.locator(".el-message--success")
    expect(dialog.or_(done).first).to_be_visible()
    if dialog.count():
        dialog.locator("button.el-button--primary").last.click()
    expect(done.first).to_be_visible()
    left = api(page, f"/round-tasks?round={round_id}&status=issued&unit={unit_id}&limit=200")
    assert len(left["items"]) < len([t for t in waiting if t["unit_id"] == unit_id])
    guard.look("taken-up")


def test_a_document_is_graded_by_a_key(open_page: Open, product: Product) -> None:
    page, guard = open_page(name="score-review")
    sign_in(page, product, "评价员")
    round_id = open_round(page)
    waiting = api(page, f"/materials/filings?round={round_id}&status=submitted&limit=200")["items"]
    assert waiting, "the demo has no document that waits for its first review"
    page.goto("/console/materials/review")
    expect(page.locator("#main")).to_contain_text(waiting[0]["number"])
    guard.look("review")
    page.keyboard.press("1")
    expect(page.locator(".el-message--success").first).to_be_visible()
    left = api(page, f"/materials/filings?round={round_id}&status=submitted&limit=200")["items"]
    assert len(left) == len(waiting) - 1
