"""A TCP relay before a server, whose answers it can hold back."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from scizoo.facility.processes import HOST

CHUNK = 65536


class SlowRelay:
    """Passes connections on to a port of this host; each piece of an answer comes `delay` seconds later."""

    def __init__(self, target: int) -> None:
        self.delay = 0.0
        self._target = target
        self._closed = threading.Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]

    def run(self) -> None:
        """Take connections until it is closed."""
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection((HOST, self._target))
                self._sockets += [client, server]
                for source, sink, slow in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pass, args=(source, sink, slow), daemon=True).start()

    def close(self) -> None:
        """End all connections."""
        self._closed.set()
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _pass(self, source: socket.socket, sink: socket.socket, slow: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(CHUNK):
                if slow and self.delay:
                    self._closed.wait(self.delay)
                sink.sendall(piece)
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def slow_relay(target: int) -> Iterator[SlowRelay]:
    """Give a relay that runs; at first it is as quick as the server."""
    relay = SlowRelay(target)
    thread = threading.Thread(target=relay.run)
    thread.start()
    try:
        yield relay
    finally:
        relay.close()
        thread.join()
