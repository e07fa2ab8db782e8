"""Rows that are selected: by click, by keyboard, over live changes, other views and a reload."""

import pytest
from playwright.sync_api import Locator, expect

from support.browser import Open, Scanlog
from support.scans import add
from support.scicat.catalogue import Api, Catalogue

pytestmark = pytest.mark.usefixtures("scans")
BOTH = pytest.mark.parametrize("open_page", ["chromium", "firefox"], indirect=True)
SOON = 15_000  # milliseconds; on an idle machine it takes two seconds


def _cell(page: Scanlog, number: int) -> Locator:
    """Return a cell of a scan in which nothing else can be pressed: the one of its time."""
    return page.row(f"scan {number}:").get_by_role("gridcell").nth(2)


def _box(page: Scanlog, number: int) -> Locator:
    return page.row(f"scan {number}:").locator(".mark")


def _selected(page: Scanlog) -> list[int]:
    rows = page.grid.locator('[role="row"][aria-selected="true"] [aria-colindex="4"]').all_inner_texts()
    return [int(text.partition(":")[0].removeprefix("scan ")) for text in rows]


@BOTH
def test_a_click_selects_one_shift_a_range_ctrl_and_the_box_one_more(page: Scanlog) -> None:
    _cell(page, 10).click()
    assert _selected(page) == [10]
    expect(page.end).to_contain_text("1 scan selected.")
    _cell(page, 7).click(modifiers=["Shift"])
    assert _selected(page) == [10, 9, 8, 7]
    _cell(page, 9).click(modifiers=["Control"])
    _cell(page, 3).click(modifiers=["Control"])
    assert _selected(page) == [10, 8, 7, 3]
    _box(page, 1).click()
    _box(page, 10).click()
    assert _selected(page) == [8, 7, 3, 1]
    _box(page, 13).click()
    _box(page, 11).click(modifiers=["Shift"])
    assert _selected(page) == [13, 12, 11, 8, 7, 3, 1]
    expect(page.end).to_contain_text("7 scans selected.")
    assert page.page.evaluate("() => getSelection().toString()") == ""
    _cell(page, 5).click()
    assert _selected(page) == [5]


@BOTH
def test_the_keys_select_too(page: Scanlog) -> None:
    page.focus_rows()
    keys = page.page.keyboard
    for key in ("ArrowDown", "Space", "ArrowDown", "ArrowDown", "Space"):
        keys.press(key)
    assert _selected(page) == [12, 10]
    for key in ("Escape", "Home", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowDown", "Shift+ArrowUp"):
        keys.press(key)
    assert _selected(page) == [13, 12, 11]
    keys.press("Control+a")
    assert _selected(page) == list(range(13, 0, -1))
    expect(page.end).to_contain_text("13 scans selected.")
    keys.press("Escape")
    assert _selected(page) == []
    expect(page.end).not_to_contain_text("selected")
    keys.press("ArrowDown")
    keys.press("Shift+End")
    assert _selected(page) == list(range(10, 0, -1))


def test_all_that_are_shown_are_selected_by_the_box_above(page: Scanlog) -> None:
    box = page.grid.get_by_label("Select all 13 scans that are shown")
    _box(page, 3).click()
    assert box.evaluate("one => one.indeterminate")
    box.check()
    assert len(_selected(page)) == 13
    box.uncheck()
    assert _selected(page) == []


def test_opening_a_scan_takes_no_selection_away(page: Scanlog) -> None:
    _box(page, 3).click()
    _box(page, 4).click()
    page.row("scan 5:").get_by_role("button").click()
    expect(page.page.get_by_role("heading", name="scan 5:")).to_be_visible()
    assert _selected(page) == [4, 3]
    page.focus_rows()
    page.page.keyboard.press("Escape")
    expect(page.page.get_by_role("heading", name="scan 5:")).to_be_hidden()
    assert _selected(page) == [4, 3]


def test_what_is_selected_stays_while_scans_come_above_and_over_views_and_a_reload(
    page: Scanlog, api: Api
) -> None:
    _box(page, 3).click()
    _cell(page, 12).click(modifiers=["Control"])
    add(api, 20)
    page.page.get_by_role("button", name="1 new scan").click(timeout=SOON)
    expect(page.row("scan 20:")).to_be_visible()
    assert _selected(page) == [12, 3]
    page.focus_rows()
    page.page.keyboard.press("Space")  # the keys are still at scan 12, though it is a row lower now
    assert _selected(page) == [3]
    page.page.keyboard.press("Space")
    page.page.get_by_label("Text").fill("scan 1")
    page.page.get_by_label("Text").press("Enter")
    expect(page.end).to_contain_text("2 scans selected, 1 of them not among those shown.")
    page.page.reload()
    expect(page.end).to_contain_text("2 scans selected, 1 of them not among those shown.")
    page.page.get_by_role("button", name="All scans").click()
    expect(page.end).to_contain_text("2 scans selected.")


def test_it_is_said_to_who_cannot_see_it(page: Scanlog) -> None:
    expect(page.grid).to_have_attribute("aria-multiselectable", "true")
    _box(page, 3).click()
    expect(page.row("scan 3:")).to_have_attribute("aria-selected", "true")
    expect(page.row("scan 4:")).to_have_attribute("aria-selected", "false")
    expect(page.row("scan 3:").get_by_role("checkbox", name="Select scan 3:")).to_be_checked()
    assert page.violations() == []


def test_a_finger_selects_by_the_box(open_page: Open, catalogue: Catalogue) -> None:
    with open_page(viewport={"width": 768, "height": 1024}, has_touch=True, is_mobile=True) as page:
        page.log_in(*catalogue.passwords["scientist"])
        for number in (5, 3):
            _box(page, number).tap()
        assert _selected(page) == [5, 3]
        box = _box(page, 5).bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 43.5
