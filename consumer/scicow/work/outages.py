"""A trouble that several beamlines wait for: what is said of it, once for all of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

_ACKNOWLEDGED = 10.0  # seconds after which those that bring messages have met it, and can be counted


@dataclass(frozen=True)
class Ended:
    """A trouble that is over."""

    beamlines: int
    seconds: float


class CommonTrouble:
    """Knows which beamlines wait for the same, as for a catalogue that is away. Thread-safe.

    It ends with the first of them that works again. Who still fails after that has a trouble of its own, and
    that is news once more.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._since = 0.0
        self._waiting: set[str] = set()
        self._doubtful: set[str] = set()  # waited when it ended, and have not worked since
        self._counted = False

    def failed(self, beamline: str, *, first: bool) -> int:
        """Take note of a failure, the message's `first` or not; return of how many beamlines to speak now.

        1: it begins with this one; more: it lasts, and so many wait; 0: all is said.
        """
        with self._lock:
            if first or beamline in self._doubtful:
                self._doubtful.discard(beamline)
                begins = not self._waiting
                self._waiting.add(beamline)
                if begins:
                    return self._begun()
            lasts = self._clock() - self._since >= _ACKNOWLEDGED
            if self._counted or not lasts or len(self._waiting) < 2:
                return 0
            self._counted = True
            return len(self._waiting)

    def worked(self, beamline: str) -> Ended | None:
        """Take note of a success; return what has ended with it."""
        with self._lock:
            self._doubtful.discard(beamline)
            if beamline not in self._waiting:
                return None
            ended = Ended(len(self._waiting), self._clock() - self._since)
            self._doubtful |= self._waiting - {beamline}
            self._waiting = set()
            return ended

    def _begun(self) -> int:
        self._since = self._clock()
        self._counted = False
        return 1
