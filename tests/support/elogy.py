"""A logbook: the real Elogy that ELOGY_URL names, else the pretend one as a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from support.scicat.catalogue import unique

COMMAND = [sys.executable, "-m", "scizoo.simulation.elogy", "--port", "0"]
ADA = [{"name": "Ada", "login": "ada"}]


@dataclass
class Elogy:
    """A logbook server; logbooks that a test made are archived by `clean`."""

    url: str
    made: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, method: str, path: str, body: object = None, **query: str) -> requests.Response:
        address = f"{self.url}/api/logbooks/{path}"
        return requests.request(method, address, json=body, params=query, timeout=30)

    def logbook(self, name: str = "", parent: int | None = None, **fields: Any) -> dict[str, Any]:
        """Make a logbook."""
        path = "" if parent is None else f"{parent}/"
        answer = self.ask("POST", path, {"name": name or unique("logbook"), **fields})
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()["logbook"]
        self.made.append(made)
        return made

    def entry(self, logbook: dict[str, Any], follows: int | None = None, **fields: Any) -> dict[str, Any]:
        """Make an entry, or a follow-up."""
        path = f"{logbook['id']}/entries/" + ("" if follows is None else f"{follows}/")
        answer = self.ask(
            "POST", path, {"title": "entry", "content": "<p>text</p>", "authors": ADA, **fields}
        )
        assert answer.status_code == 200, answer.text
        made: dict[str, Any] = answer.json()["entry"]
        return made

    def whole(self, logbook: dict[str, Any], entry: int) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("GET", f"{logbook['id']}/entries/{entry}/").json()["entry"]
        return found

    def found(self, logbook: dict[str, Any], **query: str) -> list[dict[str, Any]]:
        """Return the entries that a query finds."""
        answer = self.ask("GET", f"{logbook['id']}/entries/", **query)
        assert answer.status_code == 200, answer.text
        entries: list[dict[str, Any]] = answer.json()["entries"]
        return entries

    def clean(self) -> None:
        for one in reversed(self.made):
            parent = (one["parent"] or {}).get("id")
            self.ask("PUT", f"{one['id']}/", {"name": one["name"], "parent_id": parent, "archived": True})


@contextmanager
def pretend_elogy() -> Iterator[Elogy]:
    """Run the pretend Elogy on a free port."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("elogy: listening on http://"), line
            yield Elogy(line.rpartition(" ")[2].strip())
        finally:
            process.terminate()
            assert process.wait(timeout=20) == 0


@contextmanager
def elogy() -> Iterator[Elogy]:
    """Give the real one, where the environment names it, else the pretend one."""
    url = os.environ.get("ELOGY_URL", "")
    if url:
        yield Elogy(url.rstrip("/").removesuffix("/api"))
        return
    with pretend_elogy() as pretended:
        yield pretended
