"""One place being watched: which of its files are new, which are stable, which have vanished."""

import time
from dataclasses import dataclass
from pathlib import Path

from scifly.folder.scan import Stamp, Sweep, stamp
from scifly.place import WatchedPlace

YOUNG = 600.0  # seconds that a settled file is looked at again: programs save into the same file


@dataclass
class Pending:
    """A file that is not recorded yet: its state, for how many looks it is so, and why it waits.

    `since` is in seconds since 1970; `wrong`: the reason is more than that it is still being written;
    `read`: it was read in this state, and is not whole.
    """

    stamp: Stamp
    looks: int = 0
    since: float = 0.0
    reason: str = ""
    wrong: bool = False
    read: bool = False


class PlaceWatch:
    """The files of one place. `settled`: those that are recorded or are none of ours, in that state."""

    def __init__(
        self, place: WatchedPlace, patterns: tuple[str, ...], stable_looks: int, settled: dict[Path, Stamp]
    ) -> None:
        self.place = place
        self.pending: dict[Path, Pending] = {}
        self.vanished: list[Path] = []
        self._sweep = Sweep(place.path, patterns)
        self._stable_looks = stable_looks
        self._settled = settled
        self._checked: set[Path] = set()
        self._young: set[Path] = set()

    def look(self) -> list[Path]:
        """Look once; return the files that may be complete, by the server's mtime. Raises UnreadableError."""
        for path in self._new(self._young.union(self._sweep.files())):
            self.pending.setdefault(path, Pending(Stamp(-1, -1), since=time.time()))
        self.vanished = []
        for path, pending in list(self.pending.items()):
            self._look_at(path, pending)
        return sorted(filter(self._is_ready, self.pending), key=self._by_time)

    def settle(self, path: Path) -> None:
        """A pending file is recorded, or is none of ours, in the state that was seen last."""
        self._settled[path] = self.pending.pop(path).stamp
        self._young.add(path)

    def wait(self, path: Path, reason: str, *, until_changed: bool) -> None:
        """A pending file cannot be recorded yet: read it again when it has changed, or after some looks."""
        pending = self.pending[path]
        pending.reason, pending.wrong = reason, not until_changed
        pending.read = until_changed
        pending.looks = pending.looks if until_changed else 0

    def _new(self, there: set[Path]) -> list[Path]:
        return [path for path in there if path not in self._settled or self._has_changed(path)]

    def _has_changed(self, path: Path) -> bool:
        """Tell whether a settled file was written again; after the first look only young ones are asked."""
        known = self._settled[path]
        if time.time() - known.mtime_ns / 1e9 < YOUNG:
            self._young.add(path)
        else:
            self._young.discard(path)
            if path in self._checked:
                return False
        self._checked.add(path)
        return stamp(path) not in (known, None)

    def _look_at(self, path: Path, pending: Pending) -> None:
        now = stamp(path)
        if now is None:
            del self.pending[path]
            self.vanished.append(path)
        elif now != pending.stamp:
            self.pending[path] = Pending(now, 1, pending.since)
        else:
            pending.looks += 1

    def _is_ready(self, path: Path) -> bool:
        pending = self.pending[path]
        return pending.looks >= self._stable_looks and not pending.read

    def _by_time(self, path: Path) -> tuple[int, Path]:
        return self.pending[path].stamp.mtime_ns, path
