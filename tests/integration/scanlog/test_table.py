"""The table in a browser: rows, columns, filters, views, details."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from support.browser import PICTURE, Open, Scanlog
from support.scans import add, quantity, scan
from support.scicat.catalogue import Api, Catalogue, made

pytestmark = pytest.mark.usefixtures("scans")
BOTH = pytest.mark.parametrize("open_page", ["chromium", "firefox"], indirect=True)
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@BOTH
def test_the_newest_scan_is_first_and_a_running_one_says_so(page: Scanlog) -> None:
    expect(page.row("scan 13:")).to_contain_text("running")
    expect(page.row("scan 12:")).to_contain_text("normal")
    assert page.names() == [f"scan {number}" for number in range(13, 0, -1)]
    expect(page.end).to_contain_text("All 13 scans are shown.")
    expect(page.row("scan 12:")).to_contain_text("2026-03-01 10:42:00")  # in Stockholm
    assert (
        page.page.get_by_text("2026-03-01 10:42:00").get_attribute("datetime") == "2026-03-01T09:42:00.000Z"
    )


@BOTH
def test_a_column_is_searched_chosen_sorted_filtered_and_hidden(page: Scanlog) -> None:
    page.page.get_by_role("button", name="Columns").click()
    page.page.get_by_label("Search").last.press_sequentially("energy")
    choice = page.page.get_by_role("checkbox", name="monochromator / energy")
    expect(page.page.get_by_role("dialog")).to_contain_text("eV")
    choice.check()
    page.page.keyboard.press("Escape")
    expect(page.row("scan 8:")).to_contain_text("702")
    head = page.grid.get_by_role("columnheader", name="energy")
    expect(head).to_contain_text("eV")
    head.get_by_title("Sort by").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    head.get_by_title("Sort by").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    expect(page.grid.get_by_role("row").nth(1)).to_contain_text("scan 1:")
    head.get_by_role("button", name="filter").click()
    page.page.get_by_label("from eV").fill("701")
    page.page.get_by_label("to eV").fill("702")
    page.page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.end).to_contain_text("All 5 scans are shown.")
    assert page.names() == [f"scan {number}" for number in range(4, 9)]
    head.get_by_role("button", name="Hide the column").click()
    expect(page.end).to_contain_text("All 13 scans are shown.")
    assert "energy" not in page.columns()


def test_a_column_that_no_row_of_the_view_has_is_found_and_one_that_no_scan_has_is_typed(
    page: Scanlog, api: Api
) -> None:
    old = {**scan(70), "creationTime": "2025-12-01T09:30:00.000Z"}
    old["scientificMetadata"] = {
        **old["scientificMetadata"],
        "cryostat": {"base temperature": quantity(4.2, "K")},
    }
    made(api.post("/v4/datasets", old))
    page.page.goto(f"{page.address}/?q=scan+1")
    expect(page.end).to_contain_text("All 5 scans are shown.")
    page.page.get_by_role("button", name="Columns").click()
    dialog = page.page.get_by_role("dialog", name="Columns")
    dialog.get_by_label("Search").press_sequentially("base")
    dialog.get_by_role("checkbox", name="cryostat / base temperature").check()
    dialog.get_by_label("Search").clear()
    dialog.get_by_label("Search").press_sequentially("new group / new name")
    dialog.get_by_role("checkbox", name="new group / new name").check()
    page.page.keyboard.press("Escape")
    page.page.get_by_role("button", name="All scans").click()
    expect(page.row("scan 70:")).to_contain_text("4.2")
    assert page.columns()[-2:] == ["base temperature", "new name"]


def test_a_set_of_values_is_a_filter(page: Scanlog, api: Api) -> None:
    add(api, 20, scientificMetadata={"monochromator": {"grating": quantity("1200 l/mm", "")}})
    page.page.goto(f"{page.address}/?c=datasetName&c=~monochromator.grating")
    head = page.grid.get_by_role("columnheader", name="grating")
    head.get_by_role("button", name="filter").click()
    page.page.get_by_label("or one of these values").fill("1200 l/mm\nnone")
    page.page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.end).to_contain_text("All 1 scans are shown.")
    page.page.get_by_role("button", name="remove this filter").click()
    expect(page.end).to_contain_text("All 14 scans are shown.")


def test_time_proposal_and_text_are_filters(page: Scanlog) -> None:
    page.page.get_by_label("Text").fill("scan 1")
    page.page.get_by_label("Text").press("Enter")
    expect(page.end).to_contain_text("All 5 scans are shown.")  # a date for SciCat, and found all the same
    page.page.get_by_label("Text").fill("mot01 0 1 (")
    page.page.get_by_label("Text").press("Enter")
    expect(page.end).to_contain_text("No scan fits these filters.")
    page.page.get_by_role("button", name="All scans").click()
    page.page.get_by_role("combobox", name="Time").select_option("last 8 h")
    expect(page.end).to_contain_text("No scan fits these filters.")
    page.page.get_by_role("combobox", name="Time").select_option("from … to …")
    page.page.get_by_label("from", exact=True).fill("2026-03-01T10:35")
    page.page.get_by_label("to", exact=True).fill("2026-03-01T10:36")
    page.page.get_by_label("Text").click()
    expect(page.end).to_contain_text("All 2 scans are shown.")
    page.page.get_by_role("button", name="All scans").click()
    page.page.get_by_role("combobox", name="Time").select_option("this visit (2026030108)")
    expect(page.end).to_contain_text("All 13 scans are shown.")
    page.page.get_by_label("Proposal").fill("20269999")
    page.page.get_by_label("Proposal").press("Enter")
    expect(page.end).to_contain_text("No scan fits these filters.")


@BOTH
def test_the_address_shows_a_colleague_the_same(page: Scanlog, open_page: Open, catalogue: Catalogue) -> None:
    page.page.goto(
        f"{page.address}/?c=datasetName&c=~monochromator.exit%2520slit&s=%2BdatasetName&q=scan&w=222:datasetName"
    )
    expect(page.row("scan 12:")).to_contain_text("20")
    with open_page() as colleague:
        query = urlsplit(page.page.url).query
        colleague.log_in(*catalogue.passwords["admin"], query=f"?{query}")
        expect(colleague.row("scan 12:")).to_contain_text("20")
        assert colleague.columns() == page.columns() == ["Scan", "exit slit"]
        assert parse_qs(urlsplit(colleague.page.url).query) == parse_qs(query)
        width = colleague.heads.first.bounding_box()
        assert width is not None
        assert width["width"] == pytest.approx(222, abs=1)


def test_columns_are_moved_and_widened_by_drag(page: Scanlog) -> None:
    before = page.columns()
    heads = page.heads
    heads.nth(2).drag_to(heads.nth(0))
    assert page.columns() == [before[2], before[0], before[1], *before[3:]]
    edge = heads.nth(0).locator(".edge").bounding_box()
    width = heads.nth(0).bounding_box()
    assert edge is not None
    assert width is not None
    mouse = page.page.mouse
    mouse.move(edge["x"] + 3, edge["y"] + 5)
    mouse.down()
    mouse.move(edge["x"] + 63, edge["y"] + 5, steps=4)
    mouse.up()
    wider = heads.nth(0).bounding_box()
    assert wider is not None
    assert wider["width"] == pytest.approx(width["width"] + 60, abs=4)


@BOTH
def test_columns_are_moved_widened_and_hidden_by_keyboard_alone(page: Scanlog) -> None:
    before = page.columns()
    keys = page.page.keyboard
    page.grid.get_by_role("columnheader", name="Scan").get_by_role("button", name="move").focus()
    keys.press("Enter")
    page.page.get_by_role("button", name="Move left").focus()
    keys.press("Enter")
    page.page.get_by_role("button", name="Wider").focus()
    keys.press("Space")
    keys.press("Escape")
    assert page.columns() == [before[0], before[2], before[1], *before[3:]]
    assert "320:datasetName" in parse_qs(urlsplit(page.page.url).query)["w"]
    page.grid.get_by_role("button", name="Hide the column Comment").focus()
    keys.press("Enter")
    assert "Comment" not in page.columns()


def test_the_keys_move_in_the_table_and_open_a_scan(page: Scanlog) -> None:
    page.focus_rows()
    keys = page.page.keyboard
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "End", "Home", "ArrowDown"):
        keys.press(key)
    active = page.grid.get_attribute("aria-activedescendant")
    assert active == "cell-1-1"
    keys.press("Enter")
    expect(page.page.get_by_role("heading", name="scan 12:")).to_be_visible()
    keys.press("Escape")
    expect(page.page.get_by_role("heading", name="scan 12:")).to_be_hidden()
    keys.press("/")
    expect(page.page.get_by_label("Text")).to_be_focused()
    page.focus_rows()
    keys.press("?")
    expect(page.page.get_by_role("dialog", name="Keys")).to_be_visible()


def test_views_are_kept_by_name_in_the_browser_and_in_scicat(
    page: Scanlog, open_page: Open, catalogue: Catalogue
) -> None:
    page.grid.get_by_role("button", name="Hide the column Comment").click()
    page.page.get_by_role("button", name="Views").click()
    dialog = page.page.get_by_role("dialog", name="Views")
    dialog.get_by_label("Name").fill("no comments")
    dialog.get_by_role("button", name="Keep this view").click()
    dialog.get_by_label("Keep them in SciCat").check()
    expect(dialog).to_contain_text("SciCat keeps them, too.")
    dialog.get_by_role("button", name="As at the beginning").click()
    assert "Comment" in page.columns()
    page.page.reload()
    page.page.get_by_role("button", name="Views").click()
    page.page.get_by_role("button", name="no comments", exact=True).click()
    assert "Comment" not in page.columns()
    with open_page() as other:
        other.log_in(*catalogue.passwords["scientist"])
        other.page.get_by_role("button", name="Views").click()
        other.page.get_by_label("Keep them in SciCat").check()
        other.page.get_by_role("button", name="no comments", exact=True).click()
        assert "Comment" not in other.columns()


def test_the_last_view_is_there_again_after_a_reload(page: Scanlog) -> None:
    page.grid.get_by_role("button", name="Hide the column Rating").click()
    page.page.goto(page.address)
    expect(page.row("scan 12:")).to_be_visible()
    assert "Rating" not in page.columns()


@BOTH
def test_a_scan_shows_all_that_was_recorded(page: Scanlog, api: Api, scans: list[dict[str, Any]]) -> None:
    pid = scans[4]["pid"]
    files = [{"path": "scan_5.h5", "size": 6017, "time": "2026-03-01T09:36:00Z"}]
    api.post(f"/v3/datasets/{pid}/origdatablocks", {"size": 6017, "dataFileList": files})
    for thumbnail in (PICTURE, "data:image/svg+xml;base64,PHN2Zy8+"):
        body = {"ownerGroup": "x", "caption": "plot", "thumbnail": thumbnail}
        api.post(f"/v3/datasets/{pid}/attachments", body)
    page.row("scan 5:").get_by_role("button").click()
    details = page.page.get_by_role("region", name="The scan")
    expect(details.get_by_role("heading", name="scan 5:")).to_be_visible()
    expect(details).to_contain_text("photoemission, revision 3")
    expect(details).to_contain_text("scifish/0.1.0 on host for Sardana")
    expect(details).to_contain_text("2026-03-01 09:35:00.000 UTC")
    expect(details.get_by_role("row", name="water flow")).to_contain_text("no answer within 300 ms")
    expect(details.get_by_role("img", name="plot")).to_have_count(1)  # an SVG could run scripts
    details.get_by_text("Files (1)").click()
    expect(details).to_contain_text("scan_5.h5")
    link = details.get_by_role("link", name="Open in SciCat")
    assert link.get_attribute("href") == f"https://scicat.example.org/datasets/{pid}"
    assert "noopener" in str(link.get_attribute("rel"))
    details.get_by_label("Search").press_sequentially("slit")  # Firefox tells React of no fill()
    expect(details.get_by_role("row")).to_have_count(1)
    details.get_by_role("button", name="Add monochromator / exit slit as column").click()
    assert page.columns()[-1] == "exit slit"


def test_more_scans_than_a_page_come_while_one_scrolls_none_twice(page: Scanlog, api: Api) -> None:
    add(api, *range(100, 350))
    page.page.reload()
    expect(page.row("scan 349:")).to_be_visible()
    page.focus_rows()
    seen: set[str] = set()
    expected = {f"scan {number}" for number in [*range(1, 14), *range(100, 350)]}
    for _ in range(40):
        seen |= set(page.names())
        if page.page.get_by_text("All 263 scans are shown.").count() and len(seen) == len(expected):
            break
        page.page.keyboard.press("PageDown")
        page.page.evaluate(DRAWN)  # else the rows of the place before are read, and a screen is left out
        page.page.wait_for_function(
            "() => document.querySelector('.table').getAttribute('aria-busy') === 'false'"
        )
    assert seen == expected
    drawn = page.grid.get_by_role("row").count()
    assert drawn < 80  # only what is seen, and some around it


def test_only_the_columns_that_are_shown_are_asked_for(page: Scanlog) -> None:
    with page.page.expect_request(lambda one: "creationTime%3Adesc" in one.url) as asked:
        page.page.goto(f"{page.address}/?c=datasetName&c=~monochromator.energy")
    chosen = json.loads(parse_qs(urlsplit(asked.value.url).query)["filter"][0])
    assert "scientificMetadata.monochromator.energy" in chosen["fields"]
    assert not {"scientificMetadata", "scientificMetadata.monochromator"} & set(chosen["fields"])
    assert "count" not in asked.value.url
    assert "facet" not in asked.value.url
