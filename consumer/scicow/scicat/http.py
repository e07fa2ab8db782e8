"""Requests to SciCat's server, with errors of our own kind. Knows nothing of SciCat."""

import threading

from scicow.errors import CatalogueUnavailable
from scicow.scicat.answer import CatalogueAnswer
from scicow.settings.catalogue import ScicatSettings
from scifish.http import HttpClient, HttpFailure, HttpUntrusted
from sdm.scicat.account import HttpRequest

LARGEST = 256_000_000  # bytes of an answer: more is no SciCat's, and would take the host's memory
_ADVICE = "; name the authority that signed its certificate in scicat.ca_file"


class Http:
    """Connections to SciCat's server, shared by all threads. Raises CatalogueUnavailable."""

    def __init__(
        self,
        settings: ScicatSettings,
        *,
        timeout: float | None = None,
        connections: int | None = None,
        largest: int = LARGEST,
    ) -> None:
        self._largest = largest
        self._settings = settings
        self._timeout = timeout or settings.timeout
        self._connections = connections or settings.connections
        self._lock = threading.Lock()
        self._client: HttpClient | None = None
        self._closed = False

    def send(self, request: HttpRequest) -> CatalogueAnswer:
        """Send a request, once, and return the answer, whatever its status."""
        method, path, headers, content, longer = request
        try:
            answer = self._opened().send(method, path, headers=headers, content=content, longer=longer)
        except HttpFailure as error:
            advice = _ADVICE if isinstance(error, HttpUntrusted) else ""
            text = f"{request}: {error} ({self._settings.url}){advice}"
            raise CatalogueUnavailable(text) from error
        return CatalogueAnswer(str(request), answer.status, answer.content, answer.retry_after)

    def close(self) -> None:
        """Close the connections, those in use when their request has ended; no other request is sent."""
        with self._lock:
            self._closed = True
            if self._client is not None:
                self._client.close()

    def _opened(self) -> HttpClient:
        """Return the client; a file of authorities that cannot be used is tried again with each request."""
        with self._lock:
            if self._closed:
                raise CatalogueUnavailable("SciCat: SciCow ends; nothing more is sent")
            if self._client is None:
                self._client = self._new()
            return self._client

    def _new(self) -> HttpClient:
        settings = self._settings
        try:
            return HttpClient(
                settings.url,
                timeout=self._timeout,
                connect_timeout=min(self._timeout, settings.connect_timeout),
                connections=self._connections,
                ca_file=settings.ca_file,
                largest=self._largest,
            )
        except OSError as error:
            why = error.strerror or error
            text = f"{settings.ca_file} holds no authority that can be used ({why}); correct scicat.ca_file"
            raise CatalogueUnavailable(f"SciCat: {text}") from error
