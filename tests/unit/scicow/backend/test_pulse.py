"""A catalogue that takes connections and never answers is noticed, and so is its return."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scicow.backend.pulse import Pulse
from scicow.settings.catalogue import ScicatSettings


def pulse(url: str, tmp_path: Path) -> Pulse:
    (tmp_path / "password").write_text("x")
    settings = ScicatSettings(url=url, username="u", password_file=tmp_path / "password")
    return Pulse(settings, limit=0.5)


def look(one: Pulse) -> str | None:
    one.look()
    return one.trouble()


@contextmanager
def answering(status: int) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_a_catalogue_that_never_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with closing(pulse(url, tmp_path)) as one:
            assert one.trouble() is None
            trouble = look(one)
    assert trouble is not None
    assert trouble.startswith(f"{url} does not answer: SciCat GET /api/v3/health: ")
    assert trouble.endswith("; start SciCat, or see its log")


def test_a_catalogue_that_is_away(tmp_path: Path) -> None:
    with closing(pulse("http://127.0.0.1:9", tmp_path)) as one:
        assert "http://127.0.0.1:9 does not answer" in (look(one) or "")


@pytest.mark.parametrize("status", [200, 401, 404, 500, 503])
def test_any_answer_is_one(status: int, tmp_path: Path) -> None:
    """A path that SciCat has not, or a check of its own that fails, says nothing of datasets."""
    with answering(status) as url, closing(pulse(url, tmp_path)) as one:
        one._trouble = "it was away"
        assert look(one) is None


@pytest.mark.parametrize("status", [502, 504])
def test_a_proxy_s_word_that_nobody_answers(status: int, tmp_path: Path) -> None:
    with answering(status) as url, closing(pulse(url, tmp_path)) as one:
        assert "its proxy gets no answer" in (look(one) or "")
