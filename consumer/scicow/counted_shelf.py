"""A shelf whose letters are counted, for the gauge `scicow_letters`: what lies there now."""

from collections import Counter
from collections.abc import Iterable, Iterator
from threading import Event, Lock

from scicow.letters import Kind, Letter, Shelf
from scicow.metrics import Metrics


class CountedShelf:
    """Counts with each letter put or settled here, and anew whenever all letters were read. Thread-safe.

    What other processes put and settle (a replica, `scicow dead drop`) is found by the next reading.
    """

    def __init__(self, shelf: Shelf, kind: Kind, metrics: Metrics) -> None:
        self._shelf = shelf
        self._kind = kind
        self._metrics = metrics
        self._lock = Lock()
        self._now = Counter[str]()  # beamline -> letters
        self._come: dict[str, str] = {}  # since the last reading began: letter -> beamline of what came
        self._gone = Counter[str]()  # and beamline -> how many went

    def put(self, letter: Letter) -> None:
        """Keep a letter. Raises ShelfError."""
        self._shelf.put(letter)
        with self._lock:
            self._come[letter.id] = letter.beamline
            self._show({letter.beamline: self._now[letter.beamline] + 1})

    def settle(self, letters: Iterable[Letter]) -> None:
        """Take letters away. Raises ShelfError."""
        settled = list(letters)
        self._shelf.settle(settled)
        gone = Counter(letter.beamline for letter in settled)
        with self._lock:
            self._gone += gone
            self._show({beamline: self._now[beamline] - count for beamline, count in gone.items()})

    def letters(self, beamline: str | None = None) -> Iterator[Letter]:
        """Iterate over the letters. Raises ShelfError."""
        if beamline is not None:
            yield from self._shelf.letters(beamline)
            return
        with self._lock:
            self._come, self._gone = {}, Counter()
        there = Counter[str]()
        for letter in self._shelf.letters():
            there[letter.beamline] += 1
            with self._lock:
                self._come.pop(letter.id, None)
            yield letter
        with self._lock:
            there.update(self._come.values())
            there.subtract(self._gone)
            self._show({one: there[one] for one in {*self._now, *there}})

    def trim(self) -> None:
        """Free the room of what is settled. Raises ShelfError."""
        self._shelf.trim()

    def count(self, stopping: Event) -> None:
        """Read all letters, so that they are counted. Raises ShelfError."""
        for _ in self.letters():
            if stopping.is_set():
                return

    def _show(self, counts: dict[str, int]) -> None:
        for beamline, count in counts.items():
            self._now[beamline] = max(0, count)
            self._metrics.letters.labels(beamline, self._kind).set(self._now[beamline])
