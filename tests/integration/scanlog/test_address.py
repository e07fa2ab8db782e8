"""The address is the view: what a colleague's link shows, back and forward, and whose clock counts."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from scifish.common.clock import iso, utcnow
from support.browser import Open, Scanlog
from support.scans import scan
from support.scicat.catalogue import Api, Catalogue, made

pytestmark = pytest.mark.usefixtures("scans")
BOTH = pytest.mark.parametrize("open_page", ["chromium", "firefox"], indirect=True)


def _heading(page: Scanlog, name: str) -> Any:
    return page.page.get_by_role("region", name="The scan").get_by_role("heading", name=name)


@BOTH
def test_a_link_opens_the_same_scan_beside_the_same_table(
    page: Scanlog, open_page: Open, catalogue: Catalogue
) -> None:
    page.page.get_by_label("Text").fill("scan 1")
    page.page.get_by_label("Text").press("Enter")
    expect(page.end).to_contain_text("All 5 scans are shown.")
    page.row("scan 12:").get_by_role("button").click()
    expect(_heading(page, "scan 12:")).to_be_visible()
    with open_page() as colleague:
        colleague.log_in(*catalogue.passwords["admin"], query=f"?{urlsplit(page.page.url).query}")
        expect(_heading(colleague, "scan 12:")).to_be_visible()
        expect(colleague.end).to_contain_text("All 5 scans are shown.")


def test_a_link_to_the_usual_view_shows_it_to_a_colleague_with_another(
    page: Scanlog, open_page: Open, catalogue: Catalogue
) -> None:
    with open_page() as colleague:
        colleague.log_in(*catalogue.passwords["admin"], query="?c=datasetName")
        assert colleague.columns() == ["Scan"]
        colleague.page.goto(page.page.url)
        expect(colleague.row("scan 12:")).to_be_visible()
        assert colleague.columns() == page.columns()


@BOTH
def test_back_and_forward_lead_through_views_and_scans(page: Scanlog) -> None:
    page.page.get_by_label("Proposal").fill("20269999")
    page.page.get_by_label("Proposal").press("Enter")
    expect(page.end).to_contain_text("No scan fits these filters.")
    page.page.get_by_role("button", name="All scans").click()
    page.row("scan 5:").get_by_role("button").click()
    expect(_heading(page, "scan 5:")).to_be_visible()
    page.page.get_by_role("button", name="Close the scan").click()
    expect(_heading(page, "scan 5:")).to_be_hidden()
    page.page.go_back()
    expect(_heading(page, "scan 5:")).to_be_visible()
    page.page.go_back()
    expect(_heading(page, "scan 5:")).to_be_hidden()
    page.page.go_back()
    expect(page.end).to_contain_text("No scan fits these filters.")
    assert page.page.get_by_label("Proposal").input_value() == "20269999"
    page.page.go_forward()
    expect(page.end).to_contain_text("All 13 scans are shown.")


def test_a_width_that_is_dragged_is_no_step_back(page: Scanlog) -> None:
    before = page.page.evaluate("() => history.length")
    page.grid.get_by_role("columnheader", name="Scan").get_by_role("button", name="move").click()
    for _ in range(3):
        page.page.get_by_role("button", name="Wider").click()
    page.page.keyboard.press("Escape")
    assert "400:datasetName" in parse_qs(urlsplit(page.page.url).query)["w"]
    assert page.page.evaluate("() => history.length") == before


def test_a_scan_that_is_not_there_is_said_and_the_table_stays(page: Scanlog) -> None:
    page.page.goto(f"{page.address}/?c=datasetName&o=20.500.12345%2Fnosuch")
    expect(page.page.get_by_role("region", name="The scan").get_by_role("alert")).to_contain_text(
        "SciCat does not have it"
    )
    expect(page.row("scan 12:")).to_be_visible()


@pytest.mark.parametrize("wrong", [timedelta(hours=10), timedelta(hours=-10)], ids=["ahead", "behind"])
def test_last_8_hours_are_those_of_the_server(
    open_page: Open, catalogue: Catalogue, api: Api, wrong: timedelta
) -> None:
    now = utcnow()
    for number, age in ((31, 1), (32, 12)):
        made(api.post("/v4/datasets", {**scan(number), "creationTime": iso(now - timedelta(hours=age))}))
    with open_page() as page:
        page.page.clock.install(time=now + wrong)
        page.log_in(*catalogue.passwords["scientist"])
        page.page.get_by_role("combobox", name="Time").select_option("last 8 h")
        expect(page.end).to_contain_text("All 1 scans are shown.")
        expect(page.row("scan 31:")).to_be_visible()
        page.page.reload()  # its first question to SciCat is already with the right clock
        expect(page.end).to_contain_text("All 1 scans are shown.")


def test_a_clock_ahead_hides_no_news_of_an_empty_table(
    open_page: Open, catalogue: Catalogue, api: Api
) -> None:
    with open_page() as page:
        page.page.clock.install(time=utcnow() + timedelta(hours=10))
        page.log_in(*catalogue.passwords["scientist"], query="?q=special")
        expect(page.end).to_contain_text("No scan fits these filters.")
        page.page.clock.run_for(3000)
        expect(page.page.locator('.connection[data-state="live"]')).to_be_visible()
        made(api.post("/v4/datasets", {**scan(33), "datasetName": "special", "creationTime": iso(utcnow())}))
        for _ in range(6):
            page.page.clock.run_for(2000)
            page.page.wait_for_load_state("networkidle")
        expect(page.page.get_by_role("button", name="1 new scan")).to_be_visible()
