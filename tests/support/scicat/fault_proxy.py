"""An HTTP proxy that spoils requests on demand, between SciCow and its catalogue."""

import http.client
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

Plan = Callable[[str, str, int], str | None]
HOP = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive", "host"})


class FaultProxy(ThreadingHTTPServer):
    """Passes requests on, unless `plan(method, path, number)` names a fault:

    `500`, `429`, `401`: that answer, nothing is passed on; `refuse`: the connection is closed, nothing is
    passed on; `lost`: passed on, but the connection is closed in place of the answer; `cut`: passed on, and
    half of the answer comes; `hang`: nothing at all until `release` is set; `late`: as `hang`, but passed on
    then, when the client has long gone; `wait`: as `late`, but the client gets its answer.
    """

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream)
        self.scheme = "http"
        self.plan: Plan = lambda _method, _path, _number: None
        self.retry_after = "0"
        self.dropped: frozenset[str] = frozenset()  # headers that are not passed on
        self.release = threading.Event()
        self.unanswered = threading.Event()  # something was carried out that the client did not hear of
        self.seen: list[tuple[str, str]] = []
        self.faults: Counter[str] = Counter()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Return the address that a client uses."""
        return f"{self.scheme}://127.0.0.1:{self.server_address[1]}"

    def secure(self, certificate: Path) -> None:
        """Speak TLS from now on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.scheme, self.socket = "https", context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that was killed has closed its connection."""

    def fault(self, method: str, path: str) -> str | None:
        """Count a request and return its fault."""
        with self._lock:
            self.seen.append((method, path.partition("?")[0]))
            number = len(self.seen)
        fault = self.plan(method, path, number)
        with self._lock:
            self.faults[fault or "none"] += 1
        return fault

    def count(self, method: str, path: str) -> int:
        """Return how many requests of this method had this text in their path."""
        return sum(one == method and path in where for one, where in list(self.seen))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultProxy
    disable_nagle_algorithm = True

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        fault = self.server.fault(self.command, self.path)
        if fault in ("hang", "late", "wait"):
            self.server.release.wait(60)
        if fault in ("hang", "refuse"):
            self.close_connection = True
        elif fault is not None and fault.isdigit():
            retry = {"retry-after": self.server.retry_after}
            self._answer(int(fault), {"content-type": "application/json", **retry}, b'{"message":"injected"}')
        else:
            self._pass_on(body, fault)

    def _pass_on(self, body: bytes, fault: str | None) -> None:
        upstream = self.server.upstream
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        connection = kinds[upstream.scheme](str(upstream.hostname), upstream.port, timeout=60)
        try:
            left = HOP | self.server.dropped
            headers = {name: value for name, value in self.headers.items() if name.lower() not in left}
            connection.request(self.command, upstream.path + self.path, body, headers)
            response = connection.getresponse()
            content = response.read()
            kept = {name: value for name, value in response.getheaders() if name.lower() not in HOP}
        except OSError:
            self.close_connection = True
            return
        finally:
            connection.close()
        if fault in ("lost", "late"):
            self.close_connection = True
            self.server.unanswered.set()
            return
        self._answer(response.status, kept, content, half=fault == "cut")

    def _answer(self, status: int, headers: dict[str, str], content: bytes, *, half: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if half else content)
        self.close_connection = self.close_connection or half

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    do_GET = do_POST = do_PATCH = do_DELETE = _handle  # noqa: N815 - the base class's names


@contextmanager
def fault_proxy(upstream: str, certificate: Path | None = None) -> Iterator[FaultProxy]:
    """Run a proxy before `upstream`; with a `certificate` (PEM, its key in it) it speaks https."""
    with FaultProxy(upstream) as proxy:
        if certificate is not None:
            proxy.secure(certificate)
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.release.set()
            proxy.shutdown()
            thread.join()
