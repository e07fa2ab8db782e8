"""Requests to SciCat: JSON, the token, the circuit breaker."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic_core import to_json

from scicow.breaker import Breaker
from scicow.errors import LoginRefused, MessageUnfit
from scicow.ingest_settings import ScicatSettings
from scicow.scicat_answer import Answer
from scicow.scicat_http import Http
from scicow.scicat_login import PasswordLogin, TokenFile
from scicow.token import Token, TokenKeeper

JSON = "application/json"


class ScicatSession:
    """One SciCat backend; thread-safe. Close it, or use it in a `with`."""

    def __init__(self, settings: ScicatSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._http = Http(
            settings.url,
            timeout=settings.timeout,
            connect_timeout=settings.connect_timeout,
            connections=settings.connections,
            ca_file=settings.ca_file,
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
        self, method: str, path: str, body: Any = None, *, params: Mapping[str, str] | None = None
    ) -> Any:
        """Send a request and return the JSON of the answer. Raises a CatalogueError."""
        query = f"?{urlencode(params)}" if params else ""
        return self.send(method, path + query, body).json()

    def documents(self, path: str, params: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Return the JSON objects of a list. Raises a CatalogueError."""
        query = f"?{urlencode(params)}" if params else ""
        return self.send("GET", path + query).documents()

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
    ) -> Answer:
        """Send a request and return the answer, of which 401 alone has been dealt with.

        `repeatable`: it may be sent a second time when the connection broke. Raises CatalogueError.
        """
        content = self._content(body)
        every = {"content-type": JSON, **(headers or {})}
        answer = self._authorized(method, path, every, content, repeatable)
        if answer.status == 401:  # the token has expired or was revoked: once more with a new one
            answer = self._authorized(method, path, every, content, repeatable)
        if answer.status == 401:
            text = f"{answer.request}: SciCat refuses a new token, too; is the account blocked?"
            raise LoginRefused(text, self._settings.login_retry)
        return answer

    def _way_in(self) -> Callable[[], Token]:
        if self._settings.token_file is not None:
            return TokenFile(self._settings.token_file, self._settings.login_retry)
        return PasswordLogin(self._http, self._settings)

    def _content(self, body: Any) -> bytes | None:
        if body is None:
            return None
        content = to_json(body)
        if len(content) > self._settings.body_limit:
            raise MessageUnfit(
                f"a request of {len(content)} bytes is more than SciCat takes ({self._settings.body_limit}, "
                "setting scicat.body_limit)"
            )
        return content

    def _authorized(
        self, method: str, path: str, headers: dict[str, str], content: bytes | None, repeatable: bool
    ) -> Answer:
        self.breaker.admit()
        try:
            token = self.tokens.get()
            headers["authorization"] = f"Bearer {token}"
            answer = self._http.send(method, path, headers, content, repeatable=repeatable)
        except LoginRefused:
            self.breaker.succeeded()  # SciCat works; it is the account that does not
            raise
        except BaseException:  # Ctrl-C too: else a probe would count as under way for ever
            self.breaker.failed()
            raise
        if answer.status >= 500:
            self.breaker.failed()
        else:
            self.breaker.succeeded()
        if answer.status == 401:
            self.tokens.refused(token)
        return answer
