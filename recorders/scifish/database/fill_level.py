"""How full an outbox is: what waits, what was delivered and is still kept, and the disk space of both."""

import sqlite3
import time
from dataclasses import dataclass

# this index holds all that is asked of what waits: no page of a message is read (SQLite before 3.40 does)
_WAITING = "messages INDEXED BY waiting_sizes WHERE delivered IS NULL"


@dataclass(frozen=True)
class Level:
    """How full the outbox is: what waits, its bytes and the oldest one's age; refused ones; open entries."""

    waiting: int
    waiting_bytes: int
    oldest_seconds: float
    refused: int
    open_entries: int


@dataclass(frozen=True)
class Room:
    """The bytes of the file, those that are free for what comes, and how many messages were delivered."""

    file_bytes: int
    free_bytes: int
    delivered: int


def level_of(connection: sqlite3.Connection) -> Level:
    """Return how full the outbox is."""
    waiting, size, oldest = connection.execute(
        f"SELECT count(*), total(length(body)), min(created) FROM {_WAITING} AND refused IS NULL"  # noqa: S608 - constant
    ).fetchone()
    refused = connection.execute(
        f"SELECT count(*) FROM {_WAITING} AND refused IS NOT NULL"  # noqa: S608 - constant
    ).fetchone()[0]
    entries = connection.execute("SELECT count(*) FROM entries").fetchone()[0]
    age = max(0.0, time.time() - oldest) if oldest is not None else 0.0
    return Level(int(waiting), int(size), age, int(refused), int(entries))


def room_of(connection: sqlite3.Connection) -> Room:
    """Return the room that the file takes."""
    page, pages, free = _pages(connection)
    delivered = connection.execute("SELECT count(*) FROM messages WHERE delivered IS NOT NULL").fetchone()[0]
    return Room(page * pages, page * free, int(delivered))


def used_bytes(connection: sqlite3.Connection) -> int:
    """Return the room that is in use, of what waits and of what was delivered."""
    page, pages, free = _pages(connection)
    return page * (pages - free)


def waiting_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes of all that was not delivered, also of what was refused."""
    return int(connection.execute(f"SELECT total(length(body)) FROM {_WAITING}").fetchone()[0])  # noqa: S608 - constant


def _pages(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Return the bytes of a page, the pages of the file, and how many of them are free."""
    size, count, free = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_size", "page_count", "freelist_count")
    )
    return size, count, free
