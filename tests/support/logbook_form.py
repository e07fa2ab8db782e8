"""The form of the logbook in Scanlog's page, as tests fill it in."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from support.browser import Scanlog

SHIFT = {"name": "Shift", "type": "option", "required": True, "options": ["day", "night"]}
KINDS = {"name": "Kinds", "type": "multioption", "required": True, "options": ["a", "b"]}
Book = dict[str, Any]


def select(page: Scanlog, *numbers: int) -> None:
    for number in numbers:
        page.row(f"scan {number}:").locator(".mark").click()


def form_of(page: Page) -> Locator:
    page.get_by_role("button", name="Export").click()
    return page.get_by_role("form", name="Logbook")


def choose(form: Locator, book: Book) -> None:
    form.get_by_label("Search logbooks").press_sequentially(book["name"])
    form.get_by_label("Logbook", exact=True).select_option(str(book["id"]))


def write(form: Locator, said: str = "Written.") -> None:
    form.get_by_role("button", name="Write to the logbook").click()
    expect(form).to_contain_text(said)
