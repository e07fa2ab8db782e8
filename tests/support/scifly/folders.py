"""What the tests of SciFly share."""

import os
from pathlib import Path

from scifly import Fly, FoundAcquisition, Habits
from scifly.errors import RecorderError
from scifly.folder.pending import YOUNG
from scifly.ledger import Ledger
from scifly.place import WatchedPlace


class Catalogue:
    """A `Recorder` that keeps what it is given, as the whole chain does: by pid, the highest sequence."""

    def __init__(self) -> None:
        self.found: list[FoundAcquisition] = []
        self.refusal: str | None = None
        self.broken = False
        self.dies = False

    def record(self, found: FoundAcquisition) -> str | None:
        if self.broken:
            raise RecorderError(f"{found.path}: SciFish did not record it")
        self.found.append(found)
        if self.dies:
            raise KilledError
        return self.refusal

    @property
    def names(self) -> list[str]:
        return [one.path.name for one in self.found]

    @property
    def datasets(self) -> dict[str, FoundAcquisition]:
        """What is in the catalogue in the end."""
        return {one.ticket.pid: one for one in sorted(self.found, key=lambda one: one.ticket.sequence)}


class KilledError(BaseException):
    """The process ended here: nobody catches this."""


class Beamline:
    """A fly over a folder, which can be started again as after kill -9."""

    def __init__(self, folder: Path, habits: Habits) -> None:
        self.raw = folder / "data/20260001/2026030108/raw"
        self.raw.mkdir(parents=True)
        self.place = WatchedPlace(self.raw, "20260001")
        self.catalogue = Catalogue()
        self.habits = habits
        self.ledger = folder / "state/scifly.sqlite"
        self.recorded: list[Path] = []
        self.again()
        self.fly.follow(self.place)

    def again(self) -> None:
        self.fly = Fly(Ledger(self.ledger), self.catalogue, self.habits, self.recorded.append)

    def look(self, times: int = 0) -> None:
        for _ in range(times or self.habits.stable_looks):
            self.fly.look()

    def put(self, name: str, content: bytes, mtime: float | None = None) -> Path:
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        if mtime is not None:
            os.utime(path, (mtime, mtime))
        return path


OLD = YOUNG + 60
