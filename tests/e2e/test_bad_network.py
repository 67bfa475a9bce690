"""The phone without a network: nothing is lost, nothing is doubled, and it says what waits."""

from typing import Any

from playwright.sync_api import Page, Route, expect

from e2e.conftest import Open
from e2e.guard import Guard

#: what a browser logs when the test itself has pulled the plug
_PULLED = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_NETWORK_CHANGED")


def ready(page: Page) -> None:
    """The app is open and its worker has everything it needs to start without a network."""
    page.goto("/m/")
    page.wait_for_function(
        "async () => (await navigator.serviceWorker.ready).active.state === 'activated'"
    )
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def write(page: Page, text: str) -> None:
    page.locator("[data-test=text] textarea").fill(text)
    page.locator("[data-test=submit]").click()


def pending(page: Page, n: int) -> None:
    expect(page.locator("[data-test=pending]")).to_contain_text(f"{n} 条待发送", timeout=30_000)


def follows(page: Page) -> list[dict[str, Any]]:
    """What the phone keeps of its reports."""
    return page.evaluate(  # type: ignore[no-any-return]  # the script returns a list
        """() => new Promise((done, fail) => {
            const open = indexedDB.open("lifang");
            open.onerror = () => fail(open.error);
            open.onsuccess = () => {
                const all = open.result.transaction("follows").objectStore("follows").getAll();
                all.onsuccess = () => done(all.result.map(f => ({number: f.number, code: f.code,
                    title: f.title})));
            };
        })"""
    )


def forgive(guard: Guard) -> None:
    guard.found[:] = [f for f in guard.found if not any(p in f for p in _PULLED)]


def test_written_offline_survives_a_restart_and_goes_out_once(open_page: Open) -> None:
    page, guard = open_page(phone=True)
    ready(page)
    guard.look("report")
    pending(page, 0)
    page.context.set_offline(True)
    write(page, "断网时写的第一件：井盖破了")
    pending(page, 1)
    # as if killed and started again, still without a network
    page.reload()
    pending(page, 1)
    write(page, "断网时写的第二件：路灯不亮")
    pending(page, 2)
    guard.look("offline")
    page.context.set_offline(False)
    pending(page, 0)
    kept = follows(page)
    assert sorted(f["title"][:8] for f in kept) == ["断网时写的第一件", "断网时写的第二件"]
    assert len({f["number"] for f in kept}) == 2
    for follow in kept:
        answer = page.request.get(
            f"/api/v1/public/reports/{follow['number']}?code={follow['code']}"
        )
        assert answer.status == 200
    page.goto("/m/mine")
    expect(page.get_by_text(kept[0]["number"])).to_be_visible()
    guard.look("mine")
    forgive(guard)


def test_an_answer_lost_on_the_way_does_not_double(open_page: Open) -> None:
    page, guard = open_page(phone=True)
    ready(page)
    lost: list[str] = []

    def lose(route: Route) -> None:
        """The first time, the server has it and the phone never hears of it."""
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().json()["number"])
        route.abort("failed")

    page.route("**/api/v1/public/reports", lose)
    write(page, "回执丢失的一件")
    pending(page, 1)
    page.locator("[data-test=pending]").click()
    page.locator("[data-test=send-now]").click()
    pending(page, 0)
    assert [f["number"] for f in follows(page)] == lost
    forgive(guard)


def test_what_is_being_written_survives_too(open_page: Open) -> None:
    page, guard = open_page(phone=True)
    ready(page)
    page.locator("[data-test=text] textarea").fill("写到一半，手机没电了")
    page.wait_for_timeout(600)
    page.reload()
    expect(page.locator("[data-test=text] textarea")).to_have_value("写到一半，手机没电了")
    forgive(guard)
