"""What this host's outbox still knows of a scan: which of its messages have left, and which wait."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from scifish.database.database import Database
from scifish.errors import OutboxError


@dataclass(frozen=True)
class Track:
    """A scan's messages: the highest sequence, how many wait, how many have left, why Kafka refused one."""

    pid: str
    highest: int = -1
    waiting: int = 0
    left: int = 0
    refused: str | None = None
    refused_sequence: int = -1
    begun: datetime | None = None
    open: bool = False


class Tracks:
    """The tracks in the outbox `path`; a file that does not exist has none. May raise OutboxError."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, pids: Iterable[str]) -> dict[str, Track]:
        """Return the track of each pid."""
        with self._reading() as connection:
            return {pid: _track(connection, pid) if connection else Track(pid) for pid in pids}

    def named(self, beginning: str) -> list[str]:
        """Return the pids that begin so, in the order of their first messages; none begins with nothing."""
        first = beginning.upper()
        query = "SELECT pid FROM messages WHERE pid >= ? AND pid < ? GROUP BY pid ORDER BY min(id)"
        return self._pids(query, (first, f"{first}\x7f")) if first else []

    def newest(self) -> str | None:
        """Return the pid of the last message; None: there is none."""
        return next(iter(self._pids("SELECT pid FROM messages ORDER BY id DESC LIMIT 1", ())), None)

    def _pids(self, query: str, values: tuple[str, ...]) -> list[str]:
        with self._reading() as connection:
            return [str(row[0]) for row in connection.execute(query, values)] if connection else []

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """Give a connection; None when there is no outbox, which a question does not make."""
        if not self._exists():
            yield None
            return
        database = Database(self._path)
        try:
            with database.reading() as connection:
                yield connection
        finally:
            database.close()

    def _exists(self) -> bool:
        try:
            return self._path.exists()
        except OSError as error:
            raise OutboxError(
                f"outbox {self._path}: {error.strerror}; correct outbox.path, or the folder's rights"
            ) from error


def _track(connection: sqlite3.Connection, pid: str) -> Track:
    rows = connection.execute(
        "SELECT sequence, created, delivered, refused FROM messages WHERE pid = ? ORDER BY sequence", (pid,)
    ).fetchall()
    opened = connection.execute("SELECT 1 FROM entries WHERE pid = ?", (pid,)).fetchone() is not None
    refused = [(row[0], row[3]) for row in rows if row[2] is None and row[3] is not None]
    sequence, reason = refused[-1] if refused else (-1, None)
    return Track(
        pid=pid,
        highest=max((row[0] for row in rows), default=-1),
        waiting=sum(row[2] is None and row[3] is None for row in rows),
        left=sum(row[2] is not None for row in rows),
        refused=reason,
        refused_sequence=sequence,
        begun=datetime.fromtimestamp(min(row[1] for row in rows), tz=timezone.utc) if rows else None,
        open=opened,
    )
