"""How much of what was delivered stays in the outbox: beyond an age and a size the oldest goes, bit by bit.

What goes is looked for by reading only, so that no scan waits for the look; only the deletion is a write.
The room of what was deleted is used again, so that the file stays as large as it was at most; only
`Outbox.compact` gives room back to the disk.
"""

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from scifish.database.fill_level import used_bytes, waiting_bytes

PIECE = 2_000_000  # bytes that one transaction deletes: a scan's entry may wait for it
_ROWS = 500


@dataclass(frozen=True)
class OutboxRetention:
    """How long, and how much, delivered messages stay."""

    days: float = 30.0
    megabytes: float = 1000.0


class Delivered(NamedTuple):
    """A message that was delivered: its id, its bytes, and when (seconds since 1970)."""

    id: int
    size: int
    time: float


def beyond(connection: sqlite3.Connection, retention: OutboxRetention) -> list[Delivered]:
    """Return the oldest of what was delivered, as far as it is beyond the retention; one piece."""
    until = time.time() - retention.days * 86_400
    excess = used_bytes(connection) - retention.megabytes * 1e6
    if excess > 0:  # what waits counts for nothing
        excess -= waiting_bytes(connection)
    freed, found = 0, []
    for one in _oldest(connection):
        if (one.time >= until and freed >= excess) or freed >= PIECE:
            break
        freed += one.size
        found.append(one)
    return found


def older(connection: sqlite3.Connection, until: float) -> list[Delivered]:
    """Return the oldest of what was delivered until then (seconds since 1970); one piece."""
    return list(takewhile(lambda one: one.time <= until, _oldest(connection)))


def delete(connection: sqlite3.Connection, found: Sequence[Delivered]) -> int:
    """Delete what was found, unless it is to be sent again or its scan waits for files; return how many."""
    return connection.executemany(
        "DELETE FROM messages WHERE id = ? AND delivered = ? AND pid NOT IN (SELECT pid FROM awaited)",
        [(one.id, one.time) for one in found],
    ).rowcount


def _oldest(connection: sqlite3.Connection) -> list[Delivered]:
    """Return the oldest delivered messages, but of scans that still wait for files."""
    found = connection.execute(
        "SELECT id, length(body), delivered FROM messages WHERE delivered IS NOT NULL "
        "AND pid NOT IN (SELECT pid FROM awaited) ORDER BY delivered LIMIT ?",
        (_ROWS,),
    )
    return [Delivered(*row) for row in found]
