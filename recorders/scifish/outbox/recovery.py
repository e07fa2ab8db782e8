"""Reads what can still be read of a damaged outbox."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from scifish.contract.message import Message, read_message
from scifish.errors import MessageError
from scifish.outbox.outbox import Outbox
from scifish.owners.owner import Owner

log = logging.getLogger(__name__)

_GIVE_UP_AFTER = 2000  # ids in a row that cannot be read


@dataclass(frozen=True)
class Recovered:
    """How many messages and open entries were read, and how many rows could not be."""

    messages: int
    entries: int
    lost: int


def recover(damaged: Path, into: Outbox) -> Recovered:
    """Copy undelivered messages and open entries of `damaged` into an outbox. Raises OutboxError."""
    messages = entries = lost = 0
    with closing(sqlite3.connect(damaged)) as connection:
        for body in _bodies(connection):
            message = _readable(body)
            if message is None:
                lost += 1
            else:
                into.put([message])
                messages += 1
        for state, owner in _entries(connection):
            entry = _readable(state)
            if entry is None:
                lost += 1
            else:
                into.open(entry, owner)
                entries += 1
    return Recovered(messages, entries, lost)


def _bodies(connection: sqlite3.Connection) -> Iterator[bytes | None]:
    """Yield the undelivered bodies by their ids; None for a row that cannot be read."""
    identity, failed = 0, 0
    while failed < _GIVE_UP_AFTER:
        try:
            row = connection.execute(
                "SELECT id, body, delivered FROM messages WHERE id > ? ORDER BY id LIMIT 1", (identity,)
            ).fetchone()
        except sqlite3.DatabaseError:
            identity, failed = identity + 1, failed + 1
            if failed == 1:
                yield None
            continue
        if row is None:
            return
        identity, failed = int(row[0]), 0
        if row[2] is None:
            yield bytes(row[1])


def _entries(connection: sqlite3.Connection) -> Iterator[tuple[bytes | None, Owner]]:
    try:
        for state, *owner in connection.execute(
            "SELECT state, owner_pid, owner_started, owner_world FROM entries"
        ):
            yield bytes(state), Owner(*owner)
    except sqlite3.DatabaseError as error:
        log.warning("the open entries can be read no further: %s", error)


def _readable(body: bytes | None) -> Message | None:
    try:
        return None if body is None else read_message(body)
    except MessageError as error:
        log.warning("a message was left out: %s", error)
        return None
