"""A shelf whose letters are counted, for the gauge `scicow_letters`: what lies there now."""

from collections import Counter
from collections.abc import Iterable, Iterator
from threading import Event, Lock

from scicow.dead_letters.dead_letter import Kind, Letter, Shelf
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
        self._there: dict[str, str] = {}  # letter -> beamline, as far as is known
        self._now = Counter[str]()  # beamline -> letters
        self._come: dict[str, str] = {}  # what came since the last reading began
        self._gone: set[str] = set()  # and what went

    def put(self, letter: Letter) -> None:
        """Keep a letter. Raises ShelfError."""
        self._shelf.put(letter)
        with self._lock:
            self._come[letter.id] = letter.beamline
            self._gone.discard(letter.id)
            if letter.id not in self._there:
                self._there[letter.id] = letter.beamline
                self._now[letter.beamline] += 1
            self._show({letter.beamline})

    def settle(self, letters: Iterable[Letter]) -> None:
        """Take letters away. Raises ShelfError."""
        settled = list(letters)
        self._shelf.settle(settled)
        with self._lock:
            for letter in settled:
                self._come.pop(letter.id, None)
                self._gone.add(letter.id)
                if self._there.pop(letter.id, None) is not None:
                    self._now[letter.beamline] -= 1
            self._show({letter.beamline for letter in settled})

    def letters(self, beamline: str | None = None) -> Iterator[Letter]:
        """Iterate over the letters. Raises ShelfError."""
        if beamline is not None:
            yield from self._shelf.letters(beamline)
            return
        with self._lock:
            self._come, self._gone = {}, set()
        seen: dict[str, str] = {}
        for letter in self._shelf.letters():
            seen[letter.id] = letter.beamline
            yield letter
        with self._lock:
            known = {**seen, **self._come}
            self._there = {name: one for name, one in known.items() if name not in self._gone}
            before, self._now = self._now, Counter(self._there.values())
            self._show({*before, *self._now})

    def trim(self) -> None:
        """Free the room of what is settled. Raises ShelfError."""
        self._shelf.trim()

    def count(self, stopping: Event) -> None:
        """Read all letters, so that they are counted. Raises ShelfError."""
        for _ in self.letters():
            if stopping.is_set():
                return

    def _show(self, beamlines: Iterable[str]) -> None:
        for beamline in beamlines:
            self._metrics.letters.labels(beamline, self._kind).set(self._now[beamline])
