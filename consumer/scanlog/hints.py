"""SciCow's hints of new scans: one connection to it, from which all open pages are told."""

import logging
import threading
from collections.abc import Iterator

import requests
from pydantic import BaseModel, ValidationError

from scifish.common.backoff import back_off
from scifish.common.log_once import LogOnce
from scifish.http.events import Broadcast

logger = logging.getLogger(__name__)
PAGES = 200  # open pages that are told; others ask every two seconds, as all do without hints
_CONNECT, _SILENCE = 5.0, 40.0  # seconds; SciCow says that it is there every 15 s
_LONGEST = 4096  # bytes of a line


class Hint(BaseModel):
    """What a page may know of a hint."""

    pid: str
    time: str


class HintRelay:
    """A thread that hears SciCow's hints, again and again, and tells them on."""

    def __init__(self, address: str, broadcast: Broadcast) -> None:
        self._address = f"{address}/hints"
        self._broadcast = broadcast
        self._once = LogOnce(logger)
        self._closed = threading.Event()

    def start(self) -> None:
        """Begin to listen."""
        threading.Thread(target=self._run, name="hints", daemon=True).start()

    def close(self) -> None:
        """Listen no more, and let the pages go."""
        self._closed.set()
        self._broadcast.close()

    def _run(self) -> None:
        failures = 0
        while not self._closed.is_set():
            try:
                for line in self._lines():
                    failures = 0
                    self._once.over(f"hints of {self._address} come again", self._address)
                    self._announce(line)
            except (requests.RequestException, OSError, ValueError) as error:
                note = "pages ask every two seconds meanwhile"
                self._once.report(
                    self._address, f"no hints from {self._address}: {error}; {note}", logging.WARNING
                )
            failures += 1
            self._closed.wait(back_off(failures, first=1.0, longest=30.0))

    def _lines(self) -> Iterator[bytes]:
        with requests.Session() as session:
            session.trust_env = False
            with session.get(
                self._address, stream=True, timeout=(_CONNECT, _SILENCE), allow_redirects=False
            ) as answer:
                if answer.status_code != requests.codes.ok:
                    raise ValueError(f"it answers {answer.status_code} ({answer.raw.read(200)!r})")
                rest = b""
                for part in answer.iter_content(None):
                    *lines, rest = (rest + part).split(b"\n")
                    yield from lines
                    if len(rest) > _LONGEST:
                        raise ValueError(f"a line has more than {_LONGEST} bytes; is it SciCow's address?")
        raise ValueError("the connection was ended")

    def _announce(self, line: bytes) -> None:
        if not line.startswith(b"data: "):
            return
        try:
            hint = Hint.model_validate_json(line[6:])
        except ValidationError as error:
            raise ValueError("what comes is no hint; is it SciCow's address?") from error
        self._broadcast.announce(hint.model_dump_json())
