"""The outbox's SQLite file: opened, checked, and set aside when it is damaged."""

import contextlib
import logging
import os
import sqlite3
import weakref
from collections.abc import Iterator
from pathlib import Path
from threading import RLock

from scifish.common.clock import utcnow
from scifish.database.forked_files import forked_files
from scifish.database.schema import VERSION, complete, create, foreign_tables
from scifish.database.sqlite_file import open_sqlite
from scifish.errors import OutboxError, TooLargeError
from scifish.owners.process_lock import SUFFIX

log = logging.getLogger(__name__)

_MAGIC = b"SQLite format 3\0"
_OTHER_PATH = "correct the outbox's path in the settings, or move that file away"
_TOO_LARGE = (sqlite3.DataError, sqlite3.InterfaceError)  # the latter with Python 3.10
_DAMAGED = ("malformed", "not a database", "file is encrypted", "no such table", "no such column")


class Database:
    """One SQLite file; threads take turns. Every transaction is on the disk when it ends.

    Who gives a Database up without closing it leaves no open file behind.
    """

    def __init__(self, path: Path, *, busy_timeout: float = 5.0) -> None:
        self.path = path
        self._busy_timeout = busy_timeout
        self._connection: sqlite3.Connection | None = None
        self._given_up: weakref.finalize[[], Database] | None = None
        self._identity: tuple[int, int] | None = None
        self._journal_size = 0
        self._durable = True  # what `_prepare` sets
        self._lock = RLock()
        forked_files.add(self)

    @contextlib.contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Give a connection within one write transaction. Raises OutboxError; a damaged file is set aside.

        Not `durable`: it outlives this process, but no power cut.
        """
        with self._lock, self._errors_named():
            connection = self._connected()
            if durable is not self._durable:
                connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._durable = durable
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:  # Ctrl-C too: what is left open would hold up every other process
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Give a connection to read from. Raises OutboxError."""
        with self._lock, self._errors_named():
            yield self._connected()

    def empty_journal(self, *, wait: bool = True) -> None:
        """Bring the journal into the file and cut it to nothing. Raises OutboxError if somebody reads on."""
        with self._lock, self._errors_named():
            connection = self._connected()
            patience = round(self._busy_timeout * 1000)
            connection.execute(f"PRAGMA busy_timeout = {patience if wait else 0}")
            try:
                [(busy, *_)] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            finally:
                connection.execute(f"PRAGMA busy_timeout = {patience}")
            if busy:
                raise sqlite3.OperationalError("its journal is busy and cannot be emptied")

    def cut_quiet_journal(self) -> None:
        """Empty the journal if nobody has written since the last call, and nobody reads.

        A process that was killed while it deleted what is proprietary has left pages there.
        """
        journal = self.path.with_name(f"{self.path.name}-wal")
        with contextlib.suppress(OSError, OutboxError):  # it is tried again, here and elsewhere
            size = journal.stat().st_size
            if size and size == self._journal_size:
                self.empty_journal(wait=False)
            self._journal_size = size

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            if self._given_up is not None:
                self._given_up()
            self._connection = self._given_up = None

    def pause(self, seconds: float) -> bool:
        """Close the file and let no transaction begin until `resume`, in this thread; False: one runs on."""
        if not self._lock.acquire(timeout=seconds):
            return False
        if (
            self._connection is None or not self._connection.in_transaction
        ):  # a signal's handler may fork in one
            self.close()
        return True

    def resume(self) -> None:
        """Let transactions begin again."""
        self._lock.release()

    @contextlib.contextmanager
    def _errors_named(self) -> Iterator[None]:
        try:
            yield
        except _TOO_LARGE as error:
            raise TooLargeError(f"outbox {self.path}: {error}; record less in one entry") from error
        except (sqlite3.Error, OSError) as error:
            raise self._named(error) from error

    def _named(self, error: Exception) -> OutboxError:
        """Return the exception for an error of the file; a damaged file is set aside."""
        try:
            if _is_damage(error):
                self._set_aside(str(error))
        except (sqlite3.Error, OSError) as worse:
            return OutboxError(f"outbox {self.path}: {error}; it cannot be set aside: {_reason(worse)}")
        return OutboxError(f"outbox {self.path}: {_reason(error)}; {_advice(error)}")

    def _connected(self) -> sqlite3.Connection:
        if self._connection is not None and self._identity != _identity(self.path):
            log.warning("outbox %s: the file was replaced or removed; it is opened again", self.path)
            self.close()
        if self._connection is None:
            self._connection, self._durable = self._open(), True
            self._given_up = weakref.finalize(self, self._connection.close)
            self._given_up.atexit = False  # at the exit the scans that are open are still to be ended
            self._identity = _identity(self.path)
        return self._connection

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._identity = _identity(self.path)
        try:
            return self._prepare()
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
            self._set_aside(str(error))
            return self._prepare()

    def _prepare(self) -> sqlite3.Connection:
        return open_sqlite(
            self.path,
            self._create_tables,
            timeout=self._busy_timeout,
            secure_delete=True,
            refuse=self._refuse_foreign,
        )

    def _refuse_foreign(self, connection: sqlite3.Connection) -> None:
        """Leave another program's database as it is, to which a mistyped path leads. Raises OutboxError."""
        if names := foreign_tables(connection):
            some = ", ".join(names[:3])
            raise OutboxError(
                f"outbox {self.path}: is another program's database (with {some}); {_OTHER_PATH}"
            )

    def _create_tables(self, connection: sqlite3.Connection) -> None:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > VERSION:
            raise OutboxError(
                f"outbox {self.path}: has version {version}, this scifish knows {VERSION}; update scifish"
            )
        if version < VERSION:
            create(connection)
        else:
            complete(connection)
        connection.execute("SELECT count(*) FROM (SELECT 1 FROM messages LIMIT 1)").fetchone()

    def _set_aside(self, why: str) -> None:
        """Rename a damaged file, so that it can be looked at, and make room for a new one.

        Raises OutboxError for a file that never was an outbox: it is somebody's, and stays.
        """
        self.close()
        if self._identity == _identity(self.path):
            self._refuse_other_files()
        if self._identity != _identity(self.path):
            return  # another process has set it aside already: the file of that name is a new one
        aside = self.path.with_name(f"{self.path.name}.damaged-{utcnow():%Y%m%dT%H%M%S.%f}Z-{os.getpid()}")
        try:
            self.path.rename(aside)
        except FileNotFoundError:
            return  # another process was quicker
        for suffix in ("-wal", "-shm"):
            with contextlib.suppress(OSError):
                self.path.with_name(self.path.name + suffix).rename(aside.with_name(aside.name + suffix))
        log.error(
            "outbox %s: the file is damaged (%s). It was set aside as %s and a new one begun; "
            "`scifish outbox recover %s` brings back what can still be read",
            self.path,
            why,
            aside.name,
            aside,
        )

    def _refuse_other_files(self) -> None:
        """Leave what is no outbox where it is. Raises OutboxError."""
        if not _was_outbox(self.path):
            raise OutboxError(f"outbox {self.path}: is another kind of file; {_OTHER_PATH}")
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=self._busy_timeout)) as connection:
                self._refuse_foreign(connection)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):  # else nothing can be read of its tables
                raise


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _was_outbox(path: Path) -> bool:
    """Tell whether a file may have been an outbox: by its beginning, or by the owners' file beside it."""
    with path.open("rb") as file:
        beginning = file.read(len(_MAGIC))
    return beginning == _MAGIC or not beginning.strip(b"\0") or path.with_name(path.name + SUFFIX).exists()


def _reason(error: Exception) -> str:
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _is_damage(error: Exception) -> bool:
    return isinstance(error, sqlite3.DatabaseError) and any(word in str(error) for word in _DAMAGED)


def _advice(error: Exception) -> str:
    """Return what a person can do about an error of the file."""
    reason = str(error)
    if "full" in reason:
        return "make room on that disk"
    if "readonly" in reason or "Read-only" in reason or isinstance(error, PermissionError):
        return "make the file and its folder writable"
    if "locked" in reason or "busy" in reason:
        return "another process keeps the file busy; it is tried again"
    if _is_damage(error):
        return "the damaged file was set aside"
    return "check the disk, the folder and its rights"
