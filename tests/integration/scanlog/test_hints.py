"""A new scan on the page at once: from the outbox through SciCow, whose hint comes before the next look."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import wait_until
from support.browser import Open, Scanlog
from support.scanlog import scanlog
from support.scicow.ingest import OWNER, running_minicat
from support.scicow.process import ScicowProcess
from support.scicow.run import Site, pair

HINTS = {"hints": ["127.0.0.0/8"], "hint_subscribers": 2}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("hints")
    with running_minicat(folder / "catalogue") as url:
        yield Site(folder / "site", url)


@pytest.fixture
def scicow(site: Site) -> Iterator[ScicowProcess]:
    scicow = site.scicow()
    port = int(scicow.url.rpartition(":")[2])
    site.write("scicow", http={"port": port, **HINTS})
    with scicow:
        yield scicow


@pytest.fixture
def address(site: Site, scicow: ScicowProcess, tmp_path: Path) -> Iterator[str]:
    with scanlog(tmp_path, site.catalogue, hints=scicow.url) as address:
        wait_until(lambda: scicow.metric("scicow_hint_subscribers") == 1, "Scanlog listens", 30)
        yield address


def put(site: Site) -> None:
    """Record a scan."""
    outbox = Outbox(site.outbox)
    outbox.put(pair())
    outbox.close()


def _open(page: Scanlog) -> None:
    """Log in, with a clock that stands unless it is moved; the page listens then."""
    page.page.clock.install()
    with page.page.expect_response("**/hints"):
        page.log_in(OWNER[0].username, OWNER[0].password)
        page.page.clock.run_for(3000)
    expect(page.page.locator('.connection[data-state="live"]')).to_be_visible()


def _is_announced(page: Scanlog, text: str) -> bool:
    """Tell whether it is announced before the page's clock has moved by the time between two looks."""
    news = page.page.get_by_role("button", name=text)
    for _ in range(7):
        page.page.clock.run_for(200)
        try:
            expect(news).to_be_visible(timeout=1000)
        except AssertionError:
            continue
        return True
    return False


def _wait_for_hint(scicow: ScicowProcess, before: float) -> None:
    wait_until(lambda: scicow.metric("scicow_hints_total") > before, "its hint is told", 30)


@pytest.mark.parametrize("open_page", ["chromium", "firefox"], indirect=True)
def test_a_scan_is_there_before_the_page_would_have_looked(
    site: Site, scicow: ScicowProcess, open_page: Open
) -> None:
    with open_page() as page:
        _open(page)
        for text in ("1 new scan", "2 new scans", "3 new scans"):
            before = scicow.metric("scicow_hints_total")
            put(site)
            _wait_for_hint(scicow, before)
            assert _is_announced(page, text)


def test_without_scicow_the_page_asks_as_ever_and_hears_it_when_it_is_back(
    site: Site, scicow: ScicowProcess, open_page: Open, address: str
) -> None:
    scicow.child.stop(grace=20)
    with open_page() as page:
        page.log_in(OWNER[0].username, OWNER[0].password)
        expect(page.page.locator('.connection[data-state="live"]')).to_be_visible()
        put(site)
        scicow.start()
        expect(page.page.get_by_role("button", name="1 new scan")).to_be_visible(timeout=30_000)
        wait_until(lambda: scicow.metric("scicow_hint_subscribers") == 1, "Scanlog listens again", 60)


def test_what_is_passed_on_is_the_pid_and_the_time(site: Site, scicow: ScicowProcess, address: str) -> None:
    with requests.get(f"{address}/hints", stream=True, timeout=60) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert "Content-Encoding" not in answer.headers
        put(site)
        lines = answer.iter_lines()
        line = next(one for one in lines if one.startswith(b"data: "))
    assert set(json.loads(line[6:])) == {"pid", "time"}


def test_a_site_without_hints_has_none(site: Site, tmp_path: Path) -> None:
    with scanlog(tmp_path, site.catalogue) as address:
        assert requests.get(f"{address}/hints", timeout=20).status_code == 404
        assert requests.get(f"{address}/settings.json", timeout=20).json()["hints"] is False
