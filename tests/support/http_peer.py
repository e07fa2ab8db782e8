"""A server that does with each connection what a test tells it, byte by byte."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Serve = Callable[["Peer"], None]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Peer:
    """One connection at the server's side."""

    def __init__(self, sock: socket.socket, server: "Server") -> None:
        self.sock = sock
        self.server = server

    def request(self) -> str:
        """Read a request with its body; return it as text, nothing when the client has closed."""
        text = b""
        while b"\r\n\r\n" not in text:
            part = self.sock.recv(65536)
            if not part:
                return ""
            text += part
        head, _, body = text.partition(b"\r\n\r\n")
        size = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(body) < size:
            body += self.sock.recv(65536)
        self.server.seen.append((head + b"\r\n\r\n" + body).decode())
        return self.server.seen[-1]

    def drip(self, content: bytes) -> None:
        """Send a byte at a time, each well within the client's time-out."""
        for one in content:
            if self.server.closing.wait(0.05):
                return
            self.sock.sendall(bytes([one]))


class Server:
    """A server on a free port that does with each connection what it is told; `seen` has the requests."""

    def __init__(self, serve: Serve, certificate: Path | None = None) -> None:
        self.seen: list[str] = []
        self.connections = 0
        self.closing = threading.Event()
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._tls = certificate and ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self._tls and certificate:
            self._tls.load_cert_chain(certificate)
        scheme = "https" if certificate else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def run(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=(sock,), daemon=True).start()

    def close(self) -> None:
        self.closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _answer(self, sock: socket.socket) -> None:
        try:
            with self._tls.wrap_socket(sock, server_side=True) if self._tls else sock as ready:
                self._serve(Peer(ready, self))
        except OSError:  # the client has had enough
            return


@contextmanager
def serving(serve: Serve, certificate: Path | None = None) -> Iterator[Server]:
    server = Server(serve, certificate)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        yield server
    finally:
        server.close()


def good(peer: Peer) -> None:
    """Answer each request."""
    while peer.request():
        peer.sock.sendall(OK)
