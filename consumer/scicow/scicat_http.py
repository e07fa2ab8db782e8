"""Plain HTTP to one server: kept connections, time-outs, errors of our own kind. Knows nothing of SciCat."""

from collections.abc import Mapping

import urllib3

from scicow.errors import CatalogueUnavailable
from scicow.scicat_answer import Answer


class Http:
    """Connections to the server at `url`, shared by all threads. Raises CatalogueUnavailable.

    urllib3, for it takes half of httpx's processor time for a request, and the ingest makes little else.
    """

    def __init__(self, url: str, *, timeout: float, connect_timeout: float, connections: int) -> None:
        parsed = urllib3.util.parse_url(url)
        self._prefix = (parsed.path or "").rstrip("/")
        self._pool = urllib3.connection_from_url(
            url,
            maxsize=connections,
            block=True,
            timeout=urllib3.Timeout(connect=connect_timeout, read=timeout),
            retries=False,
        )

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: bytes | None = None,
        *,
        repeatable: bool = False,
    ) -> Answer:
        """Send a request and return the answer, whatever its status.

        `repeatable`: it is sent a second time when the connection broke, as a kept one does when the server
        restarts.
        """
        try:
            return self._once(method, path, headers, content)
        except urllib3.exceptions.ProtocolError as error:
            if not repeatable:
                raise _unavailable(method, path, error) from error
        except urllib3.exceptions.HTTPError as error:
            raise _unavailable(method, path, error) from error
        try:
            return self._once(method, path, headers, content)
        except urllib3.exceptions.HTTPError as error:
            raise _unavailable(method, path, error) from error

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def _once(self, method: str, path: str, headers: Mapping[str, str], content: bytes | None) -> Answer:
        response = self._pool.urlopen(
            method, self._prefix + path, body=content, headers=headers, redirect=False, retries=False
        )
        return Answer(f"SciCat {method} {_bare(path)}", response.status, response.headers, response.data)


def _bare(path: str) -> str:
    """Return a path without its query, which is long and says little."""
    return path.partition("?")[0]


def _unavailable(method: str, path: str, error: urllib3.exceptions.HTTPError) -> CatalogueUnavailable:
    return CatalogueUnavailable(f"SciCat {method} {_bare(path)}: {type(error).__name__} {error}".rstrip())
