"""JSON over HTTP from an office that may be slow, wrong or away: time-outs, retries, one kind of error."""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential, wait_random

from sdm.errors import OfficeForbidden, OfficeMissing, OfficeRefused, OfficeUnavailable
from sdm.settings import HttpSettings

MAX_BYTES = 64 * 2**20
MAX_WAIT = 5.0
Headers = Callable[[], Mapping[str, str]]


class _Passing(OfficeUnavailable):
    """A failure that may be over at the next attempt."""


class HttpJson:
    """Asks one office; `headers` is called for each request, so a new token counts at once."""

    def __init__(self, settings: HttpSettings, headers: Headers) -> None:
        self._settings = settings
        self._base = settings.url.rstrip("/")
        self._headers = headers

    def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """Return the answer to GET. Raises OfficeMissing for 404, OfficeRefused, OfficeUnavailable."""
        return self._asked("GET", path, query=query)

    def post(self, path: str, body: Mapping[str, str]) -> Any:
        """Return the answer to POST. Raises OfficeRefused, OfficeUnavailable."""
        return self._asked("POST", path, body=body)

    def _asked(self, method: str, path: str, **content: Any) -> Any:
        retrying = Retrying(
            retry=retry_if_exception_type(_Passing),
            stop=stop_after_attempt(self._settings.attempts),
            wait=wait_exponential(self._settings.wait, max=MAX_WAIT) + wait_random(0, self._settings.wait),
            reraise=True,
        )
        return retrying(self._once, method, f"{self._base}{path}", **content)

    def _once(
        self,
        method: str,
        url: str,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, str] | None = None,
    ) -> Any:
        headers = {"Accept": "application/json", **self._headers()}
        try:
            with (
                self._client() as client,
                client.stream(method, url, params=query, json=body, headers=headers) as response,
            ):
                content = self._whole(url, response)
        except httpx.TimeoutException as error:
            raise _Passing(f"{url}: no answer within {self._settings.timeout:g} s") from error
        except httpx.InvalidURL as error:
            raise OfficeUnavailable(
                f"{url}: is no address ({error}); correct url in sdm's settings"
            ) from error
        except httpx.HTTPError as error:
            raise _Passing(f"{url}: {error or type(error).__name__}") from error
        return _document(url, response.status_code, content)

    def _client(self) -> httpx.Client:
        """Return a client that uses no proxy of the environment: the office is a server of the site.

        Servers are checked by the system's authorities, or those of SSL_CERT_FILE and SSL_CERT_DIR.
        """
        authorities = ssl.create_default_context()
        return httpx.Client(timeout=self._settings.timeout, verify=authorities, trust_env=False)

    def _whole(self, url: str, response: httpx.Response) -> bytes:
        """Read the body within the time-out as a whole: a server may also send a byte a second."""
        end = time.monotonic() + self._settings.timeout
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if time.monotonic() > end:
                raise _Passing(f"{url}: the answer is not complete after {self._settings.timeout:g} s")
            if len(content) > MAX_BYTES:
                raise OfficeUnavailable(
                    f"{url}: the answer has more than {MAX_BYTES} bytes; check the address"
                )
        return bytes(content)


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
