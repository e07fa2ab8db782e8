"""How full an outbox is: what waits, what is kept though it was delivered, and the room that both take."""

import sqlite3
import time
from dataclasses import dataclass


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
        "SELECT count(*), total(length(body)), min(created) FROM messages "
        "WHERE delivered IS NULL AND refused IS NULL"
    ).fetchone()
    refused = connection.execute(
        "SELECT count(*) FROM messages WHERE delivered IS NULL AND refused IS NOT NULL"
    ).fetchone()[0]
    entries = connection.execute("SELECT count(*) FROM entries").fetchone()[0]
    age = max(0.0, time.time() - oldest) if oldest is not None else 0.0
    return Level(int(waiting), int(size), age, int(refused), int(entries))


def room_of(connection: sqlite3.Connection) -> Room:
    """Return the room that the file takes."""
    page, pages, free = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_size", "page_count", "freelist_count")
    )
    delivered = connection.execute("SELECT count(*) FROM messages WHERE delivered IS NOT NULL").fetchone()[0]
    return Room(page * pages, page * free, int(delivered))
