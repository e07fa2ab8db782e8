"""The tables of an outbox: how they are made, and how an outbox is told from another program's database."""

import sqlite3

from scifish.common.clock import utcnow

VERSION = 1
_TABLES = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, pid TEXT NOT NULL, sequence INTEGER NOT NULL, part INTEGER NOT NULL,
    beamline TEXT NOT NULL, event TEXT NOT NULL, body BLOB NOT NULL, created REAL NOT NULL,
    delivered REAL, refused TEXT, UNIQUE (pid, sequence, part));
CREATE INDEX IF NOT EXISTS waiting ON messages (id) WHERE delivered IS NULL;
CREATE INDEX IF NOT EXISTS sent ON messages (delivered) WHERE delivered IS NOT NULL;
CREATE TABLE IF NOT EXISTS entries (
    pid TEXT PRIMARY KEY, state BLOB NOT NULL, owner_pid INTEGER NOT NULL, owner_started INTEGER NOT NULL,
    owner_world TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lease (
    name TEXT PRIMARY KEY, holder TEXT NOT NULL, until REAL NOT NULL, owner_pid INTEGER NOT NULL,
    owner_started INTEGER NOT NULL, owner_world TEXT NOT NULL) WITHOUT ROWID;
"""
# what later versions added beside them: an earlier scifish goes on with the file, and needs none of these
_ADDED = (
    "CREATE TABLE IF NOT EXISTS handed (id INTEGER PRIMARY KEY);",  # messages that somebody is delivering
    "CREATE TABLE IF NOT EXISTS awaited ("  # files that scans wait for, with the process that looks for them
    "pid TEXT NOT NULL, path TEXT NOT NULL, until REAL, uid INTEGER NOT NULL, owner_pid INTEGER NOT NULL, "
    "owner_started INTEGER NOT NULL, owner_world TEXT NOT NULL, PRIMARY KEY (pid, path)) WITHOUT ROWID;",
    # how much waits is asked often; `refused` must not lead, or `pending` is planned by this index
    "CREATE INDEX IF NOT EXISTS waiting_sizes ON messages (length(body), created, refused) "
    "WHERE delivered IS NULL;",
)
_OURS = {
    "messages": {"pid", "sequence", "part", "body"},
    "entries": {"pid", "state", "owner_pid"},
    "lease": {"name", "holder", "until"},
}
_ENOUGH = 2  # tables of ours: all are made at once, but somebody may have dropped one, or a column of it


def create(connection: sqlite3.Connection) -> None:
    """Make what is not there, in one transaction."""
    tables = f"{_TABLES} {' '.join(_ADDED)}"
    connection.executescript(
        f"BEGIN IMMEDIATE; {tables} {_first_number()} PRAGMA user_version = {VERSION}; COMMIT"
    )


def complete(connection: sqlite3.Connection) -> None:
    """Make what an earlier version's file lacks."""
    for added in _ADDED:
        connection.execute(added)


def foreign_tables(connection: sqlite3.Connection) -> list[str]:
    """Return the tables of another program's database; none: it is an outbox, or nothing yet."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT GLOB 'sqlite_*'"
    )
    found = sorted(name for (name,) in names)
    ours = [name for name in found if name in _OURS and _OURS[name] <= _columns(connection, name)]
    return [] if len(ours) >= _ENOUGH else found


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    rows = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return {name for (name,) in rows}


def _first_number() -> str:
    """Number the messages of a new file from now on, in microseconds.

    Then no number of a file that was set aside comes again: who read from the old file and marks a number as
    delivered, or keeps a dead letter by it, never means a message of the new one.
    """
    now = int(utcnow().timestamp() * 1_000_000)
    return f"INSERT INTO sqlite_sequence VALUES ('messages', {now});"  # noqa: S608 - a number of ours
