"""Follows PathFixer's Context by change events, with a read where events do not come.

`scifish.beamline.watched_device` follows devices, too, and is none for this: it is asked when a scan
starts, by a worker within that scan's budget of time. SciFly has no scan that asks: it must hear by itself.
"""

import threading
from collections.abc import Callable
from itertools import count
from typing import Any

import tango

from scifly.errors import PlaceError
from scifly.place import WatchedPlace, read_context

READ_EVERY = 3.0  # seconds between two reads while events do not come
READ_ANYWAY = 10  # while they do, one read in so many of these times: an event may be lost


class PathFollower:
    """Knows the active place; PathFixer may start later, restart, and be away: the last answer stays.

    `place` is None when no proposal is set; `known` is False before the first answer,
    `problem` None before the first attempt has failed.
    """

    def __init__(self, device: str) -> None:
        self.device = device
        self.known = False
        self.place: WatchedPlace | None = None
        self.problem: str | None = None
        self._proxy: tango.DeviceProxy | None = None
        self._subscription: int | None = None
        self._events = False
        self._told = 0
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scifly follower", daemon=True)

    def start(self) -> "PathFollower":
        """Begin to follow, in a thread: PathFixer may take seconds not to answer."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End following; returns at once."""
        self._stop.set()

    def join(self, seconds: float) -> None:
        """Wait for the end of the thread, which may be waiting for PathFixer."""
        self._thread.join(seconds)

    def _run(self) -> None:
        with tango.EnsureOmniThread():
            for number in count():
                if not self._events or number % READ_ANYWAY == 0:
                    self._ask()
                if self._stop.wait(READ_EVERY):
                    break
            self._unsubscribe()

    def _ask(self) -> None:
        """Subscribe, once the device is known, and read."""
        told = self._told
        try:
            proxy = self._connected()
            if self._subscription is None:
                self._subscription = proxy.subscribe_event(
                    "Context", tango.EventType.CHANGE_EVENT, self._came, tango.EventSubMode.Async
                )
            answer: Any = proxy.read_attribute("Context")
        except tango.DevFailed as error:
            why = " ".join(error.args[0].desc.split())
            self._take(lambda: self._failed(why), told)
        else:
            self._take(lambda: self._answered(answer.value), told)

    def _came(self, event: Any) -> None:
        """Take an event; an error, or one that only says that events will come, lets the reads go on."""
        self._events = not event.err and event.attr_value is not None
        if self._events:
            self._take(lambda: self._answered(event.attr_value.value))

    def _take(self, answer: Callable[[], None], told: int | None = None) -> None:
        """Take an answer; one that was asked for before an event came is late and says nothing."""
        with self._lock:
            if told is None or told == self._told:
                self._told += 1
                answer()

    def _answered(self, text: str) -> None:
        try:
            self.place, self.known, self.problem = read_context(text), True, None
        except PlaceError as error:
            self.problem = f"{self.device}: {error}"

    def _failed(self, why: str) -> None:
        self.problem = f"{self.device} does not answer ({why}); start it, or correct PathDevice"

    def _connected(self) -> tango.DeviceProxy:
        if self._proxy is None:
            self._proxy = tango.DeviceProxy(self.device)
        return self._proxy

    def _unsubscribe(self) -> None:
        if self._proxy is not None and self._subscription is not None:
            self._proxy.unsubscribe_event(self._subscription)
