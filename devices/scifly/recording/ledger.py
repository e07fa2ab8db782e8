"""The durable record of what was recorded: after a restart or kill -9 nothing is lost or doubled.

The pid is minted and kept here before anything is recorded under it. Whoever was killed in between records
the file again under the same pid with a higher sequence, which ends in the same dataset. Files of one
acquisition have one pid.
"""

import json
import sqlite3
import time
import uuid
import weakref
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from scifish.database.sqlite_file import open_sqlite
from scifly.errors import LedgerError
from scifly.folder.stamp import Stamp
from scifly.place import WatchedPlace
from scifly.recording.groups import Member, is_near, merged_common
from scifly.recording.own_names import merged_own

_SCHEMA = """
CREATE TABLE IF NOT EXISTS files (
    path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, began TEXT NOT NULL,
    pid TEXT NOT NULL, attempts INTEGER NOT NULL, settled INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS places (path TEXT PRIMARY KEY, proposal TEXT, left_at REAL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS acquisitions (
    number INTEGER PRIMARY KEY, pid TEXT NOT NULL UNIQUE, folder TEXT NOT NULL, key TEXT NOT NULL,
    began TEXT NOT NULL, ended TEXT NOT NULL, data_format TEXT NOT NULL, title TEXT NOT NULL,
    attempts INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS acquisitions_by_key ON acquisitions (folder, key);
CREATE TABLE IF NOT EXISTS members (
    pid TEXT NOT NULL, path TEXT NOT NULL, common TEXT NOT NULL, PRIMARY KEY (pid, path)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS own_names (
    pid TEXT NOT NULL, path TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (pid, path)
);
"""
SEQUENCES = 1000  # of each attempt: its messages, and the one that ends an entry whose process was killed
_COLUMNS = "pid, key, began, ended, data_format, title, attempts"


@dataclass(frozen=True)
class Ticket:
    """The right to record a file: under which pid, from which sequence on, and what its dataset is."""

    pid: str
    sequence: int
    name: str
    began: datetime
    ended: datetime
    data_format: str = ""
    title: str = ""
    common: dict[str, Any] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)


class Ledger:
    """A SQLite file; every method may raise LedgerError. All calls come from one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._as_ledger_error():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = open_sqlite(path, lambda made: made.executescript(_SCHEMA))
            self._quick = open_sqlite(path, lambda _: None, synchronous="NORMAL")
            for one in (self._database, self._quick):
                weakref.finalize(self, one.close)  # given up: no file stays open

    def begin(self, members: Sequence[Member]) -> list[Ticket]:
        """Take the right to record files, on disk when this returns: in one transaction.

        A file that was saved again while its acquisition (`Member.first`) is the same keeps its pid; a file
        that belongs to an acquisition of which others were recorded gets theirs.
        """
        with self._as_ledger_error(), self._transaction(self._database):
            return [self._begin(member) for member in members]

    def _begin(self, member: Member) -> Ticket:
        pid, attempts = self._own(member) or self._joined(member) or (str(uuid.uuid4()).upper(), 0)
        self._database.execute(
            "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?, 0)",
            (str(member.path), member.stamp.size, member.stamp.mtime_ns, member.first, pid, attempts + 1),
        )
        self._database.execute(
            "INSERT OR REPLACE INTO members VALUES (?, ?, ?)",
            (pid, str(member.path), json.dumps(member.common)),
        )
        self._database.execute(
            "INSERT OR REPLACE INTO own_names VALUES (?, ?, ?)",
            (pid, str(member.path), zlib.compress(json.dumps(member.own, default=str).encode())),
        )
        return self._ticket(pid, attempts, member)

    def _own(self, member: Member) -> tuple[str, int] | None:
        """Return pid and attempts of a file that was begun before, if it is the same acquisition."""
        row = self._database.execute(
            "SELECT pid, attempts FROM files WHERE path = ? AND (began = ? OR NOT settled)",
            (str(member.path), member.first),
        ).fetchone()
        return None if row is None else (row[0], max(row[1], self._attempts(row[0])))

    def _joined(self, member: Member) -> tuple[str, int] | None:
        """Return pid and attempts of the newest acquisition of this name, or that of a twin, to join."""
        found = self._database.execute(
            f"SELECT {_COLUMNS} FROM acquisitions WHERE folder = ? AND key = ? ORDER BY number DESC LIMIT 1",  # noqa: S608 - a constant
            (str(member.path.parent), member.key),
        ).fetchone()
        if found is not None and self._may_join(member, *found[:1], *found[2:4]):
            return found[0], found[6]
        for name in member.twins:
            row = self._database.execute(
                "SELECT pid FROM files WHERE path = ? AND began = ? AND began != ''",
                (str(member.path.with_name(name)), member.first),
            ).fetchone()
            if row is not None and not self._is_member(row[0], member.path):
                return row[0], self._attempts(row[0])
        return None

    def _may_join(self, member: Member, pid: str, began: str, ended: str) -> bool:
        times = datetime.fromisoformat(began), datetime.fromisoformat(ended)
        return is_near(member.began, member.ended, *times) and not self._is_member(pid, member.path)

    def _is_member(self, pid: str, path: Path) -> bool:
        query = "SELECT 1 FROM members WHERE pid = ? AND path = ?"
        return self._database.execute(query, (pid, str(path))).fetchone() is not None

    def _attempts(self, pid: str) -> int:
        row = self._database.execute("SELECT attempts FROM acquisitions WHERE pid = ?", (pid,)).fetchone()
        return 0 if row is None else row[0]

    def _ticket(self, pid: str, attempts: int, member: Member) -> Ticket:
        """Keep the acquisition with this member, and return what its dataset is."""
        row = self._database.execute(
            f"SELECT {_COLUMNS} FROM acquisitions WHERE pid = ?",  # noqa: S608 - a constant
            (pid,),
        ).fetchone()
        _, key, began, ended, data_format, title, _ = row or (
            pid, member.key, member.began.isoformat(), member.ended.isoformat(), member.data_format, "", 0
        )  # fmt: skip
        members = self._database.execute("SELECT count(*) FROM members WHERE pid = ?", (pid,)).fetchone()[0]
        first = member.began if members == 1 else min(member.began, datetime.fromisoformat(began))
        last = member.ended if members == 1 else max(member.ended, datetime.fromisoformat(ended))
        title = member.title if members == 1 or len(member.title) > len(title) else title
        folder, times = str(member.path.parent), (first.isoformat(), last.isoformat())
        self._database.execute(
            "INSERT INTO acquisitions (pid, folder, key, began, ended, data_format, title, attempts) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pid) DO UPDATE SET began = excluded.began, "
            "ended = excluded.ended, title = excluded.title, attempts = excluded.attempts",
            (pid, folder, key, *times, data_format, title, attempts + 1),
        )
        rows = self._database.execute("SELECT common FROM members WHERE pid = ? ORDER BY path", (pid,))
        common = merged_common([json.loads(text) for (text,) in rows])
        own = member.own if members == 1 else self._own_names(pid)
        return Ticket(pid, SEQUENCES * attempts, key, first, last, data_format, title, common, own)

    def _own_names(self, pid: str) -> dict[str, dict[str, Any]]:
        """Return what all files of an acquisition say in the instrument's own names."""
        rows = self._database.execute("SELECT content FROM own_names WHERE pid = ? ORDER BY path", (pid,))
        return merged_own([json.loads(zlib.decompress(content)) for (content,) in rows])

    def settle(self, paths: Sequence[Path]) -> None:
        """Keep that files were recorded or refused.

        A loss of power may take it: then they are recorded again, under the same pids.
        """
        with self._as_ledger_error(), self._transaction(self._quick):
            self._quick.executemany(
                "UPDATE files SET settled = 1 WHERE path = ?", [(str(path),) for path in paths]
            )

    def settled(self, folder: Path) -> dict[Path, Stamp]:
        """Return the files below `folder` that are recorded or refused, in the state in which they were."""
        with self._as_ledger_error():
            rows = self._database.execute(
                "SELECT path, size, mtime_ns FROM files WHERE settled AND substr(path, 1, ?) = ?",
                (len(f"{folder}/"), f"{folder}/"),
            )
            return {Path(path): Stamp(size, mtime_ns) for path, size, mtime_ns in rows}

    def enter(self, place: WatchedPlace) -> None:
        """Keep that a place is watched as the active one; all others are left."""
        with self._as_ledger_error():
            self._database.execute(
                "INSERT OR REPLACE INTO places VALUES (?, ?, NULL)", (str(place.path), place.proposal)
            )
            self.leave(except_for=place)

    def enter_left(self, place: WatchedPlace) -> None:
        """Keep that a place is watched as one that was left just now."""
        with self._as_ledger_error():
            self._database.execute(
                "INSERT OR REPLACE INTO places VALUES (?, ?, ?)",
                (str(place.path), place.proposal, time.time()),
            )

    def leave(self, except_for: WatchedPlace | None = None) -> None:
        """Keep that no place, or only one, is active."""
        stays = str(except_for.path) if except_for else ""
        with self._as_ledger_error():
            self._database.execute(
                "UPDATE places SET left_at = ? WHERE left_at IS NULL AND path != ?", (time.time(), stays)
            )

    def forget(self, place: WatchedPlace) -> None:
        """Keep that nothing in a place is waited for any more."""
        with self._as_ledger_error():
            self._database.execute("DELETE FROM places WHERE path = ?", (str(place.path),))

    def places(self) -> dict[WatchedPlace, float | None]:
        """Return the places that are watched, and when each was left (seconds since 1970; None: active)."""
        with self._as_ledger_error():
            rows = self._database.execute("SELECT path, proposal, left_at FROM places")
            return {WatchedPlace(Path(path), proposal): left_at for path, proposal, left_at in rows}

    def close(self) -> None:
        """Close the file."""
        self._database.close()
        self._quick.close()

    @contextmanager
    def _as_ledger_error(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise LedgerError(
                f"{self.path}: what was recorded cannot be kept ({error}); nothing is recorded until then: "
                "check the folder, its rights and its disk"
            ) from error

    @contextmanager
    def _transaction(self, database: sqlite3.Connection) -> Iterator[None]:
        database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:  # Ctrl-C too: an open transaction would hold up every later write
            if database.in_transaction:  # SQLite itself rolls back when the disk is full
                database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")
