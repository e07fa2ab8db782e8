"""Plain HTTP to one server: kept connections, time-outs, errors of our own kind. Knows nothing of SciCat."""

import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from queue import LifoQueue

import pycurl

from scicow.errors import CatalogueUnavailable
from scicow.scicat.answer import CatalogueAnswer

LARGEST = 256_000_000  # bytes of an answer: more is no SciCat's, and would take the host's memory
_UNTRUSTED = {pycurl.E_PEER_FAILED_VERIFICATION, pycurl.E_SSL_CACERT_BADFILE}
_ADVICE = "; name the authority that signed its certificate in scicat.ca_file"
_TIMES = re.compile(r" after \d+ (ms|milliseconds)( with \d+ .*)?")


class Http:
    """Connections to the server at `url`, shared by all threads. Raises CatalogueUnavailable.

    libcurl, for it takes a quarter of urllib3's processor time for a request, and Python's lock only to hand
    the answer over; the ingest makes little else (decision 0017).
    """

    def __init__(
        self,
        url: str,
        *,
        timeout: float,
        connect_timeout: float,
        connections: int,
        ca_file: Path | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._options = {
            pycurl.CONNECTTIMEOUT_MS: _milliseconds(connect_timeout),
            pycurl.NOSIGNAL: 1,  # else libcurl's time-outs would raise signals in threads
            pycurl.MAXFILESIZE: LARGEST,
            pycurl.PATH_AS_IS: 1,
            pycurl.HTTP_VERSION: pycurl.CURL_HTTP_VERSION_1_1,
            pycurl.PROXY: "",  # whatever the environment says: SciCat is a server of the site
            **_authorities(ca_file),
        }
        self._idle: LifoQueue[pycurl.Curl | None] = LifoQueue()
        for _ in range(connections):
            self._idle.put(None)  # made when it is needed
        self._closed = False

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: bytes | None = None,
        *,
        repeatable: bool = False,
        longer: float = 0.0,
    ) -> CatalogueAnswer:
        """Send a request and return the answer, whatever its status. Ctrl-C does not wait for it.

        `longer`: seconds that it may take beside the time-out. `repeatable`: it may go through a kept
        connection. When that broke meanwhile, as it does when the server restarts, libcurl sends the request
        a second time; others get a connection of their own.
        """
        if threading.current_thread() is threading.main_thread():  # libcurl lets no signal of Python's in
            return _beside(
                lambda: self._send(method, path, headers, content, repeatable=repeatable, longer=longer)
            )
        return self._send(method, path, headers, content, repeatable=repeatable, longer=longer)

    def _send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: bytes | None,
        *,
        repeatable: bool,
        longer: float,
    ) -> CatalogueAnswer:
        with self._connection() as curl:
            curl.setopt(pycurl.TIMEOUT_MS, _milliseconds(self._timeout + longer))
            curl.setopt(pycurl.URL, self._url + path)
            curl.setopt(pycurl.CUSTOMREQUEST, method)
            curl.setopt(
                pycurl.HTTPHEADER, ["expect:", *(f"{name}: {text}" for name, text in headers.items())]
            )
            if content is None:
                curl.setopt(pycurl.HTTPGET, 1)
            else:
                curl.setopt(pycurl.POSTFIELDS, content)
            curl.setopt(pycurl.FRESH_CONNECT, not repeatable)
            curl.setopt(pycurl.FORBID_REUSE, not repeatable)
            try:
                content = curl.perform_rb()
            except pycurl.error as error:
                raise _unavailable(method, path, error) from error
            status, retry_after = curl.getinfo(pycurl.RESPONSE_CODE), curl.getinfo(pycurl.RETRY_AFTER)
        return CatalogueAnswer(f"SciCat {method} {_bare(path)}", status, content, retry_after or None)

    def close(self) -> None:
        """Close the connections, those in use when their request has ended; no other request is sent."""
        self._closed = True
        for _ in range(self._idle.qsize()):
            self._put_back(self._idle.get())

    @contextmanager
    def _connection(self) -> Iterator[pycurl.Curl]:
        """Give a connection that nobody else uses; waits while all are in use."""
        curl = self._idle.get()
        try:
            if self._closed:
                raise CatalogueUnavailable("SciCat: SciCow ends; nothing more is sent")
            curl = curl or self._new()
            yield curl
        finally:
            self._put_back(curl)

    def _put_back(self, curl: pycurl.Curl | None) -> None:
        if self._closed and curl is not None:
            curl.close()
            curl = None
        self._idle.put(curl)

    def _new(self) -> pycurl.Curl:
        curl = pycurl.Curl()
        for option, value in self._options.items():
            curl.setopt(option, value)
        return curl


def _authorities(ca_file: Path | None) -> dict[int, str]:
    """Return by whom servers are checked: as Python does, for libcurl's own files are those of its maker."""
    if ca_file is not None:
        return {pycurl.CAINFO: str(ca_file)}
    system = ssl.get_default_verify_paths()
    found = {pycurl.CAINFO: system.cafile, pycurl.CAPATH: system.capath}
    return {option: path for option, path in found.items() if path}


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _beside(work: Callable[[], CatalogueAnswer]) -> CatalogueAnswer:
    """Do `work` in another thread, which is left behind when a signal ends the wait for it."""
    done: Future[CatalogueAnswer] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            done.set_exception(error)

    threading.Thread(target=run, name="request", daemon=True).start()
    return done.result()


def _bare(path: str) -> str:
    """Return a path without its query, which is long and says little."""
    return path.partition("?")[0]


def _unavailable(method: str, path: str, error: pycurl.error) -> CatalogueUnavailable:
    """Return libcurl's reason without its times and counts: the same trouble is the same text each time."""
    reason = _TIMES.sub("", str(error.args[-1]))
    advice = _ADVICE if error.args[0] in _UNTRUSTED and "subject name" not in reason else ""
    return CatalogueUnavailable(f"SciCat {method} {_bare(path)}: {reason}{advice}")
