"""JSON over HTTP from an office that may be slow, wrong or away: time-outs, retries, one kind of error."""

import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from scifish.common.backoff import back_off
from scifish.common.secrets import secret_in
from scifish.errors import SecretError
from scifish.http import HttpAddress, HttpClient, HttpFailure, HttpTooLarge, HttpUntrusted
from sdm.errors import OfficeForbidden, OfficeMissing, OfficeRefused, OfficeUnavailable
from sdm.settings import OfficeHttpSettings

MAX_BYTES = 64 * 2**20
MAX_WAIT = 5.0
Headers = Callable[[], Mapping[str, str]]
_ADVICE = (
    (HttpAddress, "correct url in sdm's settings"),
    (HttpTooLarge, "check the address"),
    (HttpUntrusted, "name the authority that signed its certificate in SSL_CERT_FILE"),
)


class _Passing(OfficeUnavailable):
    """A failure that may be over at the next attempt."""


class HttpJson:
    """Asks one office; `headers` is called for each request, so a new token counts at once."""

    def __init__(self, settings: OfficeHttpSettings, headers: Headers) -> None:
        self._settings = settings
        self._base = settings.url.rstrip("/")
        self._headers = headers

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Return the answer to GET. Raises OfficeMissing for 404, OfficeRefused, OfficeUnavailable."""
        return self._asked("GET", path, f"?{urlencode(query)}" if query else "")

    def post(self, path: str, body: Mapping[str, str]) -> Any:
        """Return the answer to POST. Raises OfficeRefused, OfficeUnavailable."""
        return self._asked("POST", path, content=json.dumps(body).encode())

    def _asked(self, method: str, path: str, query: str = "", content: bytes | None = None) -> Any:
        for attempt in range(1, self._settings.attempts):
            try:
                return self._once(method, path, query, content)
            except _Passing:
                time.sleep(back_off(attempt, first=self._settings.wait, longest=MAX_WAIT))
        return self._once(method, path, query, content)

    def _once(self, method: str, path: str, query: str, content: bytes | None) -> Any:
        url = f"{self._base}{path}"
        headers = {"Accept": "application/json", **self._headers()}
        if content is not None:
            headers["Content-Type"] = "application/json"
        try:
            with HttpClient(self._base, timeout=self._settings.timeout, largest=MAX_BYTES) as client:
                answer = client.send(method, path + query, headers=headers, content=content)
        except HttpFailure as error:
            raise _failed(url, error) from error
        return _document(url, answer.status, answer.content)


def _failed(url: str, error: HttpFailure) -> OfficeUnavailable:
    """Return what to say; what does not pass by itself is not tried again."""
    advice = next((text for kind, text in _ADVICE if isinstance(error, kind)), None)
    return OfficeUnavailable(f"{url}: {error}; {advice}") if advice else _Passing(f"{url}: {error}")


def _missing(url: str, content: bytes) -> OfficeUnavailable:
    """Tell a thing that the office does not have from an address that is wrong, as web frameworks say it."""
    if b"Cannot GET" in content or b"Cannot POST" in content:
        return OfficeUnavailable(f"{url}: is no address there (404); correct url in sdm's settings")
    return OfficeMissing(f"{url}: is not known there (404); check url in sdm's settings")


def _document(url: str, status: int, content: bytes) -> Any:
    """Decide what an answer means."""
    if status == 401:
        raise OfficeRefused(f"{url}: refused (401); check the token or account in sdm's settings")
    if status == 403:
        raise OfficeForbidden(f"{url}: not allowed (403); give sdm's account the right to read it")
    if status == 404:
        raise _missing(url, content)
    if status == 429 or status >= 500:
        raise _Passing(f"{url}: answered {status}")
    if status >= 300:
        raise OfficeUnavailable(f"{url}: answered {status}; check the address in sdm's settings")
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError as error:
        raise _Passing(f"{url}: answered {status} with {len(content)} bytes that are no JSON") from error


def read_secret(what: str, file: Path | None, variable: str) -> str:
    """Return the secret in `file`, else in the environment. Raises OfficeRefused, which does not show it."""
    where = file or f"${variable}"
    try:
        secret = secret_in(file, what) if file else os.environ.get(variable, "").strip()
    except SecretError as error:
        raise OfficeRefused(str(error)) from error
    if not secret:
        raise OfficeRefused(f"no {what}: {where} is empty; put it into a file and name that in the settings")
    if not (secret.isascii() and secret.isprintable()):
        raise OfficeRefused(f"the {what} in {where} has characters that no header can carry; write it anew")
    return secret
