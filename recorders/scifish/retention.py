"""How much of what was delivered stays in the outbox: beyond an age and a size the oldest goes, bit by bit.

The room of what was deleted is used again, so that the file stays as large as it was at most; only
`Outbox.compact` gives room back to the disk.
"""

import sqlite3
import time
from dataclasses import dataclass
from itertools import takewhile

PIECE = 2_000_000  # bytes that one transaction deletes: a scan's entry may wait for it
EVERY = 10.0  # seconds between two looks when there is nothing to delete
_ROWS = 500


@dataclass(frozen=True)
class Retention:
    """How long, and how much, delivered messages stay."""

    days: float = 30.0
    megabytes: float = 1000.0


def delete_piece(connection: sqlite3.Connection, retention: Retention) -> int:
    """Delete the oldest of what was delivered, as far as it is beyond the retention; return how many."""
    until = time.time() - retention.days * 86_400
    excess = _kept_bytes(connection) - retention.megabytes * 1e6
    freed, chosen = 0, []
    for identity, size, delivered in oldest_delivered(connection):
        if (delivered >= until and freed >= excess) or freed >= PIECE:
            break
        freed += size
        chosen.append((identity,))
    connection.executemany("DELETE FROM messages WHERE id = ?", chosen)
    return len(chosen)


def delete_older(connection: sqlite3.Connection, until: float) -> int:
    """Delete a piece of what was delivered until then (seconds since 1970); return how many."""
    old = takewhile(lambda row: row[2] <= until, oldest_delivered(connection))
    chosen = [(identity,) for identity, _, _ in old]
    connection.executemany("DELETE FROM messages WHERE id = ?", chosen)
    return len(chosen)


def oldest_delivered(connection: sqlite3.Connection) -> list[tuple[int, int, float]]:
    """Return id, bytes and time of the oldest delivered messages, but of scans that still wait for files."""
    return connection.execute(
        "SELECT id, length(body), delivered FROM messages WHERE delivered IS NOT NULL "
        "AND pid NOT IN (SELECT pid FROM awaited) ORDER BY delivered LIMIT ?",
        (_ROWS,),
    ).fetchall()


def _kept_bytes(connection: sqlite3.Connection) -> float:
    """Return the room of what was delivered: all that is in use, without what waits."""
    page, pages, free = (
        int(connection.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_size", "page_count", "freelist_count")
    )
    waiting = connection.execute(
        "SELECT total(length(body)) FROM messages WHERE delivered IS NULL"
    ).fetchone()[0]
    return (pages - free) * page - float(waiting)
