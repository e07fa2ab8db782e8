"""Requests to SciCat: kept connections, the token, the circuit breaker, and errors of our own kind."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from scicow.breaker import Breaker
from scicow.errors import CatalogueUnavailable, LoginRefused, MessageUnfit
from scicow.ingest_settings import ScicatSettings
from scicow.scicat_answer import answer_of
from scicow.scicat_login import PasswordLogin, TokenFile
from scicow.token import Token, TokenKeeper

JSON = "application/json"


class ScicatSession:
    """One SciCat backend; thread-safe. Close it, or use it in a `with`."""

    def __init__(self, settings: ScicatSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._http = httpx.Client(
            base_url=settings.url.rstrip("/"),
            timeout=httpx.Timeout(settings.timeout, connect=settings.connect_timeout),
            limits=httpx.Limits(
                max_connections=settings.connections, max_keepalive_connections=settings.connections
            ),
        )
        self.breaker = Breaker(settings.breaker, clock=clock)
        self.tokens = TokenKeeper(self._way_in(), retry=settings.login_retry, clock=clock)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> "ScicatSession":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> Any:
        """Send a request and return the JSON of the answer. Raises a CatalogueError.

        `repeatable`: it may be sent a second time when the connection broke, as a kept connection does when
        the server restarts.
        """
        request = self._http.build_request(
            method,
            path,
            content=self._content(body),
            params=params,
            headers={"content-type": JSON, **(headers or {})},
        )
        response = self._authorized(request, repeatable)
        if response.status_code == 401:
            response = self._authorized(request, repeatable)
            if response.status_code == 401:
                raise LoginRefused(
                    f"SciCat refuses a new token ({request.method} {request.url.path}): account blocked?",
                    self._settings.login_retry,
                )
        return answer_of(response)

    def _way_in(self) -> Callable[[], Token]:
        if self._settings.token_file is not None:
            return TokenFile(self._settings.token_file, self._settings.login_retry)
        return PasswordLogin(self._http, self._settings)

    def _content(self, body: Any) -> bytes | None:
        if body is None:
            return None
        content = json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
        if len(content) > self._settings.body_limit:
            raise MessageUnfit(
                f"a request of {len(content)} bytes is more than SciCat takes ({self._settings.body_limit}, "
                "setting scicat.body_limit)"
            )
        return content

    def _authorized(self, request: httpx.Request, repeatable: bool) -> httpx.Response:
        self.breaker.admit()
        try:
            token = self.tokens.get()
            request.headers["authorization"] = f"Bearer {token}"
            response = self._sent(request, repeatable)
        except LoginRefused:
            self.breaker.succeeded()  # SciCat works; it is the account that does not
            raise
        except BaseException:
            self.breaker.failed()
            raise
        if response.status_code >= 500:
            self.breaker.failed()
        else:
            self.breaker.succeeded()
        if response.status_code == 401:
            self.tokens.refused(token)
        return response

    def _sent(self, request: httpx.Request, repeatable: bool) -> httpx.Response:
        try:
            return self._http.send(request)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
            if not repeatable:
                raise _unavailable(request, error) from error
        except httpx.TransportError as error:
            raise _unavailable(request, error) from error
        try:
            return self._http.send(request)
        except httpx.TransportError as error:
            raise _unavailable(request, error) from error


def _unavailable(request: httpx.Request, error: httpx.TransportError) -> CatalogueUnavailable:
    return CatalogueUnavailable(
        f"SciCat {request.method} {request.url.path}: {type(error).__name__} {error}".rstrip()
    )
