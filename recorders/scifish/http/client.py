"""Plain HTTP to one server, over requests: a time limit for the whole request, errors in plain words.

Needs the package requests, of the extras `office` and `consumer`. Redirects are not followed, for they would
take the token along; proxies and passwords of the environment are not used: the server is one of the site.
"""

import json
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import requests
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util import Retry, Timeout

from scifish.http.deadline import DeadlineAdapter
from scifish.http.failures import HttpFailure, HttpTooLarge, failure

LARGEST = 64 * 2**20
IDLE = 3.0
_CHUNK = 64 * 2**10


class HttpAnswer(NamedTuple):
    """An answer as it came; `retry_after`: seconds that the server asks to wait."""

    status: int
    content: bytes
    retry_after: float | None = None
    headers: Mapping[str, str] = MappingProxyType({})

    @property
    def ok(self) -> bool:
        """Tell whether what was asked was done: any status of 200 to 299."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the JSON of the body. Raises ValueError."""
        return json.loads(self.content)


class HttpClient:
    """Connections to the server at `url`, shared by all threads. Close it, or use it in a `with`.

    Each request is sent once: who asks knows what a second one does, and repeats it. A kept connection that
    the server has closed, as when it starts again, is found out before it is used. Who finds all
    `connections` in use waits for one; that is not counted.

    `timeout`: seconds for a request as a whole; `connect_timeout`: of these for the connection. `idle`:
    seconds that an unused connection is kept: Node, uvicorn and Apache close one after 5 s, and lose what
    comes at that moment. `ca_file`: the authority of the server's certificate; none: the system's, or
    those of SSL_CERT_FILE, SSL_CERT_DIR.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        connect_timeout: float | None = None,
        connections: int = 4,
        idle: float = IDLE,
        ca_file: Path | None = None,
        largest: int = LARGEST,
    ) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._largest = largest
        context = ssl.create_default_context(cafile=ca_file) if url.lower().startswith("https:") else None
        self._free = threading.Semaphore(connections)
        self._adapter = DeadlineAdapter(connections, connect_timeout, idle, context)
        self._closed = False

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        longer: float = 0.0,
    ) -> HttpAnswer:
        """Send a request and return the answer, whatever its status. Raises HttpFailure.

        The path goes out as it is. `longer`: seconds that it may take beside the time-out.
        """
        request = self._prepared(method, path, headers, content)
        with self._free:
            if self._closed:
                raise HttpFailure("the program ends; nothing more is sent")
            return self._sent(request, self._timeout + longer)

    def close(self) -> None:
        """Close the connections, those in use when their request has ended; no other request is sent."""
        self._closed = True
        self._adapter.close()

    def __enter__(self) -> "HttpClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _prepared(
        self, method: str, path: str, headers: Mapping[str, str] | None, content: bytes | None
    ) -> requests.PreparedRequest:
        request = requests.PreparedRequest()
        request.url = self._url + path  # requests would write %2E as a dot, and take dots as steps
        request.prepare_method(method)
        try:
            request.prepare_headers(dict(headers or {}))
        except (requests.RequestException, ValueError) as error:
            raise failure(error, self._timeout) from error
        request.prepare_body(content, None)
        return request

    def _sent(self, request: requests.PreparedRequest, seconds: float) -> HttpAnswer:
        limit: Any = Timeout(total=seconds)  # requests takes it as it is
        try:
            # Not through a session, which reads the whole of a redirect's body whatever its size.
            with self._adapter.send(request, stream=True, timeout=limit) as response:
                content = self._read(response)
        except (requests.RequestException, HTTPError, ValueError, OSError) as error:
            raise failure(error, self._timeout) from error
        headers = response.headers
        return HttpAnswer(response.status_code, content, _seconds(headers.get("Retry-After")), headers)

    def _read(self, response: requests.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if len(content) > self._largest:
                raise HttpTooLarge(f"the answer has more than {self._largest} bytes")
        return bytes(content)


def _seconds(written: str | None) -> float | None:
    """Return Retry-After in seconds, which may be a date; None for what is neither."""
    try:
        return Retry().parse_retry_after(written) if written else None
    except InvalidHeader:
        return None
