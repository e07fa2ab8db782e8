"""What the sender has read from the outbox: which message may go next, so that each scan keeps its order."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from scifish.common.backoff import back_off, draw_one
from scifish.database.stored import Stored

WINDOW = 500
FIRST_HOLD, LONGEST_HOLD = 1.0, 30.0


class Backlog:
    """At most `WINDOW` messages in memory. A scan's next message goes when its last one has arrived."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = draw_one,
        first_hold: float = FIRST_HOLD,
    ) -> None:
        self._first_hold = first_hold
        self._clock = clock
        self._draw = draw
        self.after = 0
        self.in_flight: dict[str, Stored] = {}
        self._waiting: dict[str, deque[Stored]] = {}
        self._known: set[int] = set()
        self._alone: deque[Stored] = deque()
        self._was_alone: set[int] = set()
        self._holds: dict[str, tuple[float, int]] = {}  # until when, after how many failures
        self._held_last = 0

    def empty(self) -> bool:
        """Tell whether nothing waits and nothing is on its way."""
        return not self._known and not self.held()

    def room(self) -> int:
        """Return how many more messages may be read."""
        return WINDOW - len(self._known)

    def held(self) -> list[str]:
        """Return the beamlines that are not tried for now; when one is free again, all is read again."""
        now = self._clock()
        held = [beamline for beamline, (until, _) in self._holds.items() if until > now]
        if len(held) < self._held_last:
            self.after = 0
        self._held_last = len(held)
        return held

    def add(self, rows: Iterable[Stored]) -> None:
        """Take messages that were read, in their order."""
        for stored in rows:
            self.after = max(self.after, stored.id)
            if stored.id not in self._known:
                self._known.add(stored.id)
                self._waiting.setdefault(stored.pid, deque()).append(stored)

    def next_ones(self) -> Iterator[Stored]:
        """Yield what may go now; what was too large goes when nothing else is on its way."""
        if self._alone:
            if not self.in_flight:
                stored = self._alone.popleft()
                self._was_alone.add(stored.id)
                self.in_flight[stored.pid] = stored
                yield stored
            return
        for pid in [pid for pid in self._waiting if pid not in self.in_flight]:
            stored = self._waiting[pid].popleft()
            if not self._waiting[pid]:
                del self._waiting[pid]
            self.in_flight[pid] = stored
            yield stored

    def delivered(self, stored: Stored) -> None:
        """A message has arrived."""
        self._settled(stored)
        self._holds.pop(stored.beamline, None)

    def alone(self, stored: Stored) -> None:
        """A message is to go again, by itself."""
        self.in_flight.pop(stored.pid, None)
        self._alone.append(stored)

    def was_alone(self, stored: Stored) -> bool:
        """Tell whether a message went by itself."""
        return stored.id in self._was_alone

    def reread(self, stored: Stored) -> None:
        """A message was changed in the outbox: its scan is read again."""
        self._settled(stored)
        self._drop(stored.pid)

    def hold(self, stored: Stored) -> None:
        """A message did not go: its beamline is left alone for a while, longer each time."""
        self._settled(stored)
        until, failures = self._holds.get(stored.beamline, (0.0, 0))
        if until <= self._clock():
            pause = back_off(failures + 1, first=self._first_hold, longest=LONGEST_HOLD, draw=self._draw)
            self._holds[stored.beamline] = (self._clock() + pause, failures + 1)
        for pid in [pid for pid, rows in self._waiting.items() if rows[0].beamline == stored.beamline]:
            self._drop(pid)
        self.after = 0

    def _drop(self, pid: str) -> None:
        for one in self._waiting.pop(pid, ()):
            self._known.discard(one.id)
        self.after = 0

    def _settled(self, stored: Stored) -> None:
        self.in_flight.pop(stored.pid, None)
        self._known.discard(stored.id)
        self._was_alone.discard(stored.id)
