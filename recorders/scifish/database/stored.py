"""Messages as the outbox holds them, and how they are read from it."""

import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

_COLUMNS = "id, pid, sequence, part, beamline, event, body, created, delivered, refused"


@dataclass(frozen=True)
class Stored:
    """A message as the outbox holds it; `refused` says why Kafka will never take it as it is."""

    id: int
    pid: str
    sequence: int
    part: int
    beamline: str
    event: str
    body: bytes
    created: datetime
    delivered: datetime | None = None
    refused: str | None = None


def waiting(
    connection: sqlite3.Connection, after: int, before: int | None, without: Collection[str], limit: int
) -> list[Stored]:
    """Return undelivered messages with an id in between, oldest first; `without` names beamlines."""
    marks = ", ".join("?" * len(without))
    return _read(
        connection,
        f"delivered IS NULL AND refused IS NULL AND id > ? AND id < ? AND beamline NOT IN ({marks}) "
        "ORDER BY id LIMIT ?",
        (after, before if before is not None else 2**62, *without, limit),
    )


def newest(connection: sqlite3.Connection, pid: str | None, limit: int, *, all_states: bool) -> list[Stored]:
    """Return the newest messages, newest last: of one scan (a pid or its beginning) or of all."""
    found = _read(
        connection,
        "pid LIKE ? || '%' AND (? OR delivered IS NULL) ORDER BY id DESC LIMIT ?",
        ((pid or "").upper(), all_states, limit),
    )
    return found[::-1]


def following(connection: sqlite3.Connection, after: int, limit: int) -> list[Stored]:
    """Return messages, delivered or not, with an id above `after`, oldest first."""
    return _read(connection, "id > ? ORDER BY id LIMIT ?", (after, limit))


def _read(connection: sqlite3.Connection, where: str, values: tuple[object, ...]) -> list[Stored]:
    query = f"SELECT {_COLUMNS} FROM messages WHERE {where}"  # noqa: S608 - constants and marks
    return [_stored(row) for row in connection.execute(query, values)]


def _stored(row: tuple[Any, ...]) -> Stored:
    identity, pid, sequence, part, beamline, event, body, created, delivered, refused = row
    sent = None if delivered is None else _time(delivered)
    return Stored(identity, pid, sequence, part, beamline, event, bytes(body), _time(created), sent, refused)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=timezone.utc)
