"""Addresses that answer what no office does, and the way there: no proxy, the system's authorities."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sdm import OfficeUnavailable
from sdm.offices.http import MAX_BYTES, HttpJson
from sdm.settings import OfficeHttpSettings
from support.kafka.secure import certificates

CHUNK = b" " * 2**20


class Answers(BaseHTTPRequestHandler):
    """Redirects /moved; sends without an end from /endless, a list from /list; counts the secrets it sees."""

    seen: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers.get("X-API-SECRET")))
        self.send_response(302 if self.path == "/moved" else 200)
        if self.path == "/moved":
            self.send_header("Location", "/here")
        self.end_headers()
        try:
            if self.path == "/list":
                self.wfile.write(b"[1]")
            while self.path == "/endless":
                self.wfile.write(CHUNK)
        except OSError:  # the client has had enough
            return

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def server(certificate: Path | None = None) -> Iterator[tuple[HttpJson, list[tuple[str, str | None]]]]:
    seen: list[tuple[str, str | None]] = []
    handler = type("Handler", (Answers,), {"seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as running:
        scheme = "http"
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            running.socket = context.wrap_socket(running.socket, server_side=True)
            scheme = "https"
        threading.Thread(target=running.serve_forever, daemon=True).start()
        settings = OfficeHttpSettings.model_validate(
            {"url": f"{scheme}://127.0.0.1:{running.server_port}", "timeout": 20, "wait": 0.01}
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


@pytest.mark.parametrize(
    ("name", "proxy"),
    [
        ("all_proxy", "socks5://127.0.0.1:9"),
        ("http_proxy", "ftp://127.0.0.1:9"),
        ("http_proxy", "http://127.0.0.1:9"),
    ],
)
def test_proxies_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, name: str, proxy: str
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(name, proxy)
    with server() as (http, _):
        assert http.get("/list") == [1]


def test_the_systems_authorities_can_be_named_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority, certificate = certificates(tmp_path)
    with server(certificate) as (http, seen):
        with pytest.raises(OfficeUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
            http.get("/list")
        assert seen == []
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        assert http.get("/list") == [1]
