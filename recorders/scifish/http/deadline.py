"""An adapter of requests whose answers come whole within the time of their request.

urllib3 gives each read the whole time-out, so a server that sends a byte a second would keep us for hours.
Here each read gets what is left of it.
"""

import http.client
import io
import socket
import ssl
import time
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class _TimedReads(io.RawIOBase):
    """What a socket receives, until `end` of the monotonic clock."""

    def __init__(self, received: io.RawIOBase, sock: socket.socket, end: float) -> None:
        super().__init__()
        self._received = received
        self._sock = sock
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._sock.settimeout(left)
        count: int | None = self._received.readinto(buffer)
        return count

    def close(self) -> None:
        self._received.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """A response that is read within the time-out that its socket has when it begins."""

    def __init__(self, sock: socket.socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        timeout = sock.gettimeout()
        if timeout is not None:
            received: Any = self.fp.detach()
            self.fp = io.BufferedReader(_TimedReads(received, sock, time.monotonic() + timeout))


class _Timed:
    """A connection that is made within `connect_timeout` seconds, and used again within `idle` seconds."""

    response_class = _TimedResponse
    connect_timeout: float | None = None
    idle = 0.0
    answered = 0.0  # when the last answer came

    @property
    def is_connected(self) -> bool:
        """Tell whether urllib3 may use the connection again; else it makes a new one."""
        connected: bool = super().is_connected  # type: ignore[misc]  # of HTTPConnection
        return connected and time.monotonic() - self.answered < self.idle

    def getresponse(self) -> Any:
        response = super().getresponse()  # type: ignore[misc]  # of HTTPConnection
        self.answered = time.monotonic()
        return response

    def connect(self) -> None:
        connection: Any = self
        whole = connection.timeout
        connection.timeout = min(whole, self.connect_timeout or whole)
        try:
            super().connect()  # type: ignore[misc]  # of HTTPConnection
        finally:
            connection.timeout = whole
        connection.sock.settimeout(whole)


class DeadlineAdapter(HTTPAdapter):
    """Connections to one server, checked by `context` alone: not by the authorities that requests brings."""

    def __init__(
        self, connections: int, connect_timeout: float | None, idle: float, context: ssl.SSLContext | None
    ) -> None:
        self._limits = {"connect_timeout": connect_timeout, "idle": idle}
        self._context = context
        super().__init__(pool_connections=1, pool_maxsize=connections)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Make the pools with our connections; called by requests."""
        super().init_poolmanager(*arguments, ssl_context=self._context, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": self._pool(HTTPConnectionPool, HTTPConnection),
            "https": self._pool(HTTPSConnectionPool, HTTPSConnection),
        }

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Ask for a certificate; called by requests, which would add certifi's authorities here."""
        conn.cert_reqs = "CERT_REQUIRED"

    def _pool(self, pool: type, connection: type) -> type:
        timed = type(connection.__name__, (_Timed, connection), self._limits)
        return type(pool.__name__, (pool,), {"ConnectionCls": timed})
