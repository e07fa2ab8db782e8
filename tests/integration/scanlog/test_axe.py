"""A bad day is for everybody too: axe finds nothing wrong in troubles, empty tables and log-ins."""

import pytest
from playwright.sync_api import expect

from support.browser import Scanlog

pytestmark = pytest.mark.usefixtures("scans")
LISTS = "**/api/v3/datasets?*"


def test_axe_finds_nothing_wrong_when_scicat_fails_or_nothing_fits(page: Scanlog) -> None:
    page.page.get_by_label("Proposal").fill("20269999")
    page.page.get_by_label("Proposal").press("Enter")
    expect(page.end).to_contain_text("No scan fits these filters.")
    assert page.violations() == []
    page.page.route(LISTS, lambda route: route.fulfill(status=500, body="{}"))
    page.page.reload()
    expect(page.page.get_by_role("alert").first).to_contain_text("SciCat failed (500)")
    assert page.violations() == []


def test_axe_finds_nothing_wrong_when_the_log_in_has_ended(page: Scanlog) -> None:
    page.page.evaluate(
        "() => {const kept = JSON.parse(sessionStorage['scanlog.session']); kept.token = 'dead';"
        "sessionStorage['scanlog.session'] = JSON.stringify(kept)}"
    )
    page.page.reload()
    expect(page.page.get_by_text("The log-in has ended; log in again.")).to_be_visible()
    assert page.violations() == []
