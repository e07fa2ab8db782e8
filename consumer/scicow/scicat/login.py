"""The two ways to a SciCat token: a log-in with a functional account, or a file with a long-lived token."""

import re
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from scicow.errors import CatalogueUnavailable, LoginRefused
from scicow.scicat.http import Http
from scicow.scicat.token import HeldToken
from scicow.settings.catalogue import ScicatSettings

HEADERS = {"content-type": "application/json"}
REFUSED = frozenset({400, 401, 403, 404, 422})


class PasswordLogin:
    """Logs in as a functional account; the password is read each time, so that it may be changed."""

    def __init__(self, http: Http, settings: ScicatSettings) -> None:
        self._http = http
        self._settings = settings

    def __call__(self) -> HeldToken:
        """Return a new token. Raises LoginRefused or CatalogueUnavailable."""
        path = f"/api/v3/{self._settings.login.strip('/')}"
        credentials = {"username": self._settings.username, "password": self._password()}
        answer = self._http.send("POST", path, HEADERS, to_json(credentials))
        if answer.status in REFUSED:
            raise LoginRefused(self._refusal(answer.status), self._settings.login_retry)
        return _token(answer.json())

    def _password(self) -> str:
        if self._settings.password_file is not None:
            return _secret(self._settings.password_file, self._settings.login_retry)
        return self._settings.password.get_secret_value() if self._settings.password else ""

    def _refusal(self, status: int) -> str:
        return (
            f"SciCat at {self._settings.url} refuses the log-in of {self._settings.username!r} ({status}); "
            "correct scicat.username or its password; nothing is ingested until then"
        )


class TokenFile:
    """A long-lived token in a file, read again when SciCat refuses it (an admin may have renewed it)."""

    def __init__(self, path: Path, retry: float) -> None:
        self._path = path
        self._retry = retry
        self._last: str | None = None

    def __call__(self) -> HeldToken:
        """Return the file's token. Raises LoginRefused when it is the one that SciCat has just refused."""
        text = _secret(self._path, self._retry)
        if not _is_token(text):
            raise LoginRefused(
                f"{self._path}: holds no token (one line without spaces is expected); write the token there",
                self._retry,
            )
        if text == self._last:
            raise LoginRefused(
                f"SciCat refuses the token in {self._path}; have an admin mint a new one and write it there",
                self._retry,
            )
        self._last = text
        return HeldToken(text)


def _secret(path: Path, retry: float) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise LoginRefused(f"{path}: cannot be read ({error}); SciCow needs it to log in", retry) from error


def _is_token(text: str) -> bool:
    """Tell whether a text can stand in a header."""
    return bool(re.fullmatch(r"[!-~]+", text))


def _token(answer: Any) -> HeldToken:
    text = answer.get("access_token") or answer.get("id") if isinstance(answer, dict) else None
    if not (isinstance(text, str) and _is_token(text)):
        raise CatalogueUnavailable("SciCat's answer to the log-in holds no token; is the address right?")
    lives = answer.get("expires_in", answer.get("ttl"))
    return HeldToken(text, float(lives) if isinstance(lives, int | float) else None)
