"""An address that answers what no office does: a redirect, and more than fits in memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sdm import OfficeUnavailable
from sdm.httpjson import MAX_BYTES, HttpJson
from sdm.settings import HttpSettings

CHUNK = b" " * 2**20


class Answers(BaseHTTPRequestHandler):
    """Redirects /moved to /here; sends without an end from /endless; counts the secrets it is shown."""

    seen: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("X-API-SECRET")))
        self.send_response(302 if self.path == "/moved" else 200)
        if self.path == "/moved":
            self.send_header("Location", "/here")
        self.end_headers()
        try:
            while self.path == "/endless":
                self.wfile.write(CHUNK)
        except OSError:  # the client has had enough
            return

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def server() -> Iterator[tuple[HttpJson, list[tuple[str, str | None]]]]:
    seen: list[tuple[str, str | None]] = []
    handler = type("Handler", (Answers,), {"seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        settings = HttpSettings.model_validate(
            {"url": f"http://127.0.0.1:{running.server_port}", "timeout": 20, "wait": 0.01}
        )
        yield HttpJson(settings, lambda: {"X-API-SECRET": "token"}), seen
        running.shutdown()


def test_a_redirect_is_not_followed_with_the_token() -> None:
    with server() as (http, seen), pytest.raises(OfficeUnavailable, match="302; check the address"):
        http.get("/moved")
    assert seen == [("/moved", "token")]  # nor tried again


def test_an_answer_without_an_end_is_given_up() -> None:
    with server() as (http, seen), pytest.raises(OfficeUnavailable, match=f"more than {MAX_BYTES} bytes"):
        http.get("/endless")
    assert len(seen) == 1
