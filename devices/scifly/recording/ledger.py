"""The durable record of what was recorded: after a restart or kill -9 nothing is lost or doubled.

The pid is minted and kept here before anything is recorded under it. Whoever was killed in between records
the file again under the same pid with a higher sequence, which ends in the same dataset.
"""

import sqlite3
import time
import uuid
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scifly.errors import LedgerError
from scifly.folder.stamp import Stamp
from scifly.place import WatchedPlace

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, began TEXT NOT NULL,
    pid TEXT NOT NULL, attempts INTEGER NOT NULL, settled INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS places (path TEXT PRIMARY KEY, proposal TEXT, left_at REAL) WITHOUT ROWID;
"""
SEQUENCES = 2  # of each attempt: its own message, and the one that ends an entry whose process was killed


@dataclass(frozen=True)
class Ticket:
    """The right to record a file: under which pid, from which sequence on."""

    pid: str
    sequence: int


class Ledger:
    """A SQLite file; every method may raise LedgerError. All calls come from one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._told():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            weakref.finalize(self, self._database.close)  # given up, or failing below: no file stays open
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.executescript(_SCHEMA)

    def begin(self, path: Path, stamp: Stamp, began: str) -> Ticket:
        """Take the right to record a file, on disk when this returns.

        A file that was saved again while its acquisition (`began`) is the same keeps its pid.
        """
        with self._told():
            row = self._database.execute(
                "SELECT pid, attempts FROM files WHERE path = ? AND (began = ? OR NOT settled)",
                (str(path), began),
            ).fetchone()
            pid, attempts = row or (str(uuid.uuid4()).upper(), 0)
            self._database.execute(
                "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, 0)",
                (str(path), stamp.size, stamp.mtime_ns, began, pid, attempts + 1),
            )
        return Ticket(pid, SEQUENCES * attempts)

    def settle(self, path: Path) -> None:
        """Keep that a file was recorded or refused, on disk when this returns."""
        with self._told():
            self._database.execute("UPDATE files SET settled = 1 WHERE path = ?", (str(path),))

    def settled(self, folder: Path) -> dict[Path, Stamp]:
        """Return the files below `folder` that are recorded or refused, in the state in which they were."""
        with self._told():
            rows = self._database.execute(
                "SELECT path, size, mtime_ns FROM files WHERE settled AND substr(path, 1, ?) = ?",
                (len(f"{folder}/"), f"{folder}/"),
            )
            return {Path(path): Stamp(size, mtime_ns) for path, size, mtime_ns in rows}

    def enter(self, place: WatchedPlace) -> None:
        """Keep that a place is watched as the active one; all others are left."""
        with self._told():
            self._database.execute(
                "INSERT OR REPLACE INTO places VALUES (?, ?, NULL)", (str(place.path), place.proposal)
            )
            self.leave(except_for=place)

    def enter_left(self, place: WatchedPlace) -> None:
        """Keep that a place is watched as one that was left just now."""
        with self._told():
            self._database.execute(
                "INSERT OR REPLACE INTO places VALUES (?, ?, ?)",
                (str(place.path), place.proposal, time.time()),
            )

    def leave(self, except_for: WatchedPlace | None = None) -> None:
        """Keep that no place, or only one, is active."""
        stays = str(except_for.path) if except_for else ""
        with self._told():
            self._database.execute(
                "UPDATE places SET left_at = ? WHERE left_at IS NULL AND path != ?", (time.time(), stays)
            )

    def forget(self, place: WatchedPlace) -> None:
        """Keep that nothing in a place is waited for any more."""
        with self._told():
            self._database.execute("DELETE FROM places WHERE path = ?", (str(place.path),))

    def places(self) -> dict[WatchedPlace, float | None]:
        """Return the places that are watched, and when each was left (seconds since 1970; None: active)."""
        with self._told():
            rows = self._database.execute("SELECT path, proposal, left_at FROM places")
            return {WatchedPlace(Path(path), proposal): left_at for path, proposal, left_at in rows}

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(
                f"{self.path}: what was recorded cannot be kept ({error}); nothing is recorded until then: "
                "check the folder, its rights and its disk"
            ) from error
