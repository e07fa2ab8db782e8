"""Requests to SciCat: JSON, the token, the circuit breaker."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic_core import to_json

from scicow.errors import LoginRefused, MessageUnfit
from scicow.scicat.answer import CatalogueAnswer
from scicow.scicat.breaker import Breaker
from scicow.scicat.document_size import check_room
from scicow.scicat.http import Http
from scicow.scicat.login import PasswordLogin, TokenFile
from scicow.scicat.token import HeldToken, TokenKeeper
from scicow.settings.catalogue import ScicatSettings

JSON = "application/json"
WHOAMI = "/api/v3/auth/whoami"


class ScicatSession:
    """One SciCat backend; thread-safe. Close it, or use it in a `with`."""

    def __init__(self, settings: ScicatSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._http = Http(settings)
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
        held: int = 0,
    ) -> CatalogueAnswer:
        """Send a request and return the answer; an expired token is renewed once.

        `held`: bytes of the dataset that it changes, which SciCat works through as a whole. Raises
        CatalogueError.
        """
        content = self._content(body)
        every = {"content-type": JSON, **(headers or {})}
        longer = max(len(content or b""), held) / 1e6 * self._settings.timeout_per_megabyte
        for _ in range(2):  # the second time with a new token
            answer, token = self._authorized(method, path, every, content, longer=longer)
            if not self._is_dead(answer, token):
                return answer
        raise self._refused(answer)

    def whoami(self) -> str:
        """Return the name of the account that the token stands for. Raises CatalogueError."""
        for _ in range(2):
            answer, token = self._authorized("GET", WHOAMI, {})
            if name := _account(answer):
                return name
            self.tokens.refused(token)
        raise self._refused(answer)

    def _is_dead(self, answer: CatalogueAnswer, token: str) -> bool:
        """Tell whether the token is the cause: to an expired one SciCat answers 403, as to a missing right.

        Then the next request logs in again. Raises CatalogueError.
        """
        if answer.status == 403:
            answer, _ = self._authorized("GET", WHOAMI, {}, token=token)
            dead = _account(answer) is None
        else:
            dead = answer.status == 401
        if dead:
            self.tokens.refused(token)
        return dead

    def _refused(self, answer: CatalogueAnswer) -> LoginRefused:
        text = f"{answer.request}: SciCat refuses a new token, too ({answer.status}); is the account blocked?"
        return LoginRefused(text, self._settings.login_retry)

    def _way_in(self) -> Callable[[], HeldToken]:
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
        check_room(body, len(content))
        return content

    def _authorized(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        content: bytes | None = None,
        *,
        longer: float = 0.0,
        token: str | None = None,
    ) -> tuple[CatalogueAnswer, str]:
        """Send a request with the given token, else the current one; return the answer and the token."""
        self.breaker.admit()
        try:
            token = token or self.tokens.get()
            every = {**headers, "authorization": f"Bearer {token}"}
            answer = self._http.send(method, path, every, content, longer=longer)
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
        return answer, token


def _account(answer: CatalogueAnswer) -> str | None:
    """Return the account's name in the answer to WHOAMI, None for a dead token: 200 and nothing, or 401."""
    if answer.status in (401, 403):
        return None
    if answer.status == 404:  # a gateway hides it: then a 403 is believed
        return "not told"
    said = answer.json()
    name = said.get("username") if isinstance(said, dict) else None
    return name if isinstance(name, str) else None
