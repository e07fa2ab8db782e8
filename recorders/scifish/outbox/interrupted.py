"""The end of a scan whose process died: made from the entry's last state."""

import sqlite3
from collections.abc import Callable

from scifish.common.clock import utcnow
from scifish.contract.message import Message, read_message
from scifish.errors import MessageError
from scifish.files.file_list import not_there_yet
from scifish.outbox.rows import insert, insert_refused, rows
from scifish.owners.owner import Owner


def dead_entries(connection: sqlite3.Connection, alive: Callable[[Owner], bool]) -> list[tuple[str, Owner]]:
    """Return the open entries of processes that have died."""
    found = connection.execute("SELECT pid, owner_pid, owner_started, owner_world FROM entries").fetchall()
    each = [(str(pid), Owner(number, started, world)) for pid, number, started, world in found]
    return [(pid, owner) for pid, owner in each if not alive(owner)]


def end_orphan(connection: sqlite3.Connection, pid: str, owner: Owner) -> None:
    """End one entry of a dead process, unless another one did so meanwhile."""
    row = connection.execute(
        "SELECT state FROM entries WHERE pid = ? AND owner_pid = ? AND owner_started = ? AND owner_world = ?",
        (pid, owner.pid, owner.started, owner.world),
    ).fetchone()
    if row is None:
        return  # or it is recorded again, by a process that lives
    try:
        insert(connection, rows(interrupted_end(bytes(row[0]), owner.pid)))
    except MessageError as error:
        insert_refused(connection, pid, bytes(row[0]), f"its state is no message: {error}")
    connection.execute("DELETE FROM entries WHERE pid = ?", (pid,))


def interrupted_end(state: bytes, owner_pid: int) -> Message:
    """Return the `end` message of an entry that process `owner_pid` left open.

    The scan's end time is that of its last state. Raises MessageError when the state is no message.
    """
    last = read_message(state)
    awaited = [one.path for one in last.awaited]  # also those that it would have waited for from its end on
    problem = (
        f"the recording process (pid {owner_pid}) ended without ending the scan; "
        "the end time is that of its last message"
    )
    return last.model_copy(
        update={
            "event": "end",
            "sequence": last.sequence + 1,
            "sent_at": utcnow(),
            "dataset": last.dataset.model_copy(update={"end_time": last.sent_at}),
            "environment": last.environment.model_copy(update={"exit_status": "interrupted"}),
            "problems": tuple(dict.fromkeys((*last.problems, *map(not_there_yet, awaited), problem))),
        }
    )
