"""The files that scans still wait for, in the outbox: a process that dies leaves them to the next one.

Each row is a file of a scan, and the process that looks for it. What becomes of it is an update of the scan.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timezone

from scifish.common.clock import utcnow
from scifish.contract.json_form import text
from scifish.contract.message import AwaitedFile, File, Message, read_message
from scifish.contract.metadata import merged
from scifish.errors import MessageError
from scifish.files.file_list import Absent, not_there_yet, united
from scifish.outbox.rows import insert, rows
from scifish.owners.owner import Owner

_OWNED = "pid = ? AND owner_pid = ? AND owner_started = ? AND owner_world = ?"


@dataclass(frozen=True)
class Orphan:
    """A file of a scan whose process has died; after `until` it is reported as missing."""

    pid: str
    path: str
    until: datetime


def keep_awaited(connection: sqlite3.Connection, message: Message, owner: Callable[[], Owner]) -> None:
    """Keep what a scan waits for, as its newest message says; `owner` is who looks for it."""
    connection.execute("DELETE FROM awaited WHERE pid = ?", (message.pid,))
    if message.awaited:
        who = owner()
        connection.executemany(
            "INSERT OR REPLACE INTO awaited VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(message.pid, one.path, _seconds(one), os.getuid(), *_words(who)) for one in message.awaited],
        )


def take_over(
    connection: sqlite3.Connection, me: Callable[[], Owner], alive: Callable[[Owner], bool], patience: float
) -> list[Orphan]:
    """Make files of dead processes of this account one's own, and return them; an open scan is ended first.

    Another account may not see them: it takes only what is overdue, to say so.
    """
    waiting = connection.execute(
        "SELECT DISTINCT pid, owner_pid, owner_started, owner_world FROM awaited "
        "WHERE (uid = ? OR until < ?) AND pid NOT IN (SELECT pid FROM entries)",
        (os.getuid(), time.time() - patience),
    ).fetchall()
    dead = [row for row in waiting if not alive(Owner(*row[1:]))]
    for row in dead:
        connection.execute(
            "UPDATE awaited SET uid = ?, until = coalesce(until, ?), owner_pid = ?, owner_started = ?, "  # noqa: S608 - constant
            f"owner_world = ? WHERE {_OWNED}",
            (os.getuid(), time.time() + patience, *_words(me()), *row),
        )
    return [orphan for row in dead for orphan in _orphans(connection, row[0])]


def join_files(
    connection: sqlite3.Connection, pid: str, me: Owner, files: Iterable[File], absent: Iterable[Absent]
) -> None:
    """Add to a scan what has come, and what has not, in an update; not if it is recorded again meanwhile."""
    owned = connection.execute(f"SELECT 1 FROM awaited WHERE {_OWNED}", (pid, *_words(me))).fetchone()  # noqa: S608 - constant
    if owned is None:
        return
    last = _newest(connection, pid)
    if last is None:  # its messages are purged, or were no messages
        connection.execute("DELETE FROM awaited WHERE pid = ?", (pid,))
        return
    update = with_files(last, tuple(files), tuple(absent))
    insert(connection, rows(update))
    keep_awaited(connection, update, lambda: me)


def with_files(last: Message, files: tuple[File, ...], absent: tuple[Absent, ...]) -> Message:
    """Return the update of a scan's last message: files that are complete, and others that did not come."""
    settled = {one.path for one in files} | {text(one.path) or "" for one in absent}
    said = {not_there_yet(path) for path in settled}
    problems = (*(one for one in last.problems if one not in said), *map(str, absent))
    return last.model_copy(
        update={
            "event": "update",
            "sequence": last.sequence + 1,
            "sent_at": utcnow(),
            "dataset": last.dataset.model_copy(update={"files": united(last.dataset.files, files)}),
            "problems": tuple(dict.fromkeys(problems)),
            "awaited": tuple(one for one in last.awaited if one.path not in settled),
        }
    )


def _newest(connection: sqlite3.Connection, pid: str) -> Message | None:
    """Return the whole last message of a scan, put together from its parts."""
    found = connection.execute(
        "SELECT body FROM messages WHERE pid = ?1 AND sequence >= 0 "
        "AND sequence = (SELECT max(sequence) FROM messages WHERE pid = ?1) ORDER BY part",
        (pid,),
    ).fetchall()
    try:
        first, *others = (read_message(bytes(body)) for (body,) in found)
    except (MessageError, ValueError):  # none, or one that nobody can read
        return None
    metadata = first.dataset.scientific_metadata
    for one in others:
        metadata = merged(metadata, one.dataset.scientific_metadata)
    files = united(*(one.dataset.files for one in (first, *others)))
    dataset = first.dataset.model_copy(update={"files": files, "scientific_metadata": metadata})
    return first.model_copy(update={"dataset": dataset, "part": 0, "parts": 1})


def _orphans(connection: sqlite3.Connection, pid: str) -> list[Orphan]:
    found = connection.execute("SELECT path, until FROM awaited WHERE pid = ?", (pid,))
    return [Orphan(pid, path, datetime.fromtimestamp(until, tz=timezone.utc)) for path, until in found]


def _words(owner: Owner) -> tuple[int, int, str]:
    return owner.pid, owner.started, owner.world


def _seconds(one: AwaitedFile) -> float | None:
    return None if one.until is None else one.until.timestamp()
