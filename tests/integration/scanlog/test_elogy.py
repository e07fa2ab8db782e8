"""Scans into the logbook: new entries and appended ones, once each, whatever happens on the way."""

from typing import Any

import pytest
from playwright.sync_api import Route, expect

from support.browser import PICTURE, Scanlog
from support.elogy import Elogy
from support.logbook_form import SHIFT, choose, form_of, select, write
from support.scicat.catalogue import Api, path_of

pytestmark = pytest.mark.usefixtures("scans")
BOTH = pytest.mark.parametrize("open_page", ["chromium", "firefox"], indirect=True)
PAGES = "https://elogy.example.org"


@pytest.fixture
def address(logbook_address: str) -> str:
    return logbook_address


@BOTH
def test_selected_scans_become_an_entry(page: Scanlog, books: Elogy) -> None:
    outer = books.logbook()
    book = books.logbook(parent=outer["id"], attributes=[SHIFT])
    books.logbook()
    select(page, 4, 7)
    form = form_of(page.page)
    expect(form.get_by_label("Title", exact=True)).to_have_value("Exported from Scanlog")
    choose(form, book)
    expect(form.get_by_label("Logbook", exact=True).get_by_role("option")).to_have_text(
        f"{outer['name']} / {book['name']}"
    )
    form.get_by_label("Shift (required)").select_option("night")
    write(form)
    [entry] = books.found(book)
    link = form.get_by_role("link", name=f"Entry {entry['id']}")
    expect(link).to_have_attribute("href", f"{PAGES}/logbooks/{book['id']}/entries/{entry['id']}")
    whole = books.whole(book, entry["id"])
    assert (whole["title"], whole["attributes"]) == ("Exported from Scanlog", {"Shift": "night"})
    assert [one["name"] for one in whole["authors"]] == ["scientist"]
    content = whole["content"]
    assert content.index("scan 7:") < content.index("scan 4:")
    for part in (
        "<th>Time (Europe/Stockholm)</th>",
        "2026-03-01 10:37:00",
        "https://scicat.example.org/datasets/",
    ):
        assert part in content
    assert "scan 5:" not in content


def test_the_same_scans_twice_make_one_entry_by_button_double_click_and_reload(
    page: Scanlog, books: Elogy
) -> None:
    book = books.logbook()
    select(page, 4, 7)
    form = form_of(page.page)
    choose(form, book)
    form.get_by_role("button", name="Write to the logbook").dblclick()
    expect(form).to_contain_text("Entry ")
    write(form, "These scans are there already; nothing was written.")
    page.page.reload()
    form = page.page.get_by_role("form", name="Logbook")
    write(form, "These scans are there already; nothing was written.")
    assert len(books.found(book)) == 1
    page.page.keyboard.press("Escape")
    select(page, 5)
    write(form_of(page.page))
    assert len(books.found(book)) == 2


def test_two_tabs_at_once_make_one_entry(page: Scanlog, books: Elogy) -> None:
    book = books.logbook()
    other = page.page.context.new_page()
    other.goto(page.address)
    expect(other.get_by_label("User name")).to_be_visible()  # a tab has a log-in of its own
    session = page.page.evaluate("() => ({...sessionStorage})")
    other.evaluate("(kept) => Object.assign(sessionStorage, kept)", session)
    other.reload()
    forms = []
    for tab in (page.page, other):
        tab.get_by_role("row").filter(has_text="scan 7:").locator(".mark").click()
        forms.append(form_of(tab))
        choose(forms[-1], book)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    for tab in (page.page, other):
        tab.route("**/elogy/api/logbooks/*/entries/", hold)
    for tab, form in zip((page.page, other), forms, strict=True):
        with tab.expect_request(lambda one: one.method == "POST"):
            form.get_by_role("button", name="Write to the logbook").click()
    for route in held:  # neither has seen the other's entry when it writes
        route.continue_()
    for form in forms:
        expect(form.get_by_role("link")).to_be_visible()
    [entry] = books.found(book)
    for form in forms:
        expect(form.get_by_role("link", name=f"Entry {entry['id']}")).to_be_visible()


def test_an_entry_whose_answer_was_lost_is_found_again(page: Scanlog, books: Elogy) -> None:
    book = books.logbook()
    select(page, 7)
    form = form_of(page.page)
    choose(form, book)

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.page.route("**/elogy/api/logbooks/*/entries/", lose, times=1)
    write(form, "The logbook cannot be reached: no connection. Try again")
    write(form, "These scans are there already")
    assert len(books.found(book)) == 1


@BOTH
def test_scans_are_appended_to_an_entry_once(page: Scanlog, books: Elogy) -> None:
    book = books.logbook()
    for title in ("Alignment (1)", "Night shift"):
        books.entry(book, title=title)
    first = books.found(book, title="Alignment")[0]
    select(page, 7)
    form = form_of(page.page)
    choose(form, book)
    form.get_by_label("Append to an entry").check()
    form.get_by_label("Search entries by title").press_sequentially("alignment (")
    expect(form.get_by_label("Append to", exact=True).get_by_role("option")).to_have_count(1)
    form.get_by_label("Append to", exact=True).select_option(str(first["id"]))
    form.get_by_label("Title", exact=True).clear()
    form.get_by_label("Title", exact=True).press_sequentially("more")
    write(form)
    write(form, "These scans are there already")
    [followup] = books.whole(book, first["id"])["followups"]
    assert followup["title"] == "more"
    assert "scan 7:" in followup["content"]
    form.get_by_label("New entry").check()
    write(form)  # an entry of its own is another place
    assert len(books.found(book)) == 3


def test_pictures_go_with_the_scans_on_request(
    page: Scanlog, books: Elogy, api: Api, scans: list[dict[str, Any]]
) -> None:
    api.post(f"{path_of(scans[3])}/attachments", {"ownerGroup": "x", "caption": "plot", "thumbnail": PICTURE})
    book = books.logbook()
    select(page, 3, 4)
    form = form_of(page.page)
    choose(form, book)
    form.get_by_label("With a picture of each scan").check()
    write(form)
    [entry] = books.found(book)
    whole = books.whole(book, entry["id"])
    [file] = whole["attachments"]
    assert file["content_type"].startswith("image/")
    assert file["link"] in whole["content"]
