"""An outage that several beamlines wait for is logged once for all of them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

_ACKNOWLEDGED = 10.0  # seconds after which those that bring messages have met it, and can be counted


@dataclass(frozen=True)
class Ended:
    """An outage that is over."""

    beamlines: int
    seconds: float


class CommonTrouble:
    """Knows which beamlines wait for the same, such as a catalogue that does not answer. Thread-safe.

    The outage ends with the first beamline that works again. One that still fails after that has a problem of
    its own, which is logged again.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._since = 0.0
        self._waiting: set[str] = set()
        self._doubtful: set[str] = set()  # waited when it ended, and have not worked since
        self._counted = False

    def failed(self, beamline: str, *, first: bool) -> int:
        """Note a failure, the message's `first` or not; return how many beamlines to log now.

        1: it begins with this one; more: it lasts, and so many wait; 0: all is logged.
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
        """Note a success; return what has ended with it."""
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
