"""JSON over HTTP from an office that may be slow, wrong or away: time-outs, retries, one kind of error."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

from scifish.common.backoff import back_off
from scifish.common.secrets import is_token, secret_in
from scifish.errors import SecretError
from scifish.http import HttpAddress, HttpAnswer, HttpClient, HttpFailure, HttpTooLarge, HttpUntrusted
from sdm.errors import OfficeForbidden, OfficeMissing, OfficeRefused, OfficeUnavailable
from sdm.scicat.account import HttpRequest
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


class JsonAnswer(NamedTuple):
    """An answer as it came; `body` is the JSON of a good one."""

    url: str
    status: int
    content: bytes
    body: Any = None

    def json(self) -> Any:
        """Return the JSON. Raises OfficeMissing for 404, OfficeRefused, OfficeUnavailable."""
        if self.status == 401:
            raise OfficeRefused(f"{self.url}: refused (401); check the token or account in sdm's settings")
        if self.status == 403:
            raise OfficeForbidden(f"{self.url}: not allowed (403); give sdm's account the right to read it")
        if self.status == 404:
            raise _missing(self.url, self.content)
        if self.status >= 300:
            raise OfficeUnavailable(
                f"{self.url}: answered {self.status}; check the address in sdm's settings"
            )
        return self.body


class HttpJson:
    """Asks one office; `headers` is called for each request, so a new token counts at once."""

    def __init__(self, settings: OfficeHttpSettings, headers: Headers = dict) -> None:
        self._settings = settings
        self._base = settings.url.rstrip("/")
        self._headers = headers

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Return the answer to GET. Raises OfficeMissing for 404, OfficeRefused, OfficeUnavailable."""
        return self.send(HttpRequest("GET", path_of(path, query), self._headers())).json()

    def send(self, request: HttpRequest) -> JsonAnswer:
        """Send a request, again while what failed may pass; return the answer. Raises OfficeUnavailable."""
        for attempt in range(1, self._settings.attempts):
            try:
                return self._once(request)
            except _Passing:
                time.sleep(back_off(attempt, first=self._settings.wait, longest=MAX_WAIT))
        return self._once(request)

    def _once(self, request: HttpRequest) -> JsonAnswer:
        method, path, headers, content, longer = request
        url = f"{self._base}{path.partition('?')[0]}"
        every = {"Accept": "application/json", **headers}
        try:
            with HttpClient(self._base, timeout=self._settings.timeout, largest=MAX_BYTES) as client:
                answer = client.send(method, path, headers=every, content=content, longer=longer)
        except HttpFailure as error:
            raise _failed(url, error) from error
        return _answer(url, answer)


def path_of(path: str, query: Mapping[str, str] | None) -> str:
    """Return a path with its query."""
    return f"{path}?{urlencode(query)}" if query else path


def _failed(url: str, error: HttpFailure) -> OfficeUnavailable:
    """Return what to say; what does not pass by itself is not tried again."""
    advice = next((text for kind, text in _ADVICE if isinstance(error, kind)), None)
    return OfficeUnavailable(f"{url}: {error}; {advice}") if advice else _Passing(f"{url}: {error}")


def _missing(url: str, content: bytes) -> OfficeUnavailable:
    """Tell a thing that the office does not have from an address that is wrong, as web frameworks say it."""
    if b"Cannot GET" in content or b"Cannot POST" in content:
        return OfficeUnavailable(f"{url}: is no address there (404); correct url in sdm's settings")
    return OfficeMissing(f"{url}: is not known there (404); check url in sdm's settings")


def _answer(url: str, answer: HttpAnswer) -> JsonAnswer:
    """Return the answer, unless another attempt may bring a better one."""
    status, content = answer.status, answer.content
    if status == 429 or status >= 500:
        raise _Passing(f"{url}: answered {status}")
    if not answer.ok or not content:
        return JsonAnswer(url, status, content)
    try:
        return JsonAnswer(url, status, content, answer.json())
    except ValueError as error:
        raise _Passing(f"{url}: answered {status} with {len(content)} bytes that are no JSON") from error


def read_secret(what: str, file: Path | None, variable: str, *, header: bool = True) -> str:
    """Return the secret in `file`, else in the environment. Raises OfficeRefused, which does not show it."""
    if file is not None:
        try:
            return secret_in(file, what, header=header)
        except SecretError as error:
            raise OfficeRefused(str(error)) from error
    secret = os.environ.get(variable, "").strip()
    if not secret or (header and not is_token(secret)):
        wrong = "has characters that no header can carry" if secret else "is empty"
        raise OfficeRefused(
            f"no {what}: ${variable} {wrong}; put it into a file and name that in the settings"
        )
    return secret
