"""Requests to SciCat: JSON and the token."""

import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic_core import to_json

from scicow.errors import CatalogueUnavailable, MessageUnfit
from scicow.scicat.answer import CatalogueAnswer
from scicow.scicat.document_size import check_room
from scicow.scicat.http import Http
from scicow.settings.catalogue import ScicatSettings
from scifish.common.secrets import secret_in
from scifish.errors import SecretError
from sdm.errors import LoginRefused
from sdm.scicat.account import JSON, HttpRequest, ScicatAccount, is_known, whoami_at
from sdm.scicat.login import PasswordLogin, TokenFile
from sdm.scicat.token import HeldToken, TokenKeeper

_ROOT = "/api/v3"


class ScicatSession(ScicatAccount[CatalogueAnswer]):
    """One SciCat backend; thread-safe. Close it, or use it in a `with`."""

    def __init__(self, settings: ScicatSettings, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._http = Http(settings)
        retry, unavailable = settings.login_retry, CatalogueUnavailable
        tokens = TokenKeeper(self._way_in(), retry=retry, unavailable=unavailable, clock=clock)
        super().__init__(self._http.send, tokens, _ROOT)

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
        longer = max(len(content or b""), held) / 1e6 * self._settings.timeout_per_megabyte
        return self.ask(HttpRequest(method, path, {**JSON, **(headers or {})}, content, longer))

    def _way_in(self) -> Callable[[], HeldToken]:
        settings = self._settings
        if settings.token_file is not None:
            whoami, send = whoami_at(_ROOT), self._http.send
            return TokenFile(settings.token_file, lambda token: is_known(send, whoami, token))
        return PasswordLogin(
            self._http.send,
            f"{_ROOT}/{settings.login.strip('/')}",
            url=settings.url,
            username=settings.username or "",
            password=self._password,
            advice="correct scicat.username or its password; nothing is ingested until then",
        )

    def _password(self) -> str:
        if self._settings.password_file is None:
            return self._settings.password.get_secret_value() if self._settings.password else ""
        try:
            return secret_in(self._settings.password_file, "password")
        except SecretError as error:
            raise LoginRefused(str(error)) from error

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
