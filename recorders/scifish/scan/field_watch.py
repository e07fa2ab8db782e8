"""Brings what clients set while their scans run to the disk within 50 ms, also changes deep inside a value.

One thread looks every 15 ms while a scan is open. What it sees is written 5 ms later, so that the fields
which a client sets one after another are one write. No thread that records ever waits for it. A scan is
not looked at for its first 10 ms: a scan that ends by then writes everything with its end.
"""

import logging
import threading
import time
import weakref

from scifish.scan.fingerprint import Trace
from scifish.scan.open_entry import OpenEntry
from scifish.threads.deadline import start_daemon

log = logging.getLogger(__name__)

LOOK = 0.015  # seconds between two looks
YOUNG = 0.01  # seconds that a scan is not looked at
TOGETHER = 0.005  # seconds that what is set at once may take
IDLE = 5.0  # seconds without a scan after which it sleeps until the next one
REST = 4  # times that a look's own cost is rested after it: of very large entries each change takes long


class FieldWatch:
    """The thread that looks at all open scans of the process; it starts with the first of them."""

    def __init__(self) -> None:
        self._scans: list[_Scan] = []
        self._change = threading.Condition()
        self._closing = False
        self._idle = False
        self._thread: threading.Thread | None = None

    def add(self, words: OpenEntry) -> None:
        """Look at a scan until it ends; returns at once, and wakes the thread only if it sleeps for long."""
        with self._change:
            if self._closing:
                return
            self._scans.append(_Scan(words))
            if self._thread is None:
                self._start()
            elif self._idle:
                self._change.notify_all()

    def close(self, seconds: float) -> None:
        """Look no more; what was not written by now is in the end of each scan."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        if self._thread is not None:
            self._thread.join(seconds)

    def _start(self) -> None:
        try:
            self._thread = start_daemon(self._run, "scifish fields")
        except RuntimeError:
            log.error(  # noqa: TRY400 - one readable line
                "this host has no thread left to keep what is set in running scans; the next one tries again"
            )

    def _run(self) -> None:
        pause, quiet_since = LOOK, time.monotonic()
        while (scans := self._next(pause, quiet_since)) is not None:
            begun = time.thread_time()
            for scan in scans:
                scan.look()
            if self._scans:
                quiet_since = time.monotonic()
            least = TOGETHER if any(scan.unwritten for scan in scans) else LOOK
            pause = max(least, REST * (time.thread_time() - begun))

    def _next(self, pause: float, quiet_since: float) -> "list[_Scan] | None":
        """Return the open scans after a pause, or after a long sleep if there are none; None: the end."""
        with self._change:
            self._scans = [scan for scan in self._scans if scan.listens()]
            if not self._scans and time.monotonic() - quiet_since > IDLE:
                self._idle = True
                self._change.wait_for(lambda: self._scans or self._closing)
                self._idle = False
            self._change.wait_for(lambda: self._closing, timeout=pause)
            grown = time.monotonic() - YOUNG
            return None if self._closing else [scan for scan in self._scans if scan.since <= grown]


class _Scan:
    """One open scan, which lives as long as its client has it, and how its fields looked last."""

    def __init__(self, words: OpenEntry) -> None:
        self._words = weakref.ref(words)
        self.since = time.monotonic()
        self.unwritten = False
        self._seen: Trace | None = None

    def listens(self) -> bool:
        words = self._words()
        return words is not None and words.listens()

    def look(self) -> None:
        words = self._words()
        try:
            if words is not None:
                self._look(words)
        except Exception:  # this thread must go on for the other scans
            log.exception("scifish: the fields of a running scan cannot be looked at")

    def _look(self, words: OpenEntry) -> None:
        before, self._seen = self._seen, words.trace()  # before they are read: nothing is missed
        changed = before is None or not self._seen.same(before)
        if changed or self.unwritten:
            words.hear()
        self.unwritten = not words.write_down() if self.unwritten else changed
