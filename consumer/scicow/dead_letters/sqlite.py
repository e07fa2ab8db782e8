"""Dead letters and receipts in a SQLite file, where SciCow reads the outbox and there is no Kafka."""

import json
import sqlite3
import weakref
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Literal

from scicow.dead_letters.dead_letter import DeadLetter, Kind
from scicow.dead_letters.receipts import Receipt
from scicow.delivery import Headers, Origin
from scicow.errors import DeadLetterError
from scicow.metrics import Metrics
from scifish.database.sqlite_file import open_sqlite

_TABLES = """
CREATE TABLE IF NOT EXISTS letter (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, origin TEXT NOT NULL, beamline TEXT NOT NULL,
    key BLOB, body BLOB, headers TEXT NOT NULL, reason TEXT NOT NULL, time TEXT NOT NULL,
    UNIQUE (kind, origin)
) STRICT;
CREATE TABLE IF NOT EXISTS receipt (pid TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
"""


class StateFile:
    """The file; several processes may use it at the same time. Raises DeadLetterError.

    What is written survives a kill -9; with `synchronous` FULL also the loss of power.
    """

    def __init__(self, path: Path, *, synchronous: Literal["FULL", "NORMAL"] = "FULL") -> None:
        self.path = path
        self._lock = Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # a dead letter may be dropped because it is proprietary: nothing of it is to be left
            self._db = open_sqlite(
                path, lambda db: db.executescript(_TABLES), synchronous=synchronous, secure_delete=True
            )
            weakref.finalize(self, self._db.close)  # given up: no file stays open
        except (OSError, sqlite3.Error) as error:
            raise DeadLetterError(
                f"outbox.state: {path} cannot be opened ({error}); check path, rights and disk"
            ) from error

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def write(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        """Run a statement for each row, in one transaction that is on disk when it returns."""
        try:
            with self._lock, self._db:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany(statement, rows)
        except sqlite3.Error as error:
            raise DeadLetterError(
                f"{self.path}: cannot be written ({error}); check its rights and the disk"
            ) from error

    def empty_journal(self) -> None:
        """Cut the journal, which holds deleted rows too; while somebody reads, a later one does it."""
        self.read("PRAGMA wal_checkpoint(TRUNCATE)")

    def read(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
        """Return the rows of a query."""
        try:
            with self._lock, closing(self._db.execute(query, values)) as cursor:
                return cursor.fetchall()
        except sqlite3.Error as error:
            raise DeadLetterError(f"{self.path}: cannot be read ({error}); check its rights") from error


class SqliteDeadLetters:
    """The dead letters of one kind in the state file."""

    def __init__(self, state: StateFile, kind: Kind) -> None:
        self._state = state
        self._kind = kind

    def put(self, dead_letter: DeadLetter) -> None:
        """Keep a dead letter; one with the same origin is replaced."""
        row = (
            self._kind,
            dead_letter.origin.text,
            dead_letter.beamline,
            dead_letter.key,
            dead_letter.body,
            _headers_to_text(dead_letter.headers),
            dead_letter.reason,
            dead_letter.time,
        )
        self._state.write(
            "INSERT INTO letter (kind, origin, beamline, key, body, headers, reason, time) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kind, origin) DO UPDATE SET "
            "reason = excluded.reason, time = excluded.time",
            [row],
        )

    def dead_letters(self, beamline: str | None = None) -> Iterator[DeadLetter]:
        """Iterate over the dead letters, oldest first, a page at a time."""
        last = 0
        while rows := self._state.read(
            "SELECT id, origin, beamline, key, body, headers, reason, time FROM letter "
            "WHERE kind = ? AND id > ? AND (? IS NULL OR beamline = ?) ORDER BY id LIMIT 100",
            (self._kind, last, beamline, beamline),
        ):
            for row in rows:
                last = int(str(row[0]))
                yield _dead_letter(row)

    def acknowledge(self, dead_letters: Iterable[DeadLetter]) -> None:
        """Delete dead letters; one that was put again since it was read stays, with its new reason."""
        self._state.write(
            "DELETE FROM letter WHERE kind = ? AND origin = ? AND time = ?",
            [(self._kind, dead_letter.origin.text, dead_letter.time) for dead_letter in dead_letters],
        )
        self._state.empty_journal()


class SqliteReceipts:
    """The last receipt of each pid, in the state file."""

    def __init__(self, state: StateFile, metrics: Metrics) -> None:
        self._state = state
        self._metrics = metrics

    def send(self, receipt: Receipt, then: Callable[[], None]) -> None:
        """Write the receipt over the pid's last one."""
        row = (receipt.pid, receipt.model_dump_json(by_alias=True))
        try:
            self._state.write("INSERT OR REPLACE INTO receipt (pid, document) VALUES (?, ?)", [row])
        except DeadLetterError:
            self._metrics.receipts_lost.inc()
        then()

    def flush(self, timeout: float) -> None:
        """Nothing is on its way: each is written when `send` returns."""

    def find(self, pid: str) -> Receipt | None:
        """Return the last receipt of a pid."""
        rows = self._state.read("SELECT document FROM receipt WHERE pid = ?", (pid,))
        return Receipt.model_validate_json(str(rows[0][0])) if rows else None


def _dead_letter(row: tuple[object, ...]) -> DeadLetter:
    _, origin, beamline, key, body, headers, reason, time = row
    return DeadLetter(
        beamline=str(beamline),
        key=key if isinstance(key, bytes) else None,
        body=body if isinstance(body, bytes) else None,
        headers=_headers_from_text(str(headers)),
        reason=str(reason),
        origin=Origin.from_text(str(origin)),
        time=str(time),
    )


def _headers_to_text(headers: Headers) -> str:
    return json.dumps([[name, b64encode(value or b"").decode()] for name, value in headers])


def _headers_from_text(text: str) -> Headers:
    return tuple((str(name), b64decode(value)) for name, value in json.loads(text))
