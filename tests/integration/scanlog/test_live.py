"""The page while scans are made: what is new, what changed, and when SciCat is away."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from scifish.common.clock import iso, utcnow
from support.browser import Open, Scanlog
from support.scanlog import scanlog
from support.scans import GROUP, add, scan
from support.scicat.catalogue import ACCOUNTS, Api, Catalogue, made, minicat, path_of

pytestmark = pytest.mark.usefixtures("scans")
BOTH = pytest.mark.parametrize("open_page", ["chromium", "firefox"], indirect=True)
SOON = 15_000  # milliseconds; on an idle machine it takes two seconds


def _live(page: Scanlog) -> None:
    expect(page.page.locator('.connection[data-state="live"]')).to_be_visible()


@BOTH
def test_a_new_scan_is_announced_and_moves_nothing(page: Scanlog, api: Api) -> None:
    _live(page)
    before = page.names()
    add(api, 20)
    news = page.page.get_by_role("button", name="1 new scan")
    expect(news).to_be_visible(timeout=SOON)
    assert page.names() == before
    add(api, 21)
    news = page.page.get_by_role("button", name="2 new scans")
    expect(news).to_be_visible(timeout=SOON)
    news.click()
    expect(page.row("scan 21:")).to_be_visible()
    assert page.names() == ["scan 21", "scan 20", *before]
    expect(news).to_be_hidden()


def test_a_running_scan_is_completed_in_its_place(
    page: Scanlog, api: Api, scans: list[dict[str, Any]]
) -> None:
    _live(page)
    expect(page.row("scan 13:")).to_contain_text("running")
    done = {"scientificMetadata": {"scan": {"exitStatus": "aborted"}}}
    assert api.merge(path_of(scans[-1], 4), done).status_code == 200
    expect(page.row("scan 13:")).to_contain_text("aborted", timeout=SOON)
    assert page.names()[0] == "scan 13"


def test_a_scan_that_comes_late_stands_at_its_time(page: Scanlog, api: Api) -> None:
    _live(page)
    body = scan(30, pid="LATE-1")
    body["creationTime"] = "2026-03-01T09:35:30.000Z"
    made(api.post("/v4/datasets", body))
    page.page.get_by_role("button", name="1 new scan").click(timeout=SOON)
    expect(page.row("scan 30:")).to_be_visible()
    names = page.names()
    assert names.index("scan 30") == names.index("scan 5") - 1


def test_a_new_scan_in_another_order_is_announced_too(page: Scanlog, api: Api) -> None:
    page.page.goto(f"{page.address}/?s=%2BdatasetName")
    _live(page)
    add(api, 20)
    page.page.get_by_role("button", name="1 new scan").click(timeout=SOON)
    expect(page.end).to_contain_text("All 14 scans are shown.")


def test_a_new_scan_that_does_not_fit_the_filters_is_not_announced(page: Scanlog, api: Api) -> None:
    page.page.goto(f"{page.address}/?q=special")
    expect(page.end).to_contain_text("No scan fits these filters.")
    _live(page)
    now = iso(utcnow())  # where there is no scan, those of the last day are looked at
    for name in ("usual scan", "special scan"):
        body = {**scan(21), "datasetName": name, "description": name, "creationTime": now}
        made(api.post("/v4/datasets", body))
    expect(page.page.get_by_role("button", name="1 new scan")).to_be_visible(timeout=SOON)


def test_a_look_without_news_is_small(page: Scanlog) -> None:
    _live(page)
    with page.page.expect_response(lambda one: "updatedAt%3Aasc" in one.url) as looked:
        pass
    with page.page.expect_response(lambda one: "updatedAt%3Aasc" in one.url) as looked:
        pass
    assert looked.value.body() == b"[]"


def test_the_clock_of_the_browser_has_no_part(open_page: Open, catalogue: Catalogue, api: Api) -> None:
    with open_page() as page:
        page.page.clock.install(time="2031-05-05T05:05:05Z")
        page.log_in(*catalogue.passwords["scientist"])
        page.page.clock.run_for(3000)
        _live(page)
        add(api, 20)
        for _ in range(6):
            page.page.clock.run_for(2000)
            page.page.wait_for_load_state("networkidle")
        expect(page.page.get_by_role("button", name="1 new scan")).to_be_visible()


def test_nobody_is_asked_while_nobody_looks(page: Scanlog) -> None:
    _live(page)
    asked: list[str] = []
    hide = "value => {Object.defineProperty(document, 'hidden', {value, configurable: true});"
    hide += "document.dispatchEvent(new Event('visibilitychange'))}"
    page.page.evaluate(hide, True)
    page.page.wait_for_load_state("networkidle")
    page.page.on("request", lambda one: asked.append(one.url))
    page.page.wait_for_timeout(4500)  # more than two pauses
    assert asked == []
    with page.page.expect_request("**/api/v3/datasets?*"):
        page.page.evaluate(hide, False)


class _Server:
    """A catalogue that can be stopped and started again at its address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self.port = "0"
        self.start()

    def start(self) -> None:
        database = str(self._folder / "catalogue.db")
        options = ("--port", self.port, "--database", database)
        self.catalogue, _ = self._stack.enter_context(minicat(self._folder, *options))
        self.port = self.catalogue.url.rpartition(":")[2]

    def stop(self) -> None:
        self._stack.close()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    monkeypatch.setitem(ACCOUNTS, "scientist", (GROUP,))
    server = _Server(tmp_path)
    yield server
    server.stop()


def test_a_catalogue_that_goes_away_is_told_and_found_again(
    server: _Server, browsers: Any, tmp_path: Path, open_page: Open
) -> None:
    with server.catalogue.login("admin") as api:
        add(api, 1, 2)
        api.made = []
    with scanlog(tmp_path, server.catalogue.url) as address, open_page(address=address) as page:
        page.log_in(*server.catalogue.passwords["scientist"])
        _live(page)
        server.stop()
        line = page.page.locator(".connection")
        expect(line).to_contain_text("SciCat cannot be reached", timeout=SOON)
        expect(line).to_contain_text("as of")
        expect(page.row("scan 2:")).to_be_visible()  # what was read stays
        server.start()
        page.page.get_by_role("button", name="Now").click()
        _live(page)


def test_a_log_in_that_ends_is_asked_for_and_what_is_shown_stays(
    page: Scanlog, catalogue: Catalogue, api: Api
) -> None:
    _live(page)
    page.page.evaluate(
        "() => {const kept = JSON.parse(sessionStorage['scanlog.session']); kept.token = 'dead';"
        "sessionStorage['scanlog.session'] = JSON.stringify(kept)}"
    )
    page.page.reload()
    expect(page.page.get_by_text("The log-in has ended; log in again.")).to_be_visible()
    assert page.page.get_by_label("User name").input_value() == "scientist"
    page.page.get_by_label("Password").fill(catalogue.passwords["scientist"][1])
    page.page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.row("scan 12:")).to_be_visible()


def test_two_pages_see_the_same_within_seconds(
    page: Scanlog, open_page: Open, catalogue: Catalogue, api: Api
) -> None:
    _live(page)
    with open_page() as other:
        other.log_in(*catalogue.passwords["scientist"])
        _live(other)
        begin = time.monotonic()
        body = scan(20, pid="NOW-1")
        body["creationTime"] = iso(utcnow())
        made(api.post("/v4/datasets", body))
        for one in (page, other):
            expect(one.page.get_by_role("button", name="1 new scan")).to_be_visible(timeout=SOON)
        assert time.monotonic() - begin < SOON / 1000
