"""The rows that a message takes in the outbox: one, or several parts when it has very many files."""

import logging
import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from scifish.contract.message import Message
from scifish.errors import TooLargeError
from scifish.outbox.size_limit import LARGEST, TIMES, fitted, weight
from scifish.outbox.split import split

log = logging.getLogger(__name__)

SMALLEST = 500_000  # bytes of an entry in a file whose SQLite refuses more


@dataclass(frozen=True)
class Row:
    """A message, or a part of it, and its bytes."""

    message: Message
    body: bytes


def rows(message: Message, limit: int = LARGEST) -> Iterator[Row]:
    """Yield the rows of a message; what is too large for `limit` bytes beside its files is left out."""
    body = message.to_bytes()
    if message.parts > 1 or (len(body) <= limit and _is_stored(message, len(body), limit)):
        yield Row(message, body)
        return
    smaller = fitted(message, limit)
    if message.event == "end":  # logged once for a scan
        _log_lost(message, smaller)
    body = smaller.to_bytes()
    if len(body) <= limit + limit // 2:
        yield Row(smaller, body)
    else:
        yield from (Row(part, part.to_bytes()) for part in split(smaller, limit + limit // 2))


def _is_stored(message: Message, size: int, limit: int) -> bool:
    """Tell whether SciCat can store the metadata of a message of `size` bytes."""
    return size * TIMES <= limit or weight(message.dataset.scientific_metadata) <= limit


def with_what_fits(write: Callable[[int], None]) -> None:
    """Write with the catalogue's size limit; with a small one where this SQLite takes less than that."""
    try:
        write(LARGEST)
    except TooLargeError:
        write(SMALLEST)


def state(first: Row) -> bytes:
    """Return an open entry as it is sent should its process die: one message, of its first row."""
    if first.message.parts == 1:
        return first.body
    problem = "the files are too many to be kept while the scan runs: some are missing"
    problems = (*first.message.problems, problem)
    return first.message.model_copy(update={"parts": 1, "problems": problems}).to_bytes()


def insert(connection: sqlite3.Connection, found: Iterable[Row]) -> None:
    """Queue rows; one that is there stays as it is."""
    now = time.time()
    connection.executemany(
        "INSERT OR IGNORE INTO messages (pid, sequence, part, beamline, event, body, created) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(*_key(row.message), row.message.beamline, row.message.event, row.body, now) for row in found],
    )


def put_parts(connection: sqlite3.Connection, identity: int, parts: Sequence[Message]) -> None:
    """Put `parts` in the place of one message; the first keeps its place and its part number."""
    found = connection.execute(
        "SELECT pid, sequence, part FROM messages WHERE id = ?", (identity,)
    ).fetchone()
    if found is None:
        return  # it was forgotten
    pid, sequence, part = found
    highest = connection.execute(
        "SELECT max(part) FROM messages WHERE pid = ? AND sequence = ?", (pid, sequence)
    ).fetchone()[0]
    numbers = [part, *range(highest + 1, highest + len(parts))]
    first, *others = (
        one.model_copy(update={"part": number, "parts": highest + len(parts)})
        for one, number in zip(parts, numbers, strict=True)
    )
    connection.execute("UPDATE messages SET body = ? WHERE id = ?", (first.to_bytes(), identity))
    insert(connection, [Row(one, one.to_bytes()) for one in others])


def keep_state(connection: sqlite3.Connection, row: Row) -> None:
    """The state of an open entry follows its messages; the end closes it."""
    if row.message.event == "end":
        connection.execute("DELETE FROM entries WHERE pid = ?", (row.message.pid,))
    elif row.message.part == 0:
        connection.execute("UPDATE entries SET state = ? WHERE pid = ?", (state(row), row.message.pid))


def insert_refused(connection: sqlite3.Connection, pid: str, body: bytes, reason: str) -> None:
    """Keep bytes that are no message for a person."""
    connection.execute(
        "INSERT OR IGNORE INTO messages (pid, sequence, part, beamline, event, body, created, refused) "
        "VALUES (?, -1, 0, 'unknown', 'end', ?, ?, ?)",
        (pid, body, time.time(), reason),
    )


def there(connection: sqlite3.Connection, ids: Collection[int]) -> set[int]:
    """Return those of the messages that are there."""
    marks = ", ".join("?" * len(ids))
    found = connection.execute(f"SELECT id FROM messages WHERE id IN ({marks})", (*ids,))  # noqa: S608 - marks
    return {int(one) for (one,) in found}


def sent_of(connection: sqlite3.Connection, pid: str) -> int:
    """Return how many messages of a scan had been handed over."""
    query = (
        "SELECT count(*) FROM messages WHERE pid = ? "
        "AND (delivered IS NOT NULL OR id IN (SELECT id FROM handed))"
    )
    return int(connection.execute(query, (pid,)).fetchone()[0])


def delete_scan(connection: sqlite3.Connection, pid: str) -> None:
    """Delete all that is kept of a scan."""
    connection.execute("DELETE FROM handed WHERE id IN (SELECT id FROM messages WHERE pid = ?)", (pid,))
    for table in ("messages", "entries", "awaited"):
        connection.execute(f"DELETE FROM {table} WHERE pid = ?", (pid,))  # noqa: S608 - a name of ours


def _log_lost(message: Message, smaller: Message) -> None:
    known = set(message.problems)  # those that were shortened end with an ellipsis, and are no news
    lost = [one for one in smaller.problems if one not in known and not one.endswith("…")]
    if lost:
        log.warning("entry %s: %s", message.pid, "; ".join(lost))


def _key(message: Message) -> tuple[str, int, int]:
    return message.pid, message.sequence, message.part
