"""The two ways to a SciCat token: a log-in with a functional account, or a file with a long-lived token."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scifish.common.secrets import is_token, secret_in
from scifish.errors import SecretError
from sdm.errors import LoginRefused, OfficeGarbled
from sdm.scicat.account import JSON, HttpRequest, ScicatAnswer
from sdm.scicat.token import HeldToken

REFUSED = frozenset({400, 401, 403, 404, 422})


class PasswordLogin:
    """Logs in as a functional account; `password` is called each time, so that it may be changed.

    `advice`: what a person is to do when SciCat at `url` refuses it.
    """

    def __init__(
        self,
        send: Callable[[HttpRequest], ScicatAnswer],
        path: str,
        *,
        url: str,
        username: str,
        password: Callable[[], str],
        advice: str,
    ) -> None:
        self._send = send
        self._path = path
        self._url = url
        self._username = username
        self._password = password
        self._advice = advice

    def __call__(self) -> HeldToken:
        """Return a new token. Raises LoginRefused, OfficeGarbled, or what `send` raises."""
        credentials = json.dumps({"username": self._username, "password": self._password()})
        answer = self._send(HttpRequest("POST", self._path, JSON, credentials.encode()))
        if answer.status in REFUSED:
            refusal = f"refuses the log-in of {self._username!r} ({answer.status})"
            raise LoginRefused(f"SciCat at {self._url} {refusal}; {self._advice}")
        return _token(answer.json())


class TokenFile:
    """A long-lived token in a file, read again when SciCat refuses it: an admin may have renewed it.

    If not, SciCat is asked with `is_known` whether it knows the token now: it may have been wrong, as when
    its database was away.
    """

    def __init__(self, path: Path, is_known: Callable[[str], bool]) -> None:
        self._path = path
        self._is_known = is_known
        self._last: str | None = None

    def __call__(self) -> HeldToken:
        """Return the file's token. Raises LoginRefused for a refused one that SciCat still does not know."""
        try:
            text = secret_in(self._path, "token", header=True)
        except SecretError as error:
            raise LoginRefused(str(error)) from error
        if text == self._last and not self._is_known(text):
            raise LoginRefused(
                f"SciCat refuses the token in {self._path}; have an admin mint a new one and write it there"
            )
        self._last = text
        return HeldToken(text)


def _token(answer: Any) -> HeldToken:
    text = answer.get("access_token") or answer.get("id") if isinstance(answer, dict) else None
    if not (isinstance(text, str) and is_token(text)):
        raise OfficeGarbled("SciCat's answer to the log-in holds no token; is the address right?")
    lives = answer.get("expires_in", answer.get("ttl"))
    return HeldToken(text, float(lives) if isinstance(lives, int | float) else None)
