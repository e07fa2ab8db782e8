"""What Scanlog takes for granted of Elogy: the pretend one holds it and, with ELOGY_URL, a real one."""

import pytest
import requests

from support.browser import PICTURE
from support.elogy import ADA, Elogy
from support.scicat.catalogue import unique

SHIFT = {"name": "Shift", "type": "option", "required": True, "options": ["day", "night"]}
OTHERS = [
    {"name": "count", "type": "number", "required": False},
    {"name": "beam", "type": "boolean", "required": False},
    {"name": "kinds", "type": "multioption", "required": False, "options": ["a", "b"]},
    {"name": "remark", "type": "text", "required": False},
]


def test_the_list_has_every_logbook_with_those_inside_and_their_attributes(book: Elogy) -> None:
    outer = book.logbook()
    inner = book.logbook(parent=outer["id"], description="of a proposal", attributes=[SHIFT])
    root = book.ask("GET", "").json()["logbook"]
    assert root["id"] == 0
    [found] = [one for one in root["children"] if one["id"] == outer["id"]]
    [child] = found["children"]
    assert (child["id"], child["name"], child["description"]) == (inner["id"], inner["name"], "of a proposal")
    [attribute] = child["attributes"]
    assert attribute == SHIFT
    assert book.ask("GET", f"{inner['id']}/").json()["logbook"]["parent"]["id"] == outer["id"]


def test_a_logbook_that_is_archived_is_in_no_list(book: Elogy) -> None:
    outer = book.logbook()
    inner = book.logbook(parent=outer["id"])
    book.ask("PUT", f"{inner['id']}/", {"name": inner["name"], "parent_id": outer["id"], "archived": True})
    assert book.ask("GET", f"{outer['id']}/").json()["logbook"]["children"] == []


def test_an_entry_is_stored_with_its_metadata(book: Elogy) -> None:
    logbook = book.logbook()
    made = book.entry(logbook, title="Ä & <b>", metadata={"scanlog": "a1"}, content_type="text/html")
    found = book.whole(logbook, made["id"])
    assert (found["title"], found["metadata"], found["revision_n"]) == ("Ä & <b>", {"scanlog": "a1"}, 0)
    assert found["authors"] == [{"name": "Ada", "login": "ada", "email": None}]
    assert (found["follows"], found["logbook"]["id"], found["archived"]) == (None, logbook["id"], False)


def test_tables_and_links_are_kept_and_scripts_are_not(book: Elogy) -> None:
    logbook = book.logbook()
    content = (
        "<table><tr><th>Scan</th></tr><tr><td>"
        '<a href="https://x.org/a" onclick="run()">1 &lt; 2</a></td></tr>'
        "</table><script>run()</script><p>after</p>"
    )
    kept = book.whole(logbook, book.entry(logbook, content=content)["id"])["content"]
    for part in ("<table>", "<th>Scan</th>", 'href="https://x.org/a"', "1 &lt; 2", "<p>after</p>"):
        assert part in kept
    assert "run()" not in kept


def test_a_picture_in_the_text_becomes_a_file(book: Elogy) -> None:
    logbook = book.logbook()
    made = book.entry(logbook, content=f'<p><img src="{PICTURE}"></p>')
    found = book.whole(logbook, made["id"])
    [file] = found["attachments"]
    assert "data:" not in found["content"]
    assert file["link"] in found["content"]
    answer = requests.get(f"{book.url}{file['link']}", timeout=30)
    assert answer.headers["Content-Type"].startswith("image/png")
    assert answer.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("body", [{"authors": []}, {"title": 5, "authors": ADA}], ids=["authors", "title"])
def test_what_is_wrong_is_refused_and_named(book: Elogy, body: dict[str, object]) -> None:
    logbook = book.logbook()
    answer = book.ask("POST", f"{logbook['id']}/entries/", {"title": "x", "content": "x", **body})
    assert answer.status_code == 422
    assert list(answer.json()["messages"]) == ["authors" if not body["authors"] else "title"]
    assert book.found(logbook) == []


def test_a_required_attribute_is_asked_for_in_entries_and_follow_ups(book: Elogy) -> None:
    logbook = book.logbook(attributes=[SHIFT])
    first = book.entry(logbook, attributes={"Shift": "day"})
    for path in (f"{logbook['id']}/entries/", f"{logbook['id']}/entries/{first['id']}/"):
        answer = book.ask("POST", path, {"title": "x", "content": "x", "authors": ADA})
        assert answer.status_code == 422
        assert "Shift" in answer.json()["messages"]["attributes"][0]
    assert len(book.found(logbook)) == 1


def test_attributes_are_kept_as_their_kind_and_what_does_not_fit_is_left_out(book: Elogy) -> None:
    logbook = book.logbook(attributes=OTHERS)
    right = {"count": 2.5, "beam": True, "kinds": ["a", "b"], "remark": "x"}
    made = book.entry(logbook, attributes={**right, "unknown": 1})
    assert book.whole(logbook, made["id"])["attributes"] == right
    made = book.entry(logbook, attributes={"count": "many"})
    assert book.whole(logbook, made["id"])["attributes"] == {}


def test_entries_are_found_by_metadata_in_their_logbook_alone(book: Elogy) -> None:
    mark = unique("mark")
    outer = book.logbook()
    inner = book.logbook(parent=outer["id"])
    entry = book.entry(inner, metadata={"scanlog": mark})
    book.entry(inner, metadata={"scanlog": "other"})
    book.entry(inner)
    assert [one["id"] for one in book.found(inner, metadata=f"scanlog:{mark}")] == [entry["id"]]
    assert [one["id"] for one in book.found(outer, metadata=f"scanlog:{mark}")] == [entry["id"]]
    assert book.found(outer, metadata=f"scanlog:{mark}", ignore_children="true") == []


def test_a_follow_up_is_found_by_its_metadata_and_tells_what_it_follows(book: Elogy) -> None:
    logbook = book.logbook()
    first = book.entry(logbook, title="first")
    second = book.entry(logbook, first["id"], title="second", metadata={"scanlog": "b2"})
    assert [one["id"] for one in book.found(logbook, metadata="scanlog:b2")] == [second["id"]]
    assert book.whole(logbook, second["id"])["follows"] == first["id"]
    assert [one["id"] for one in book.found(logbook)] == [first["id"]]
    assert [one["title"] for one in book.whole(logbook, first["id"])["followups"]] == ["second"]


def test_titles_are_searched_by_a_pattern(book: Elogy) -> None:
    logbook = book.logbook()
    for title in ("Alignment (1)", "Night shift"):
        book.entry(logbook, title=title)
    assert [one["title"] for one in book.found(logbook, title=r"alignment \(1\)")] == ["Alignment (1)"]
    assert len(book.found(logbook, n="1")) == 1
    assert book.ask("GET", f"{logbook['id']}/entries/", title="(").status_code == 500


def test_an_entry_is_archived_by_who_knows_its_revision_and_keeps_the_rest(book: Elogy) -> None:
    logbook = book.logbook()
    made = book.entry(logbook, metadata={"scanlog": "c3"})
    path = f"{logbook['id']}/entries/{made['id']}/"
    assert book.ask("PUT", path, {"archived": True}).status_code == 400
    assert book.ask("PUT", path, {"archived": True, "revision_n": 0}).status_code == 200
    assert book.found(logbook, metadata="scanlog:c3") == []
    found = book.whole(logbook, made["id"])
    assert (found["archived"], found["title"], found["metadata"]) == (True, "entry", {"scanlog": "c3"})
    assert book.ask("PUT", path, {"title": "late", "revision_n": 0}).status_code == 409


def test_metadata_are_replaced_as_a_whole(book: Elogy) -> None:
    logbook = book.logbook()
    made = book.entry(logbook, metadata={"a": 1})
    path = f"{logbook['id']}/entries/{made['id']}/"
    assert book.ask("PUT", path, {"revision_n": 0, "metadata": {"b": 2}}).status_code == 200
    assert book.whole(logbook, made["id"])["metadata"] == {"b": 2}


def test_what_is_not_there_is_said(book: Elogy) -> None:
    for path in ("999999/", "999999/entries/"):
        answer = book.ask("GET", path)
        assert answer.status_code == 404
        assert answer.json()["message"] == "Logbook does not exist!"
    answer = book.ask("GET", f"{book.logbook()['id']}/entries/999999/")
    assert (answer.status_code, answer.json()["message"]) == (404, "Entry does not exist!")


def test_what_is_not_called_json_is_stored_as_an_empty_entry(book: Elogy) -> None:
    logbook = book.logbook()
    answer = requests.post(
        f"{book.url}/api/logbooks/{logbook['id']}/entries/",
        data='{"title": "x"}',
        headers={"Content-Type": "text/plain"},
        timeout=30,
    )
    assert answer.status_code == 200
    assert answer.json()["entry"]["title"] is None
