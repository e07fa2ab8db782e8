"""Hints over HTTP: what is told, who may listen, and that a listener who hangs holds up nobody."""

import http.client
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timezone
from ipaddress import ip_network

import pytest

from scicow.dead_letters.receipts import Receipt, State
from scicow.health import HealthServer, application
from scicow.hints import HintingReceipts, within
from scicow.metrics import Metrics
from scifish.http.events import KEPT, Broadcast, EventStream
from scizoo.facility.processes import wait_until

TIME = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
LOCAL = within([ip_network("127.0.0.0/8")])


class Kept:
    """Receipts that are durable at once."""

    def send(self, receipt: Receipt, then: Callable[[], None]) -> None:
        then()

    def flush(self, timeout: float) -> None:
        pass


@contextmanager
def asked(address: str, **headers: str) -> Iterator[http.client.HTTPResponse]:
    with closing(http.client.HTTPConnection(address, timeout=20)) as connection:
        connection.request(
            "GET", "/hints", headers={name.replace("_", "-"): one for name, one in headers.items()}
        )
        with connection.getresponse() as answer:
            yield answer


class Server:
    """A SciCow's HTTP with its hints."""

    def __init__(self, most: int = 3, patience: float = 20.0, alive: float = 15.0) -> None:
        self.broadcast = Broadcast(most)
        self.metrics = Metrics()
        self.receipts = HintingReceipts(Kept(), self.broadcast, self.metrics)
        stream = EventStream(self.broadcast, LOCAL, patience=patience, alive=alive)
        app = application(dict, dict, self.metrics, stream)
        self.http = HealthServer(app, "127.0.0.1", 0)
        self.http.start()

    @property
    def port(self) -> int:
        return int(self.http.address.rpartition(":")[2])

    @contextmanager
    def listen(self) -> Iterator[http.client.HTTPResponse]:
        with asked(self.http.address) as answer:
            yield answer

    def catalogued(self, number: int, state: State = "catalogued") -> None:
        one = Receipt(
            pid=f"p{number}", state=state, dataset_pid=f"20.500/P{number}", reason="secret", time=TIME
        )
        self.receipts.send(one, lambda: None)

    def close(self) -> None:
        self.broadcast.close()
        self.http.stop()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def told(answer: http.client.HTTPResponse) -> str:
    """Return the next event's data."""
    line = answer.readline()
    while not line.startswith(b"data: "):
        assert line, "the stream ended"
        line = answer.readline()
    return line[6:].decode().strip()


def until_told(answer: http.client.HTTPResponse, name: str) -> None:
    """Read events until one holds `name`."""
    while name not in told(answer):
        pass


def test_a_hint_holds_the_pid_and_the_time_and_nothing_else(server: Server) -> None:
    with server.listen() as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        wait_until(lambda: server.broadcast.listening() == 1, "it listens", 20)
        server.catalogued(1, "quarantined")
        server.catalogued(2)
        assert json.loads(told(answer)) == {"pid": "20.500/P2", "time": "2026-03-01T09:30:00.000Z"}
    assert b"scicow_hints_total 1.0" in server.metrics.text()


def test_who_goes_is_forgotten(server: Server) -> None:
    with server.listen():
        wait_until(lambda: server.broadcast.listening() == 1, "it listens", 20)
    wait_until(lambda: server.broadcast.listening() == 0, "it is forgotten", 20)


def test_more_than_allowed_are_sent_away(server: Server) -> None:
    def status() -> int:
        with server.listen() as answer:
            return answer.status

    with ExitStack() as stack:
        for _ in range(3):
            assert stack.enter_context(server.listen()).status == 200
        with server.listen() as answer:
            assert answer.status == 503
            assert answer.headers["Retry-After"]
    wait_until(lambda: status() == 200, "there is room again", 20)


def test_a_listener_that_hangs_holds_up_neither_who_tells_nor_others() -> None:
    server = Server(patience=1.0)
    try:
        with socket.socket() as hanging:
            hanging.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            hanging.connect(("127.0.0.1", server.port))
            hanging.sendall(b"GET /hints HTTP/1.1\r\nHost: x\r\n\r\n")
            wait_until(lambda: server.broadcast.listening() == 1, "it listens", 20)
            with server.listen() as other, ThreadPoolExecutor(1) as pool:
                wait_until(lambda: server.broadcast.listening() == 2, "the other listens", 20)
                heard = pool.submit(until_told, other, "P7")  # all the time: who reads slowly is let go too

                def let_go() -> bool:
                    begin = time.monotonic()
                    for _ in range(KEPT):
                        server.broadcast.announce("x" * 20_000)
                    assert time.monotonic() - begin < 10  # not the patience for each
                    return server.broadcast.listening() == 1

                try:
                    wait_until(let_go, "the one that hangs is let go", 60)
                finally:
                    server.catalogued(7)
                heard.result(20)
    finally:
        server.close()


def test_the_server_ends_at_once_though_somebody_listens(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with server.listen() as answer:
        wait_until(lambda: server.broadcast.listening() == 1, "it listens", 20)
        server.close()
        assert "timeout graceful shutdown exceeded" not in caplog.text  # uvicorn waits for 2 s
        assert b"here" in answer.read()


def test_silence_is_told() -> None:
    server = Server(alive=0.05)
    try:
        with server.listen() as answer:
            assert [answer.readline() for _ in range(4)][2:] == [b": alive\n", b"\n"]
    finally:
        server.close()


@pytest.mark.parametrize(
    ("host", "allowed"),
    [("127.0.0.1", True), ("127.3.2.1", True), ("::ffff:127.0.0.1", True), ("10.0.0.1", False), ("", False)],
)
def test_who_may_listen_is_told_by_the_address(host: str, allowed: bool) -> None:
    assert LOCAL(host) is allowed


def test_who_may_not_is_refused() -> None:
    stream = EventStream(Broadcast(1), within([ip_network("10.0.0.0/8")]))
    server = HealthServer(application(dict, dict, Metrics(), stream), "127.0.0.1", 0)
    server.start()
    try:
        for headers in ({}, {"X_Forwarded_For": "10.0.0.1"}):
            with asked(server.address, **headers) as answer:
                assert (answer.status, answer.read()) == (403, b"127.0.0.1 may not listen here\n")
    finally:
        server.stop()


def test_without_the_setting_there_are_no_hints() -> None:
    server = HealthServer(application(dict, dict, Metrics()), "127.0.0.1", 0)
    server.start()
    try:
        with asked(server.address) as answer:
            assert answer.status == 404
    finally:
        server.stop()
