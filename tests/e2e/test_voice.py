"""Recording on the phone: with and without a network, and what the clerk sees of it."""

import re

from playwright.sync_api import Page, expect

from e2e.conftest import Open, Product
from e2e.test_bad_network import forgive, pending, ready
from e2e.walk import sign_in


def record(page: Page) -> None:
    """Tap, let it beep for two seconds, tap."""
    button = page.locator("[data-test=record]")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_contain_text("正在录音 2 秒")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def number_of(page: Page) -> str:
    expect(page.locator("[data-test=number]")).to_be_visible(timeout=45_000)
    return page.locator("[data-test=number]").inner_text()


def test_a_report_of_nothing_but_a_recording(open_page: Open, product: Product) -> None:
    page, guard = open_page(phone=True)
    page.goto("/m/report")
    record(page)
    voices = page.locator("[data-test=voice]")
    expect(voices).to_have_count(1)
    record(page)
    voices.nth(1).get_by_role("button").click()  # deleted again
    expect(voices).to_have_count(1)
    expect(voices.get_by_role("status")).to_be_visible()  # sent while the form is filled in
    guard.look("voice")
    page.locator("[data-test=submit]").click()
    number = number_of(page)
    page.goto(f"/m/follow/{number}")
    own = page.locator("[data-test=own-voice]")
    expect(own).to_be_visible()
    expect(own).to_contain_text(re.compile("转写|没有听到说话"))
    guard.look("follow-voice")
    desk, watch = open_page()
    sign_in(desk, product, "受理员")
    desk.goto(f"/console/cases?q={number}")
    desk.get_by_text(number).first.click()
    expect(desk.locator("[data-test=voice] audio")).to_be_visible()
    watch.look("case-voice")


def test_recorded_without_a_network_it_goes_out_with_the_report(open_page: Open) -> None:
    page, guard = open_page(phone=True)
    ready(page)
    page.goto("/m/report")
    page.context.set_offline(True)
    record(page)
    page.locator("[data-test=submit]").click()
    pending(page, 1)
    page.context.set_offline(False)
    assert number_of(page)
    forgive(guard)
