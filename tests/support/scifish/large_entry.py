"""An entry that is too large for SQLite."""

import sqlite3
import sys

from scifish.outbox.outbox import Outbox


def refuse_above(outbox: Outbox, size: int) -> None:
    """Let SQLite take no text that is longer, as it does by itself above 1 GB."""
    if sys.version_info >= (3, 11):
        with outbox._database.reading() as connection:
            connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, size)
