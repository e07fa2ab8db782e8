"""A dead-letter store that is counted, for the gauge `scicow_dead_letters`: what waits now."""

from collections import Counter
from collections.abc import Iterable, Iterator
from threading import Event, Lock

from scicow.dead_letters.dead_letter import DeadLetter, DeadLetterStore, Kind
from scicow.metrics import Metrics


class CountedStore:
    """Counts with each one put or acknowledged here, and anew whenever all were read. Thread-safe.

    What other processes put and acknowledge (a replica, `scicow dead drop`) is found by the next reading.
    """

    def __init__(self, store: DeadLetterStore, kind: Kind, metrics: Metrics) -> None:
        self._store = store
        self._kind = kind
        self._metrics = metrics
        self._lock = Lock()
        self._there: dict[str, str] = {}  # dead letter -> beamline, as far as is known
        self._now = Counter[str]()  # beamline -> dead letters
        self._come: dict[str, str] = {}  # what came since the last reading began
        self._gone: set[str] = set()  # and what went

    def put(self, dead_letter: DeadLetter) -> None:
        """Keep a dead letter. Raises DeadLetterError."""
        self._store.put(dead_letter)
        with self._lock:
            self._come[dead_letter.id] = dead_letter.beamline
            self._gone.discard(dead_letter.id)
            if dead_letter.id not in self._there:
                self._there[dead_letter.id] = dead_letter.beamline
                self._now[dead_letter.beamline] += 1
            self._show({dead_letter.beamline})

    def acknowledge(self, dead_letters: Iterable[DeadLetter]) -> None:
        """Take dead letters away. Raises DeadLetterError."""
        acknowledged = list(dead_letters)
        self._store.acknowledge(acknowledged)
        with self._lock:
            for dead_letter in acknowledged:
                self._come.pop(dead_letter.id, None)
                self._gone.add(dead_letter.id)
                if self._there.pop(dead_letter.id, None) is not None:
                    self._now[dead_letter.beamline] -= 1
            self._show({dead_letter.beamline for dead_letter in acknowledged})

    def dead_letters(self, beamline: str | None = None) -> Iterator[DeadLetter]:
        """Iterate over the dead letters. Raises DeadLetterError."""
        if beamline is not None:
            yield from self._store.dead_letters(beamline)
            return
        with self._lock:
            self._come, self._gone = {}, set()
        seen: dict[str, str] = {}
        for dead_letter in self._store.dead_letters():
            seen[dead_letter.id] = dead_letter.beamline
            yield dead_letter
        with self._lock:
            known = {**seen, **self._come}
            self._there = {name: one for name, one in known.items() if name not in self._gone}
            before, self._now = self._now, Counter(self._there.values())
            self._show({*before, *self._now})

    def count(self, stopping: Event) -> None:
        """Read all dead letters, so that they are counted. Raises DeadLetterError."""
        for _ in self.dead_letters():
            if stopping.is_set():
                return

    def _show(self, beamlines: Iterable[str]) -> None:
        for beamline in beamlines:
            self._metrics.dead_letters.labels(beamline, self._kind).set(self._now[beamline])
