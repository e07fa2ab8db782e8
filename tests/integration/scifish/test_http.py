"""Requests to servers that are slow, broken, strange or not there: what is sent, and what is said."""

import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path

import pytest

from scifish.http import (
    HttpAddress,
    HttpClient,
    HttpFailure,
    HttpTooLarge,
    HttpUntrusted,
)
from scizoo.facility.processes import wait_until
from support.http_peer import OK, Peer, good, serving
from support.kafka.secure import certificates

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


def test_a_request_as_it_goes_out_and_its_answer() -> None:
    with serving(good) as server, HttpClient(f"{server.url}/base/", timeout=20) as client:
        path = "/a%2Eb/../%C3%A9?x=%2F&y=1"  # requests would make /é of it, without a.b
        answer = client.send("PATCH", path, headers={"authorization": "Bearer t"}, content=b'{"a": 1}')
        assert answer[:3] == (200, b"{}", None)
        (seen,) = server.seen
    head, _, body = seen.partition("\r\n\r\n")
    assert head.startswith(f"PATCH /base{path} HTTP/1.1\r\n")
    assert "authorization: Bearer t" in head
    assert body == '{"a": 1}'


@pytest.mark.parametrize(("status", "retry"), [(302, "5"), (404, ""), (503, "soon"), (429, "nan")])
def test_any_status_is_an_answer_and_no_redirect_is_followed(status: int, retry: str) -> None:
    def serve(peer: Peer) -> None:
        peer.request()
        lines = [f"HTTP/1.1 {status} X", "Location: /elsewhere", "Set-Cookie: a=1", f"Retry-After: {retry}"]
        peer.sock.sendall("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode())
        good(peer)

    with serving(serve) as server, HttpClient(server.url, timeout=20) as client:
        asked = float(retry) if retry.isdigit() else None
        assert client.send("GET", "/")[:3] == (status, b"", asked)
        assert len(server.seen) == 1
        client.send("GET", "/")
        assert "Cookie" not in server.seen[1]


def test_a_server_may_ask_to_wait_until_a_date() -> None:
    def serve(peer: Peer) -> None:
        peer.request()
        later = format_datetime(datetime.now(timezone.utc) + timedelta(seconds=100), usegmt=True)
        peer.sock.sendall(f"HTTP/1.1 503 X\r\nRetry-After: {later}\r\nContent-Length: 0\r\n\r\n".encode())

    with serving(serve) as server, HttpClient(server.url, timeout=20) as client:
        assert 50 < (client.send("GET", "/").retry_after or 0) <= 100


def test_connections_are_kept_and_shared_by_threads() -> None:
    with serving(good) as server, HttpClient(server.url, timeout=20, connections=2) as client:
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda _: client.send("GET", "/").status, range(40)))
        assert answers == [200] * 40
        assert server.connections <= 2


def once(peer: Peer) -> None:
    """Answer one request, then close without a word, when the next is on its way."""
    peer.request()
    peer.sock.sendall(OK)
    peer.request()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_a_kept_connection_lost_is_not_sent_again(method: str) -> None:
    """It may have arrived; the caller knows what a second one does."""
    with serving(once) as server, HttpClient(server.url, timeout=20) as client:
        client.send("GET", "/1")
        with pytest.raises(HttpFailure, match=r"^Remote end closed connection without response$"):
            client.send(method, "/2", content=b"x" if method == "POST" else None)
        assert [seen.split()[1] for seen in server.seen] == ["/1", "/2"]
        assert client.send("GET", "/3").status == 200


def test_a_kept_connection_that_the_server_has_closed_is_not_used() -> None:
    closed = threading.Event()

    def serve(peer: Peer) -> None:
        peer.request()
        peer.sock.sendall(OK)
        peer.sock.shutdown(socket.SHUT_RDWR)
        closed.set()

    with serving(serve) as server, HttpClient(server.url, timeout=20) as client:
        for _ in range(3):
            assert client.send("POST", "/", content=b"x").status == 200
            assert closed.wait(20)
            closed.clear()
        assert server.connections == 3


def test_a_connection_that_was_idle_is_not_used_again() -> None:
    """The server may close it just when the request comes, which is lost then."""
    with serving(good) as server, HttpClient(server.url, timeout=20, idle=0.5) as client:
        client.send("GET", "/")
        server.closing.wait(1.0)
        client.send("GET", "/")
        assert server.connections == 2
    with serving(good) as server, HttpClient(server.url, timeout=20, idle=60) as client:
        client.send("GET", "/")
        server.closing.wait(1.0)
        client.send("GET", "/")
        assert server.connections == 1


def silent(peer: Peer) -> None:
    peer.request()
    peer.server.closing.wait(60)


def broken(peer: Peer) -> None:
    peer.request()
    peer.sock.sendall(HEAD + b"half")


def test_half_an_answer_is_none() -> None:
    with serving(broken) as server, HttpClient(server.url, timeout=20) as client:
        with pytest.raises(HttpFailure, match=r"^the connection broke in the middle of the answer$"):
            client.send("GET", "/")
        assert len(server.seen) == 1


@pytest.mark.parametrize("status", ["200 OK", "302 Found\r\nLocation: /elsewhere"])
def test_an_answer_has_a_size(status: str) -> None:
    def endless(peer: Peer) -> None:
        peer.request()
        peer.sock.sendall(f"HTTP/1.1 {status}\r\nConnection: close\r\n\r\n".encode())
        while not peer.server.closing.is_set():
            peer.sock.sendall(b" " * 65536)

    with serving(endless) as server, HttpClient(server.url, timeout=60, largest=100_000) as client:
        with pytest.raises(HttpTooLarge, match=r"^the answer has more than 100000 bytes$"):
            client.send("GET", "/")
        assert len(server.seen) == 1


def test_what_is_no_http_is_not_sent_again() -> None:
    def serve(peer: Peer) -> None:
        peer.request()
        peer.sock.sendall(b"SSH-2.0-OpenSSH_9\r\n")

    with serving(serve) as server, HttpClient(server.url, timeout=20) as client:
        with pytest.raises(HttpFailure, match=r"^the answer is no HTTP \('SSH-2.0-OpenSSH_9'\)$"):
            client.send("GET", "/")
        assert len(server.seen) == 1


def test_a_connection_that_broke_is_not_used_again() -> None:
    """What is left of an answer must not be taken for the next one."""

    def serve(peer: Peer) -> None:
        while peer.request():
            peer.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000)

    with serving(serve) as server, HttpClient(server.url, timeout=20, largest=1000) as client:
        for _ in range(3):
            with pytest.raises(HttpTooLarge):
                client.send("GET", "/")
        assert server.connections == 3


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        HttpClient(f"http://127.0.0.1:{port}", timeout=20) as client,
        pytest.raises(HttpFailure, match=r"^Connection refused$"),
    ):
        client.send("GET", "/")


def test_what_is_said_is_not_of_another_error() -> None:
    """A request is also sent while another failure is dealt with."""
    with serving(once) as server, HttpClient(server.url, timeout=20) as client:
        client.send("GET", "/1")
        try:
            Path("/nowhere").read_text(encoding="utf-8")
        except OSError:
            with pytest.raises(HttpFailure, match=r"^Remote end closed connection without response$"):
                client.send("GET", "/2")


def test_nothing_is_sent_after_the_end_not_even_by_who_waits_for_a_connection() -> None:
    with serving(silent) as server, ThreadPoolExecutor(3) as threads:
        client = HttpClient(server.url, timeout=1, connections=1)
        asked = [threads.submit(client.send, "GET", "/") for _ in range(3)]
        wait_until(lambda: server.seen, "a request is on its way", 20)
        client.close()
        said = sorted(str(one.exception(20)) for one in asked)
        assert said == ["no answer within 1 s", *["the program ends; nothing more is sent"] * 2]
        assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("ftp://127.0.0.1", {}),
        ("http://", {}),
        ("http://a:b", {}),
        ("http://127.0.0.1:9", {"x": "secret\nb"}),
    ],
)
def test_what_is_no_address_is_said(url: str, headers: dict[str, str]) -> None:
    with HttpClient(url, timeout=5) as client, pytest.raises(HttpAddress) as caught:
        client.send("GET", "/", headers=headers)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["http_proxy", "all_proxy", "HTTP_PROXY"])
def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(good) as server, HttpClient(server.url, timeout=20) as client:
        assert client.send("GET", "/").status == 200


def test_passwords_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password secret")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(good) as server, HttpClient(server.url, timeout=20) as client:
        client.send("GET", "/")
        assert "uthorization" not in server.seen[0]


def test_whom_is_trusted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    authority, certificate = certificates(tmp_path)
    with serving(good, certificate) as server:
        with (
            HttpClient(server.url, timeout=20) as client,
            pytest.raises(HttpUntrusted, match=r"^CERTIFICATE_VERIFY_FAILED: ") as caught,
        ):
            client.send("GET", "/")
        assert "_ssl.c" not in str(caught.value)
        assert server.seen == []
        with HttpClient(server.url, timeout=20, ca_file=authority) as client:
            assert [client.send("GET", "/").status for _ in range(2)] == [200, 200]
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        with HttpClient(server.url, timeout=20) as client:
            assert client.send("GET", "/").status == 200


def test_ctrl_c_does_not_wait_for_an_answer() -> None:
    program = (
        "import sys; from scifish.http import HttpClient; "
        "HttpClient(sys.argv[1], timeout=600).send('GET', '/')"
    )
    with serving(silent) as server:
        child = subprocess.Popen(
            [sys.executable, "-c", program, server.url], stderr=subprocess.PIPE, text=True
        )
        try:
            wait_until(lambda: server.seen, "the request is on its way", 30)
            child.send_signal(signal.SIGINT)
            _, said = child.communicate(timeout=30)
        finally:
            child.kill()
    assert "KeyboardInterrupt" in said
