"""What the tests of SciFly share."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from scifly import Fly, FoundAcquisition, Habits, Reader
from scifly import readers as all_readers
from scifly.errors import RecorderError, UnreadableError
from scifly.folder.scan import Look, Sweep
from scifly.instruments import PATIENCE, PATTERNS, instruments_of, rules_of
from scifly.place import WatchedPlace
from scifly.readers.reading import read_now
from scifly.recording.ledger import Ledger
from scifly.recording.recorder import Outcome


class Catalogue:
    """A `Recorder` that keeps what it is given, as the whole chain does: by pid, the highest sequence."""

    def __init__(self) -> None:
        self.found: list[FoundAcquisition] = []
        self.begun: dict[Path, FoundAcquisition] = {}
        self.abandoned: list[tuple[FoundAcquisition, str]] = []
        self.refusal: str | None = None
        self.broken = False
        self.dies_at = 0  # the process ends at this file of those that are recorded together

    def begin(self, found: FoundAcquisition) -> Outcome:
        if not self.refusal:
            self.begun[found.path] = found
        return self.refusal

    def abandon(self, path: Path, why: str) -> None:
        self.abandoned.append((self.begun.pop(path), why))

    def record(self, found: Sequence[FoundAcquisition]) -> list[Outcome]:
        if self.broken:
            return [RecorderError(f"{one.path}: SciFish did not record it") for one in found]
        for number, one in enumerate(found, 1):
            self.begun.pop(one.path, None)
            self.found.append(one)
            if number == self.dies_at:
                raise KilledError
        return [self.refusal for _ in found]

    @property
    def names(self) -> list[str]:
        return [one.path.name for one in self.found]

    @property
    def datasets(self) -> dict[str, FoundAcquisition]:
        """What is in the catalogue in the end."""
        return {one.ticket.pid: one for one in sorted(self.found, key=lambda one: one.ticket.sequence)}


def habits(
    lines: tuple[str, ...] = (),
    *,
    patience: float = PATIENCE,
    readers: Mapping[str, Reader] | None = None,
    linger: float = 0.0,
) -> Habits:
    """Return habits with rules as the property Instruments writes them."""
    rules = rules_of(instruments_of(lines), PATTERNS, patience, all_readers() if readers is None else readers)
    return Habits(rules, linger=linger)


class KilledError(BaseException):
    """The process ended here: nobody catches this."""


class Beamline:
    """A fly over a folder, which can be started again as after kill -9; its looks are this object's own."""

    def __init__(self, folder: Path, habits: Habits) -> None:
        self.raw = folder / "data/20260001/2026030108/raw"
        self.raw.mkdir(parents=True)
        self.place = WatchedPlace(self.raw, "20260001")
        self.catalogue = Catalogue()
        self.habits = habits
        self.ledger = folder / "state/scifly.sqlite"
        self.recorded: list[Path] = []
        self.now = 1000.0
        self.again()
        self.fly.follow(self.place)

    def again(self) -> None:
        self.fly = Fly(Ledger(self.ledger), self.catalogue, self.habits, self._note)
        self._sweeps: dict[WatchedPlace, Sweep] = {}

    def _note(self, path: Path, pid: str) -> None:
        assert pid in self.catalogue.datasets
        self.recorded.append(path)

    def rescan(self) -> None:
        """Look as if for the first time."""
        self._sweeps.clear()

    def look(self, times: int = 0) -> None:
        """Look so many times, `interval` apart, and read what is to be read."""
        for _ in range(times or self.habits.stable_looks):
            self.now += self.habits.interval
            for place in list(self.fly.places):
                self.fly.found(place, self._look_at(place), self.now)
                while (job := self.fly.next(place, self.now)) is not None:
                    self.fly.read(place, read_now(job[0], place.path, job[1]), self.now)
            self.fly.record(self.now)
            self.fly.expire(self.now)

    def put(self, name: str, content: bytes, mtime: float | None = None) -> Path:
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if mtime is not None:
            os.utime(path, (mtime, mtime))
        return path

    def _look_at(self, place: WatchedPlace) -> Look | str:
        sweep = self._sweeps.setdefault(place, Sweep(place.path, self.habits.names))
        try:
            files = self.fly.places[place]
            return sweep.look({*files.hot(self.now), *files.waiting()})
        except UnreadableError as error:
            return str(error)
