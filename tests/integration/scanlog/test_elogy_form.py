"""The form of the logbook: what is refused, what is kept until it is sent, what is hostile."""

import contextlib

import pytest
from playwright.sync_api import Route, expect

from support.browser import Open, Scanlog
from support.elogy import Elogy
from support.logbook_form import KINDS, SHIFT, choose, form_of, select, write
from support.scans import add, quantity
from support.scicat.catalogue import Api, Catalogue

pytestmark = pytest.mark.usefixtures("scans")
MARKUP = "<img src=x onerror=\"window.broken='markup'\"><script>window.broken='script'</script>"


@pytest.fixture
def address(logbook_address: str) -> str:
    return logbook_address


def test_what_is_not_sent_is_there_after_a_reload(page: Scanlog, books: Elogy) -> None:
    book = books.logbook(attributes=[SHIFT, KINDS])
    select(page, 3, 4)
    form = form_of(page.page)
    choose(form, book)
    form.get_by_label("Title", exact=True).fill("not sent yet")
    form.get_by_label("Shift (required)").select_option("day")
    form.get_by_label("b", exact=True).check()
    page.page.reload()
    expect(page.page.get_by_role("dialog", name="Export")).to_contain_text("The 2 selected scans.")
    form = page.page.get_by_role("form", name="Logbook")
    expect(form.get_by_label("Title", exact=True)).to_have_value("not sent yet")
    expect(form.get_by_label("b", exact=True)).to_be_checked()
    write(form)
    [entry] = books.found(book)
    assert books.whole(book, entry["id"])["attributes"] == {"Shift": "day", "Kinds": ["b"]}
    page.page.reload()
    expect(page.page.get_by_role("form", name="Logbook").get_by_label("Title", exact=True)).to_have_value(
        "Exported from Scanlog"
    )


def test_what_the_logbook_asks_for_and_refuses_is_said(page: Scanlog, books: Elogy) -> None:
    book = books.logbook(attributes=[KINDS])
    select(page, 3)
    form = form_of(page.page)
    choose(form, book)
    write(form, "The logbook asks for: Kinds.")
    form.get_by_label("a", exact=True).check()
    later = {"name": book["name"], "attributes": [KINDS, SHIFT]}
    assert books.ask("PUT", f"{book['id']}/", later).status_code == 200
    write(form, "The logbook refuses this (422): missing required attributes {'Shift'}")
    assert books.found(book) == []


def test_a_logbook_that_is_away_is_said_and_asked_again(page: Scanlog, books: Elogy) -> None:
    book = books.logbook()
    select(page, 3)
    page.page.route("**/elogy/**", lambda route: route.abort())
    form = form_of(page.page)
    expect(form.get_by_role("alert")).to_contain_text("The logbook cannot be reached: no connection")
    page.page.unroute("**/elogy/**")
    form.get_by_role("button", name="Try again").click()
    choose(form, book)
    page.page.route("**/elogy/**", lambda route: route.fulfill(status=502, body='{"message": "refused"}'))
    write(form, "The logbook cannot be reached: refused. Try again: nothing is written twice.")
    page.page.unroute("**/elogy/**")
    write(form)


def test_whatever_metadata_hold_is_text_in_the_logbook(page: Scanlog, books: Elogy, api: Api) -> None:
    hostile = {MARKUP: {MARKUP: quantity(MARKUP, MARKUP)}, "a": {"b": "\u202eabc\x07"}}
    add(api, 40, comment=MARKUP, scientificMetadata=hostile)
    page.page.reload()
    page.row("scan 40:").get_by_role("button").click()
    details = page.page.get_by_role("region", name="The scan")
    expect(details).to_contain_text(MARKUP)
    for _ in range(2):
        details.get_by_role("button", name="as column").first.click()
    book = books.logbook(name=f"{MARKUP} book")
    select(page, 40)
    form = form_of(page.page)
    form.get_by_label("Logbook", exact=True).select_option(str(book["id"]))
    write(form)
    [entry] = books.found(book)
    content = books.whole(book, entry["id"])["content"]
    assert "&lt;script&gt;" in content
    assert "<script" not in content
    assert "<img" not in content
    assert page.page.evaluate("() => window.broken ?? null") is None


def test_the_token_of_scicat_is_not_sent_to_the_logbook(page: Scanlog, books: Elogy) -> None:
    sent: list[dict[str, str]] = []
    page.page.on("request", lambda one: sent.append(one.headers) if "/elogy/" in one.url else None)
    book = books.logbook()
    select(page, 3)
    form = form_of(page.page)
    choose(form, book)
    write(form)
    assert len(sent) >= 4
    assert not [one for one in sent if "authorization" in one]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_wrong_in_the_form(
    open_page: Open, catalogue: Catalogue, books: Elogy, theme: str
) -> None:
    book = books.logbook(attributes=[SHIFT, KINDS])
    books.entry(book, attributes={"Shift": "day", "Kinds": ["a"]})
    with open_page(color_scheme=theme) as page:
        page.log_in(*catalogue.passwords["scientist"])
        form = form_of(page.page)
        choose(form, book)
        form.get_by_label("Append to an entry").check()
        expect(form.get_by_label("Append to", exact=True).get_by_role("option")).to_have_count(1)
        assert page.violations() == []


def test_a_guest_is_told_to_log_in(open_page: Open) -> None:
    with open_page() as page:
        page.page.goto(page.address)
        page.page.get_by_role("button", name="Public data, without log-in").click()
        expect(page.grid).to_be_visible()
        page.page.get_by_role("button", name="Export").click()
        expect(page.page.get_by_role("dialog", name="Export")).to_contain_text(
            "Log in to write to the logbook"
        )


def test_more_scans_than_an_entry_takes_are_refused_before_anything_is_written(
    page: Scanlog, books: Elogy
) -> None:
    book = books.logbook()
    pids = [f"20.500.12345/{number}" for number in range(501)]
    filling = "(pids) => {const key = Object.keys(sessionStorage).find((one) => one.includes('selection'));"
    filling += "sessionStorage[key] = JSON.stringify(pids)}"
    select(page, 3)
    page.page.evaluate(filling, pids)

    def found(route: Route) -> None:
        with contextlib.suppress(ValueError):
            route.fulfill(json=[{"pid": pid} for pid in pids if pid.replace("/", "%2F") in route.request.url])

    page.page.reload()
    expect(page.row("scan 3:")).to_be_visible()
    page.page.route(lambda url: "%22inq%22" in url, found)
    form = form_of(page.page)
    choose(form, book)
    write(form, "An entry takes 500 scans, these are")
    assert books.found(book) == []
