"""Brings what clients set while their scans run to the disk within 50 ms, also changes deep inside a value.

One thread looks every 20 ms while a scan is open. What it sees is written 10 ms later, so that the fields
which a client sets one after another are one write. No thread that records ever waits for it.
"""

import logging
import threading
import time
from typing import Protocol

from scifish.trace import Trace

log = logging.getLogger(__name__)

LOOK = 0.02  # seconds between two looks
TOGETHER = 0.01  # seconds that what is set at once may take
REST = 4  # times that a look's own cost is rested after it: of very large entries each change takes long


class Words(Protocol):
    """A scan whose client may still say something (`scifish.recording.Recording`)."""

    def listens(self) -> bool:
        """Tell whether what the client sets now belongs to the scan and is to be kept."""

    def trace(self) -> Trace:
        """Return what tells whether the fields have changed."""

    def hear(self) -> None:
        """Refuse the scan if what was set makes it proprietary."""

    def write_down(self) -> bool:
        """Bring the fields to the disk; False: they changed meanwhile."""


class FieldWatch:
    """The thread that looks at all open scans of the process; it starts with the first of them."""

    def __init__(self) -> None:
        self._scans: list[_Scan] = []
        self._change = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    def add(self, words: Words) -> None:
        """Look at a scan until it ends; returns at once."""
        with self._change:
            if self._closing:
                return
            self._scans.append(_Scan(words))
            self._change.notify_all()
            if self._thread is None:
                self._start()

    def close(self, seconds: float) -> None:
        """Look no more; what was not written by now is in the end of each scan."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        if self._thread is not None:
            self._thread.join(seconds)

    def _start(self) -> None:
        thread = threading.Thread(target=self._run, name="scifish fields", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            log.error(  # noqa: TRY400 - one readable line
                "this host has no thread left to keep what is set in running scans; the next one tries again"
            )
            return
        self._thread = thread

    def _run(self) -> None:
        while (scans := self._next()) is not None:
            begun = time.thread_time()
            for scan in scans:
                scan.look()
            pause = TOGETHER if any(scan.unwritten for scan in scans) else LOOK
            with self._change:
                self._scans = [scan for scan in self._scans if scan.words.listens()]
                rest = REST * (time.thread_time() - begun)
                self._change.wait_for(lambda: self._closing, timeout=max(pause, rest))

    def _next(self) -> "list[_Scan] | None":
        """Wait for an open scan; None: the process ends."""
        with self._change:
            self._change.wait_for(lambda: self._scans or self._closing)
            return None if self._closing else list(self._scans)


class _Scan:
    """One open scan, and how its fields looked last."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.unwritten = False
        self._seen: Trace | None = None

    def look(self) -> None:
        try:
            self._look()
        except Exception:  # this thread must go on for the other scans
            log.exception("scifish: the fields of a running scan cannot be looked at")

    def _look(self) -> None:
        before, self._seen = self._seen, self.words.trace()  # before they are read: nothing is missed
        changed = before is None or not self._seen.same(before)
        if changed or self.unwritten:
            self.words.hear()
        self.unwritten = not self.words.write_down() if self.unwritten else changed
