"""The pages of the pretend Elogy; its API is held to the contract of a real one (tests/contract/elogy)."""

from scizoo.simulation.elogy.html import cleaned
from scizoo.simulation.elogy.logbooks import Logbooks
from scizoo.simulation.elogy.pages import page_of_entries, page_of_entry

ENTRY = {"title": "<b>shift</b>", "content": "<p>text</p>", "authors": [{"name": "Ada"}]}


def test_its_pages_show_entries_with_what_follows_them() -> None:
    logbooks = Logbooks()
    book = logbooks.add_logbook({"name": "B303A"})["id"]
    first = logbooks.add_entry(book, ENTRY)["id"]
    logbooks.add_entry(book, {**ENTRY, "title": "later"}, first)
    index = page_of_entries(logbooks.entries())
    assert index.count("<li>") == 1
    assert f'href="/logbooks/{book}/entries/{first}"' in index
    page = page_of_entry(logbooks.entry(first))
    assert "&lt;b&gt;shift&lt;/b&gt;" in page
    assert page.index("shift") < page.index("later")


def test_nothing_that_could_run_is_left() -> None:
    hostile = '<a href=" JavaScript:x()" onclick=x()>a</a><object><p>b</p></object>'
    hostile += '<img src="data:image/png;base64,!">c'
    text, attached = cleaned(hostile, 0)
    assert text == '<a>a</a><img src="data:image/png;base64,!"/>c'
    assert attached == []
