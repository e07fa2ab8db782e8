"""Keeps the index fresh in the background: no request waits for it, and it costs the devices little."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from scidog.errors import NoAnswerError
from scidog.search.device_index import DeviceIndex
from scidog.search.index_file import IndexFile
from scidog.search.known_device import KnownAttribute, KnownDevice, ListedDevice
from scifish.common.log_once import LogOnce
from scifish.tango_client.threads import tango_threads
from scifish.threads.deadline import answer_within
from scifish.threads.periodic import PeriodicThread

logger = logging.getLogger(__name__)
WORKERS = 20  # servers that are asked at the same time; the devices of one are asked one after another
DEVICE = 3.0  # seconds that a device has to answer
DATABASE = 10.0  # seconds that the Tango database has
MOST_SILENT = 3  # devices of a server that one look waits for: the next look begins with the others
LOOK_EVERY = 10.0  # seconds between two lists of the database: it tells which devices were started or ended
CHECK_EVERY = 60.0  # seconds between two pings of each server
KEEP_EVERY = 60.0  # seconds between two writes of the index
Answer = TypeVar("Answer")
Servers = dict[str, list[ListedDevice]]


class Asks(Protocol):
    """What the index asks; each call may hang, and raises NoAnswerError."""

    def listed(self) -> list[ListedDevice]:
        """Return all devices."""

    def attributes(self, device: str) -> tuple[KnownAttribute, ...]:
        """Return what a device says of its attributes."""

    def ping(self, server: str) -> None:
        """Return when a server answers."""


class Indexer:
    """Asks each device when it was started, and again every `period` seconds.

    A thread that hangs in Tango is left behind. The devices of a server that does not answer are not asked
    until it does.
    """

    def __init__(
        self,
        index: DeviceIndex,
        asks: Asks,
        file: IndexFile,
        period: float,
        *,
        look_every: float = LOOK_EVERY,
        check_every: float = CHECK_EVERY,
        keep_every: float = KEEP_EVERY,
        deadline: float = DEVICE,
    ) -> None:
        self._index = index
        self._asks = asks
        self._file = file
        self._period = period
        self._check_every = check_every
        self._keep_every = keep_every
        self._deadline = deadline
        self._closed = threading.Event()
        self._once = LogOnce(logger)
        self._restored = False
        self._checked = self._kept = -float("inf")
        self._changed = False
        self._tried: dict[str, float] = {}
        """When each device was asked last, whatever it answered."""
        self._thread = PeriodicThread(look_every, self.look, name="scidog index", closed=self._closed)

    def start(self) -> "Indexer":
        """Begin."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Ask no more devices; what is being asked is left to its answer."""
        self._thread.close()

    def look(self) -> None:
        """Look once: which devices there are, and what those say that are to be asked."""
        if not self._restored:
            self._index.restore(self._file.read())
            self._restored = True
        if not self._list():
            return
        checks = time.monotonic() - self._checked >= self._check_every
        if checks:
            self._checked = time.monotonic()
        servers = self._due(checks=checks)
        if servers:
            with ThreadPoolExecutor(WORKERS, "scidog index") as pool:
                list(pool.map(lambda server: self._ask(server, servers[server]), servers))
        if self._changed and time.monotonic() - self._kept >= self._keep_every and not self._closed.is_set():
            self._changed, self._kept = False, time.monotonic()
            self._file.write(self._index.view().devices)

    def _list(self) -> bool:
        try:
            listed = self._within(DATABASE, self._asks.listed, "the Tango database")
        except NoAnswerError as error:
            text = f"the Tango database cannot be asked for its devices: {error}"
            self._index.has_problem(text)
            self._once.report("database", f"{text}; the index goes on when it answers")
            return False
        self._once.over("the Tango database answers: the index goes on", "database")
        self._index.take_list(listed)
        return True

    def _due(self, *, checks: bool) -> Servers:
        """Return the servers to ask, each with those of its devices that are to be asked for attributes."""
        servers: Servers = defaultdict(list)
        for one in self._index.view().devices:
            if one.listed.exported:
                is_due = self._is_due(one, checks=checks)
                if is_due or checks:  # at a check each server is pinged
                    servers[one.listed.server] += [one.listed] if is_due else []
        return servers

    def _is_due(self, one: KnownDevice, *, checks: bool) -> bool:
        if one.state == "running":
            return one.asked is None or time.time() - one.asked >= self._period
        return checks or one.state == "unknown"

    def _ask(self, server: str, devices: list[ListedDevice]) -> None:
        """Ask a server's devices one after another, until it does not answer any more."""
        if not self._answers(server):
            return
        silent = 0
        for device in sorted(devices, key=lambda one: self._tried.get(one.name, 0.0)):
            if self._closed.is_set() or silent == MOST_SILENT:
                return
            self._tried[device.name] = time.monotonic()
            try:
                attributes = self._attributes(device.name)
            except NoAnswerError as error:
                silent += 1
                self._silent([device], error)
                if not self._answers(server):
                    return
            else:
                self._index.has_answered(device, attributes)
                self._changed = True

    def _answers(self, server: str) -> bool:
        """Ping a server; where it does not answer none of its devices does."""
        try:
            self._within(self._deadline, lambda: self._asks.ping(server), server)
        except NoAnswerError as error:
            listed = [one.listed for one in self._index.view().devices]
            self._silent([one for one in listed if one.server == server and one.exported], error)
            return False
        return True

    def _attributes(self, device: str) -> tuple[KnownAttribute, ...]:
        return self._within(self._deadline, lambda: self._asks.attributes(device), device)

    def _silent(self, devices: Iterable[ListedDevice], error: NoAnswerError) -> None:
        for one in devices:
            self._index.silent(one, "not answering" if error.running else "not running")

    def _within(self, seconds: float, work: Callable[[], Answer], what: str) -> Answer:
        try:
            return answer_within(seconds, work, what=what, start=tango_threads.start)
        except (TimeoutError, RuntimeError) as error:  # the latter: no thread is left, or the process ends
            raise NoAnswerError(str(error), running=True) from error
