"""Bad days: each ends in a clear line, nothing that was written is lost, and nothing waits for ever."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from scifish.common.clock import iso, utcnow
from support.browser import Open, Scanlog
from support.scanlog import scanlog
from support.scans import add, quantity, scan
from support.scicat.catalogue import Api, Catalogue, encoded, made, minicat, path_of

pytestmark = pytest.mark.usefixtures("scans")
LISTS = "**/api/v3/datasets?*"


def _live(page: Scanlog) -> None:
    expect(page.page.locator('.connection[data-state="live"]')).to_be_visible()


def _late(seconds: float) -> Any:
    def answered(route: Route) -> None:
        time.sleep(seconds)
        route.continue_()

    return answered


def test_a_slow_scicat_says_that_it_reads_and_shows_all_in_the_end(page: Scanlog) -> None:
    page.page.route(LISTS, _late(1.5))
    page.page.reload()
    expect(page.grid).to_have_attribute("aria-busy", "true")
    expect(page.end).to_contain_text("Reading the scans")
    expect(page.row("scan 12:")).to_be_visible()
    expect(page.end).to_contain_text("All 13 scans are shown.")
    _live(page)


def test_an_answer_that_never_comes_is_given_up_and_asked_again(
    open_page: Open, catalogue: Catalogue
) -> None:
    with open_page() as page:
        page.page.add_init_script(
            "const limit = AbortSignal.timeout.bind(AbortSignal);"
            "AbortSignal.timeout = (ms) => limit(ms / 20);"  # 30 s are too long for a test
        )
        page.log_in(*catalogue.passwords["scientist"])
        _live(page)
        hung: list[Route] = []
        page.page.route(LISTS, lambda route: hung.append(route))  # noqa: PLW0108 - Playwright needs a function
        line = page.page.locator(".connection")
        expect(line).to_contain_text("SciCat cannot be reached: no answer within 30 s")
        expect(line).to_contain_text("asking again in")
        expect(page.row("scan 12:")).to_be_visible()
        page.page.unroute(LISTS)
        line.get_by_role("button", name="Now").click()
        _live(page)


@pytest.mark.parametrize(
    ("status", "told"),
    [(500, "SciCat failed (500)"), (502, "SciCat cannot be reached"), (400, "SciCat refuses this (400)")],
)
def test_a_list_that_fails_is_told_and_tried_again(page: Scanlog, status: int, told: str) -> None:
    page.page.route(LISTS, lambda route: route.fulfill(status=status, body="{}"))
    page.page.reload()
    expect(page.page.get_by_role("alert").first).to_contain_text(told)
    expect(page.grid).to_have_attribute("aria-busy", "false")  # nothing waits
    page.page.unroute(LISTS)
    page.page.get_by_role("button", name="Try again").first.click()
    expect(page.row("scan 12:")).to_be_visible()


def test_what_is_no_scicat_is_told(page: Scanlog) -> None:
    page.page.route(LISTS, lambda route: route.fulfill(status=200, body="<html>Welcome</html>"))
    page.page.reload()
    expect(page.page.get_by_role("alert").first).to_contain_text(
        "SciCat sent no JSON for /datasets; is it another server?"
    )


def test_settings_that_cannot_be_read_are_told_and_read_again(page: Scanlog) -> None:
    page.page.route("**/settings.json", lambda route: route.abort())
    page.page.reload()
    expect(page.page.get_by_role("alert")).to_contain_text("The page's settings cannot be read")
    page.page.unroute("**/settings.json")
    page.page.get_by_role("button", name="Try again").click()
    expect(page.row("scan 12:")).to_be_visible()


def test_a_scan_that_one_may_not_see_is_told(page: Scanlog, scans: list[dict[str, Any]]) -> None:
    page.page.route(
        f"**/api/v3/datasets/{encoded(scans[11]['pid'])}",
        lambda route: route.fulfill(status=403, body='{"message": "Access Forbidden"}'),
    )
    page.row("scan 12:").get_by_role("button").click()
    details = page.page.get_by_role("region", name="The scan")
    expect(details.get_by_role("alert")).to_contain_text("You may not do this: Access Forbidden")
    expect(page.page.get_by_role("form", name="Log in")).to_be_hidden()  # the log-in is not what is wrong
    page.page.unroute(f"**/api/v3/datasets/{encoded(scans[11]['pid'])}")
    details.get_by_role("button", name="Try again").click()
    expect(details.get_by_role("heading", name="scan 12:")).to_be_visible()


def test_a_scan_of_8_mb_is_shown_and_the_table_stays(page: Scanlog, api: Api) -> None:
    text = "0123456789abcdef" * 60
    items = {f"group {one}": {f"item {80 * one + at}": text for at in range(80)} for one in range(100)}
    add(api, 50, scientificMetadata={**items, "camera": {"exposure": quantity(0.5, "s")}})
    page.page.reload()
    page.row("scan 50:").get_by_role("button").click()
    details = page.page.get_by_role("region", name="The scan")
    expect(details).to_contain_text(re.compile(r"Search 80\d\d items"))
    begin = time.monotonic()
    details.get_by_label(re.compile("Search 80")).press_sequentially("exposure")
    expect(details.get_by_role("row", name="exposure")).to_contain_text("0.5 s")
    page.page.keyboard.press("Escape")
    page.row("scan 12:").get_by_role("button").click()
    expect(details.get_by_role("heading", name="scan 12:")).to_be_visible()
    assert time.monotonic() - begin < 15  # on an idle machine less than one


def test_two_tabs_have_a_view_and_a_draft_each_and_lose_no_comment(
    page: Scanlog, catalogue: Catalogue, api: Api, scans: list[dict[str, Any]]
) -> None:
    other = Scanlog(page.page.context.new_page(), page.address)
    other.log_in(*catalogue.passwords["scientist"])  # each tab has a log-in of its own
    other.grid.get_by_role("button", name="Hide the column Rating").click()
    assert "Rating" in page.columns()
    for tab, text in ((page, "of the first"), (other, "of the second")):
        tab.row("scan 5:").get_by_role("button").click()
        tab.page.get_by_label("New comment").fill(text)
    assert page.page.get_by_label("New comment").input_value() == "of the first"
    for tab in (page, other):
        tab.page.get_by_role("button", name="Add the comment").click()
        expect(tab.page.get_by_text("The comment is kept.")).to_be_visible()
    lines = str(api.get(path_of(scans[4])).json()["comment"]).splitlines()
    assert [line.partition("] ")[2] for line in lines] == ["of the first", "of the second"]
    other.page.get_by_role("button", name="Log out").click()
    page.page.reload()
    expect(page.row("scan 12:")).to_be_visible()  # this tab is still logged in


def test_a_proposal_without_scans_and_an_account_without_any_say_so(
    page: Scanlog, open_page: Open, catalogue: Catalogue
) -> None:
    page.page.get_by_label("Proposal").fill("20269999")
    page.page.get_by_label("Proposal").press("Enter")
    expect(page.end).to_contain_text("No scan fits these filters.")
    _live(page)
    with open_page() as other:
        other.log_in(*catalogue.passwords["stranger"])
        expect(other.end).to_contain_text("There are no scans that you may see.")
        _live(other)


def test_the_first_scan_of_all_is_announced(open_page: Open, tmp_path: Path) -> None:
    with (
        minicat(tmp_path) as (empty, _),
        scanlog(tmp_path, empty.url) as address,
        empty.login() as api,
        open_page(address=address) as guest,
    ):
        guest.page.goto(address)
        guest.page.get_by_role("button", name="Public data, without log-in").click()
        expect(guest.end).to_contain_text("There are no scans that you may see.")
        _live(guest)
        made(api.post("/v4/datasets", {**scan(1, isPublished=True), "creationTime": iso(utcnow())}))
        expect(guest.page.get_by_role("button", name="1 new scan")).to_be_visible()


@pytest.mark.parametrize("hours", [-9, 9])
def test_a_clock_that_is_wrong_by_hours_hides_nothing(
    open_page: Open, catalogue: Catalogue, api: Api, hours: int
) -> None:
    with open_page() as page:
        page.page.add_init_script(
            f"const now = Date.now; Date.now = () => now() + {hours} * 3600000;"
            "const Old = Date; globalThis.Date = class extends Old {"
            "constructor(...given) { super(...(given.length ? given : [Old.now()])); } };"
        )
        page.log_in(*catalogue.passwords["scientist"])
        page.page.get_by_role("combobox", name="Time").select_option("last 8 h")
        expect(page.end).to_contain_text("No scan fits these filters.")
        body = scan(60, pid=f"CLOCK{hours}")
        body["creationTime"] = iso(utcnow())
        made(api.post("/v4/datasets", body))
        expect(page.page.get_by_role("button", name="1 new scan")).to_be_visible()
        page.page.get_by_role("button", name="1 new scan").click()
        expect(page.row("scan 60:")).to_be_visible()
        assert "in " not in page.page.locator(".connection").inner_text()


def _has_focus(page: Scanlog, what: str) -> None:
    """Wait until the focus of the page is there."""
    page.page.wait_for_function("(what) => document.activeElement?.matches(what) ?? false", arg=what)


def _tab_to(page: Scanlog, what: str) -> None:
    """Press Tab until the focus is where `what` finds it."""
    for _ in range(60):
        page.page.keyboard.press("Tab")
        if page.page.evaluate("(what) => document.activeElement?.matches(what) ?? false", what):
            return
    raise AssertionError(f"no Tab leads to {what}")


def test_all_of_a_scan_is_done_by_keyboard_alone(
    open_page: Open, catalogue: Catalogue, api: Api, scans: list[dict[str, Any]]
) -> None:
    with open_page() as page:
        page.page.goto(page.address)
        keys = page.page.keyboard
        username, password = catalogue.passwords["scientist"]
        _tab_to(page, "[name=username]")
        keys.type(username)
        _tab_to(page, "[name=password]")
        keys.type(password)
        keys.press("Enter")
        expect(page.row("scan 13:")).to_be_visible()
        _tab_to(page, "[role=grid]")
        keys.press("Home")
        keys.press("ArrowDown")
        keys.press("5")
        expect(page.row("scan 12:")).to_contain_text("★★½")
        keys.press("c")
        _has_focus(page, "textarea")
        keys.type("by hand")
        _tab_to(page, "form button.main")
        keys.press("Enter")
        expect(page.row("scan 12:")).to_contain_text("scientist: by hand")
        assert api.get(path_of(scans[11])).json()["dataQualityMetrics"] == 2.5
        keys.press("Escape")
        expect(page.page.get_by_role("region", name="The scan")).to_be_hidden()
        _has_focus(page, "[role=grid]")
