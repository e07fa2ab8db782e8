"""The logbooks and their entries, in memory, and what Elogy refuses."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any

from scizoo.simulation.elogy.html import Attached, cleaned
from scizoo.simulation.elogy.rules import Document, ElogyError, attributes_of, checked, condition

FOUND = 50  # entries of a list, unless `n` tells


@dataclass
class _Entry:
    """An entry, or a follow-up of one."""

    number: int
    logbook: int
    follows: int | None
    fields: Document
    created: datetime
    changed: datetime | None = None
    revision: int = 0
    attached: list[Attached] = field(default_factory=list)

    @property
    def archived(self) -> bool:
        return bool(self.fields.get("archived"))


class Logbooks:
    """What `/api` answers, without HTTP."""

    def __init__(self) -> None:
        self._logbooks: dict[int, Document] = {}
        self._entries: dict[int, _Entry] = {}
        self.files: dict[str, Attached] = {}

    def tree(self) -> Document:
        """Return the root, which is no logbook, with all below it."""
        names = (
            "name",
            "description",
            "template",
            "parent",
            "created_at",
            "attributes",
            "metadata",
            "archived",
        )
        return {"id": 0, **dict.fromkeys(names), "children": self._children(None)}

    def logbook(self, number: int) -> Document:
        """Return a logbook with those inside of it. Raises ElogyError."""
        if number not in self._logbooks:
            raise ElogyError(404, {"message": "Logbook does not exist!", "status": 404})
        found = self._logbooks[number]
        above = self._logbooks.get(found["parent"])
        parent = {"id": above["id"], "name": above["name"]} if above else None
        return {**found, "parent": parent, "children": self._children(number)}

    def add_logbook(self, body: Mapping[str, Any], parent: int | None = None) -> Document:
        """Make a logbook. Raises ElogyError."""
        if parent is not None:
            self.logbook(parent)
        number = len(self._logbooks) + 1
        attributes = [{"options": None, "required": False, **one} for one in body.get("attributes", [])]
        self._logbooks[number] = {
            "id": number,
            "name": body["name"],
            "description": body.get("description"),
            "template": body.get("template"),
            "parent": parent or body.get("parent_id"),
            "created_at": str(_now().replace(tzinfo=None)),
            "attributes": attributes,
            "metadata": body.get("metadata", {}),
            "archived": body.get("archived", False),
        }
        return self.logbook(number)

    def change_logbook(self, number: int, body: Mapping[str, Any]) -> Document:
        """Change what is given; without `parent_id` it is in no other any more. Raises ElogyError."""
        self.logbook(number)
        given = {name: body[name] for name in ("name", "description", "attributes") if name in body}
        place = {"parent": body.get("parent_id"), "archived": body.get("archived", False)}
        self._logbooks[number].update({**given, **place})
        return self.logbook(number)

    def entry(self, number: int) -> Document:
        """Return an entry with its follow-ups. Raises ElogyError."""
        found = self._entry(number)
        followups = [self.entry(one.number) for one in self._followups(number) if not one.archived]
        return {
            "id": number,
            "logbook": self.logbook(found.logbook),
            "title": None,
            "content": None,
            "metadata": {},
            "priority": 0,
            "archived": False,
            **found.fields,
            "authors": [{"login": None, "email": None, **one} for one in found.fields.get("authors", [])],
            "created_at": format_datetime(found.created),
            "last_changed_at": found.changed and format_datetime(found.changed),
            "attachments": [one.document(number) for number, one in enumerate(found.attached, 1)],
            "follows": found.follows,
            "n_followups": len(followups),
            "followups": followups,
            "revision_n": found.revision,
            "lock": None,
        }

    def entries(self) -> list[Document]:
        """Return all entries that follow no other, the latest first."""
        found = [one.number for one in self._entries.values() if one.follows is None and not one.archived]
        return [self.entry(number) for number in reversed(found)]

    def add_entry(self, logbook: int, body: Mapping[str, Any], follows: int | None = None) -> Document:
        """Store an entry, or a follow-up of another. Raises ElogyError."""
        wanted = self.logbook(logbook)["attributes"]
        if follows is not None:
            self._entry(follows)
        fields = checked(body)
        fields["attributes"] = attributes_of(wanted, body.get("attributes", {}))
        number = len(self._entries) + 1
        follows = follows or fields.pop("follows_id", None)
        made = _Entry(number, logbook, follows, {"content_type": "text/html", **fields}, _now())
        self._attach(made)
        self._entries[number] = made
        return self.entry(number)

    def change_entry(self, number: int, body: Mapping[str, Any]) -> Document:
        """Replace what is given, metadata as a whole, unless somebody else did before. Raises ElogyError."""
        entry = self._entry(number)
        fields = checked(body)
        if "revision_n" not in fields:
            raise ElogyError(400, {"message": "Missing 'revision_n' field!"})
        if fields.pop("revision_n") != entry.revision:
            message = f"Conflict: Entry {number} has been edited since you last loaded it!"
            raise ElogyError(409, {"message": message})
        entry.fields.update(fields)
        if "content" in fields:
            self._attach(entry)
        entry.revision, entry.changed = entry.revision + 1, _now()
        return self.entry(number)

    def found(self, logbook: int, query: Iterable[tuple[str, str]]) -> Document:
        """Return the entries that a query finds, the latest first. Raises ElogyError."""
        shown, asked = self.logbook(logbook), list(query)
        given = dict(asked)
        places = {logbook} if given.get("ignore_children") == "true" else set(_numbers(shown))
        tests = [condition(name, text) for name, text in asked if name in {"title", "content", "metadata"}]
        entries = [
            one
            for one in self._entries.values()
            if one.logbook in places
            and not one.archived
            and all(test(one.fields) for test in tests)
            and (tests or one.follows is None)
        ]
        entries.sort(key=lambda one: (one.changed or one.created).replace(microsecond=0), reverse=True)
        begin, count = int(given.get("offset", 0)), int(given.get("n", FOUND))
        return {"logbook": shown, "entries": [self._short(one) for one in entries[begin : begin + count]]}

    def _short(self, entry: _Entry) -> Document:
        whole = self.entry(entry.number)
        names = ("id", "title", "created_at", "last_changed_at", "attributes", "n_followups")
        text = re.sub(r"<[^>]*>", " ", whole["content"] or "").strip()
        return {
            **{name: whole[name] for name in names},
            "logbook": {name: whole["logbook"][name] for name in ("id", "name")},
            "content": text[:200],
            "authors": [one["name"] for one in whole["authors"]],
            "n_attachments": len(entry.attached),
        }

    def _attach(self, entry: _Entry) -> None:
        if entry.fields["content_type"].startswith("text/html") and entry.fields.get("content"):
            entry.fields["content"], attached = cleaned(entry.fields["content"], len(self.files))
            entry.attached += attached
            self.files.update({one.link: one for one in attached})

    def _entry(self, number: int) -> _Entry:
        if number not in self._entries:
            raise ElogyError(404, {"message": "Entry does not exist!", "status": 404})
        return self._entries[number]

    def _followups(self, number: int) -> list[_Entry]:
        return [one for one in self._entries.values() if one.follows == number]

    def _children(self, parent: int | None) -> list[Document]:
        found = [one for one in self._logbooks.values() if one["parent"] == parent and not one["archived"]]
        return [self.logbook(one["id"]) for one in found]


def _numbers(logbook: Document) -> Iterator[int]:
    yield logbook["id"]
    for one in logbook["children"]:
        yield from _numbers(one)


def _now() -> datetime:
    return datetime.now(timezone.utc)
