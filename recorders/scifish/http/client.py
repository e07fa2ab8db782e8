"""Plain HTTP to one server, over requests: a time limit for the whole request, errors in plain words.

Needs the package requests, of the extras `office` and `consumer`. Redirects are not followed, for they would
take the token along; proxies and passwords of the environment are not used: the server is one of the site.
"""

import json
import ssl
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import requests
from urllib3.exceptions import HTTPError
from urllib3.util import Timeout

from scifish.http.deadline import DeadlineAdapter
from scifish.http.failures import HttpTimeout, HttpTooLarge, HttpUnanswered, failure

LARGEST = 64 * 2**20
_CHUNK = 64 * 2**10


class HttpAnswer(NamedTuple):
    """An answer as it came; `retry_after`: seconds that the server asks to wait."""

    status: int
    content: bytes
    retry_after: float | None = None

    @property
    def ok(self) -> bool:
        """Tell whether what was asked was done: any status of 200 to 299."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Return the JSON of the body. Raises ValueError."""
        return json.loads(self.content)


class HttpClient:
    """Connections to the server at `url`, shared by all threads. Close it, or use it in a `with`.

    Who finds all `connections` in use waits for one; that is not counted.

    `timeout`: seconds for a request as a whole; `connect_timeout`: of these for the connection. `ca_file`:
    the authority of the server's certificate; none: the system's, or those of SSL_CERT_FILE, SSL_CERT_DIR.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        connect_timeout: float | None = None,
        connections: int = 4,
        ca_file: Path | None = None,
        largest: int = LARGEST,
    ) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._largest = largest
        self._context = _context(ca_file) if url.lower().startswith("https:") else None
        self._kept = self._connections(connections)

    def send(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        longer: float = 0.0,
        kept: bool = True,
    ) -> HttpAnswer:
        """Send a request and return the answer, whatever its status. Raises HttpFailure.

        The path goes out as it is. `longer`: seconds that it may take beside the time-out. `kept`: it may go
        through a kept connection, and a second time when that broke, as it does when the server restarts;
        what may not be done twice gets a connection of its own.
        """
        end = time.monotonic() + self._timeout + longer
        request = self._prepared(method, path, headers, content)
        if not kept:
            own = self._connections(1)
            try:
                return self._once(own, request, end)
            finally:
                own.close()
        try:
            return self._once(self._kept, request, end)
        except HttpUnanswered:
            return self._once(self._kept, request, end)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._kept.close()

    def __enter__(self) -> "HttpClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connections(self, count: int) -> DeadlineAdapter:
        return DeadlineAdapter(count, self._connect_timeout, self._context)

    def _prepared(
        self, method: str, path: str, headers: Mapping[str, str] | None, content: bytes | None
    ) -> requests.PreparedRequest:
        try:
            request = requests.Request(method, self._url, headers=dict(headers or {}), data=content).prepare()
        except (requests.RequestException, ValueError) as error:
            raise failure(error, self._timeout) from error
        request.url = self._url + path  # requests would write %2E as a dot, and take dots as steps
        return request

    def _once(self, adapter: DeadlineAdapter, request: requests.PreparedRequest, end: float) -> HttpAnswer:
        # Not through a session, which reads the whole of a redirect's body whatever its size.
        left = end - time.monotonic()
        if left <= 0:
            raise HttpTimeout(f"no answer within {self._timeout:g} s")
        limit: Any = Timeout(total=left)  # requests takes it as it is
        try:
            with adapter.send(request, stream=True, timeout=limit) as response:
                content = self._read(response)
        except (requests.RequestException, HTTPError, ValueError, OSError) as error:
            raise failure(error, self._timeout) from error
        return HttpAnswer(response.status_code, content, _seconds(response.headers.get("Retry-After")))

    def _read(self, response: requests.Response) -> bytes:
        content = bytearray()
        for chunk in response.iter_content(_CHUNK):
            content += chunk
            if len(content) > self._largest:
                raise HttpTooLarge(f"the answer has more than {self._largest} bytes")
        return bytes(content)


def _context(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


def _seconds(written: str | None) -> float | None:
    """Return Retry-After in seconds; one that is a date is not used."""
    return float(written) if written and written.isdecimal() else None
