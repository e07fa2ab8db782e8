"""A request has an end, whatever the server does: it says nothing, drips, reads slowly or is not there."""

import socket
import time

import pytest

from scifish.http import HttpClient, HttpTimeout
from support.http_peer import OK, Peer, Serve, serving

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


def silent(peer: Peer) -> None:
    peer.request()
    peer.server.closing.wait(60)


def headers_drip(peer: Peer) -> None:
    peer.request()
    peer.drip(HEAD)


def body_drips(peer: Peer) -> None:
    peer.request()
    peer.sock.sendall(HEAD)
    peer.drip(b"x" * 1000)


@pytest.mark.parametrize(
    ("serve", "said"),
    [
        (silent, "no answer within 0.5 s"),
        (headers_drip, "no answer within 0.5 s"),
        (body_drips, "the answer is not complete after 0.5 s"),
    ],
)
def test_a_request_has_an_end(serve: Serve, said: str) -> None:
    with serving(serve) as server, HttpClient(server.url, timeout=0.5) as client:
        begun = time.monotonic()
        with pytest.raises(HttpTimeout, match=f"^{said}$"):
            client.send("GET", "/")
        assert 0.5 <= time.monotonic() - begun < 10  # the drips would take 50 s
        assert len(server.seen) == 1


def test_a_large_request_may_take_longer() -> None:
    def serve(peer: Peer) -> None:
        peer.request()
        peer.server.closing.wait(1.0)
        peer.sock.sendall(OK)

    with serving(serve) as server, HttpClient(server.url, timeout=0.2, connect_timeout=0.2) as client:
        assert client.send("GET", "/", longer=30).status == 200
        with pytest.raises(HttpTimeout):
            client.send("GET", "/")


def test_a_server_that_reads_slowly_has_the_whole_time_and_not_that_of_the_connection() -> None:
    def serve(peer: Peer) -> None:
        peer.server.closing.wait(1.0)  # nothing of it is read meanwhile
        peer.request()
        peer.sock.sendall(OK)

    content = b"x" * 20_000_000  # more than the sockets' buffers
    with serving(serve) as server, HttpClient(server.url, timeout=60, connect_timeout=0.3) as client:
        assert client.send("POST", "/", content=content).status == 200


def test_a_connection_that_is_not_made_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        others = [socket.socket() for _ in range(4)]  # who fill the queue, which nobody empties
        for other in others:
            other.setblocking(False)
            other.connect_ex(address)
        with HttpClient(f"http://127.0.0.1:{address[1]}", timeout=60, connect_timeout=0.3) as client:
            begun = time.monotonic()
            with pytest.raises(HttpTimeout, match=r"^no connection in time$"):
                client.send("GET", "/")
            assert time.monotonic() - begun < 20
        for other in others:
            other.close()


def test_a_kept_connection_has_the_whole_time_to_send() -> None:
    """Not what was left of the time of its last answer."""

    def serve(peer: Peer) -> None:
        peer.request()
        peer.server.closing.wait(3.5)
        peer.sock.sendall(OK[:-2])
        peer.server.closing.wait(0.1)
        peer.sock.sendall(OK[-2:])
        peer.server.closing.wait(2.2)  # nothing of the second is read meanwhile
        peer.request()
        peer.sock.sendall(OK)

    with serving(serve) as server, HttpClient(server.url, timeout=5) as client:
        assert client.send("GET", "/").status == 200
        assert client.send("POST", "/", content=b"x" * 20_000_000, longer=60).status == 200
        assert server.connections == 1
