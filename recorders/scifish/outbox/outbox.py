"""The outbox: every message and every open entry, on disk before anyone goes on.

Several processes of a host write into one file; one at a time delivers from it (`lease`).
"""

import sqlite3
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

from scifish.contract.message import File, Message
from scifish.database.database import Database
from scifish.database.fill_level import Level, Room, level_of, room_of
from scifish.database.stored import Stored, following, newest, waiting
from scifish.files.file_list import Absent
from scifish.outbox.awaited_files import Orphan, join_files, keep_awaited, take_over
from scifish.outbox.interrupted import dead_entries, end_orphan
from scifish.outbox.retention import Delivered, OutboxRetention, beyond, delete, older
from scifish.outbox.rows import (
    Row,
    delete_scan,
    insert,
    keep_state,
    put_parts,
    rows,
    sent_of,
    state,
    there,
    with_what_fits,
)
from scifish.owners.lease import leased_to_another, take_lease
from scifish.owners.owner import Owner, this_process
from scifish.owners.process_lock import ProcessLock

LOOK_EVERY = 5.0  # seconds between two looks for what dead processes left and for what may be deleted


class Outbox:
    """The outbox in the SQLite file `path`, made when first used. Every method may raise OutboxError."""

    def __init__(self, path: Path | str, *, look_every: float = LOOK_EVERY) -> None:
        self.path = Path(path)
        self.look_every = look_every
        self._database = Database(self.path)
        self._locks = ProcessLock(self.path)
        self._orphans_looked_for = float("-inf")
        self._tidied_until = float("-inf")

    def open(self, entry: Message, owner: Owner | None = None) -> None:
        """Keep an entry that is not to be sent yet; if `owner` (this process) dies, it is ended and sent."""
        with_what_fits(lambda limit: self._open(next(rows(entry, limit)), owner))

    def put(self, messages: Sequence[Message]) -> None:
        """Queue messages, durably; an `end` closes its open entry. One that is there stays as it is."""
        with_what_fits(lambda limit: self._put([row for one in messages for row in rows(one, limit)]))

    def forget(self, pid: str, on_sent: Callable[[int], None] = lambda sent: None) -> int:
        """Delete an entry and all its messages (proprietary data); return how many had been handed over.

        If any had, `on_sent` is told before they are deleted. `empty_journal` completes the deletion.
        """
        with self._database.transaction() as connection:
            sent = sent_of(connection, pid)
            if sent:
                on_sent(sent)
            delete_scan(connection, pid)
        return sent

    def empty_journal(self, *, wait: bool = True) -> None:
        """Empty the journal, which holds deleted pages too. Raises OutboxError while others read."""
        self._database.empty_journal(wait=wait)

    def hand_over(self, ids: Collection[int]) -> set[int]:
        """Note, right before they go, that messages do; return those that may: the others were forgotten."""
        with self._database.transaction(durable=False) as connection:  # for a kill, not for a power cut
            found = there(connection, ids)
            connection.executemany("INSERT OR IGNORE INTO handed VALUES (?)", [(one,) for one in found])
        return found

    def forgotten(self, ids: Collection[int]) -> set[int]:
        """Return those of the messages that are not there any more."""
        with self._database.reading() as connection:
            return set(ids) - there(connection, ids)

    def pending(
        self, after: int = 0, limit: int = 100, *, without: Collection[str] = (), before: int | None = None
    ) -> list[Stored]:
        """Return undelivered messages with an id above `after`, oldest first; `without` names beamlines.

        Entries whose process has died are ended first, so that whoever delivers sees them.
        """
        if time.monotonic() - self._orphans_looked_for > self.look_every:
            self.end_orphans()
            self._database.cut_quiet_journal()
        with self._database.reading() as connection:
            return waiting(connection, after, before, without, limit)

    def delivered(self, ids: Iterable[int]) -> None:
        """Mark messages as delivered; `tidy` deletes them in its time."""
        now, done = time.time(), list(ids)
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM handed WHERE id = ?", [(one,) for one in done])
            connection.executemany(
                "UPDATE messages SET delivered = ?, refused = NULL WHERE id = ?", [(now, one) for one in done]
            )

    def refuse(self, identity: int, reason: str) -> None:
        """Take a message out of the queue, with the reason; `resend` puts it back."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE messages SET refused = ? WHERE id = ?", (reason, identity))

    def split(self, identity: int, parts: Sequence[Message]) -> None:
        """Put `parts` in the place of one message; the first keeps its place and its part number."""
        with self._database.transaction() as connection:
            put_parts(connection, identity, parts)

    def end_orphans(self) -> list[str]:
        """End the entries of processes that have died as `interrupted`; return their pids."""
        self._orphans_looked_for = time.monotonic()
        with self._database.reading() as connection:
            ended = dead_entries(connection, self._is_alive)
        for pid, owner in ended:
            with self._database.transaction() as connection:
                end_orphan(connection, pid, owner)
        return [pid for pid, _ in ended]

    def take_over_awaited(self, patience: float) -> list[Orphan]:
        """Make the files one's own that dead processes of this account waited for, and return them."""
        with self._database.reading() as connection:
            if connection.execute("SELECT 1 FROM awaited LIMIT 1").fetchone() is None:
                return []
        self.end_orphans()
        with self._database.transaction() as connection:
            return take_over(connection, self._me, self._is_alive, patience)

    def join_files(self, pid: str, files: tuple[File, ...], absent: tuple[Absent, ...]) -> None:
        """Queue an update of a scan whose files were taken over."""
        with self._database.transaction() as connection:
            join_files(connection, pid, self._me(), files, absent)

    def lease(self, holder: str, seconds: float) -> bool:
        """Take or renew the right to deliver; False: another living process has it."""
        with self._database.reading() as connection:
            if leased_to_another(connection, holder, self._is_alive):
                return False  # said without a write: those who wait ask often
        with self._database.transaction() as connection:
            return take_lease(connection, holder, seconds, self._me, self._is_alive)

    def release(self, holder: str) -> None:
        """Give the right to deliver back."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM lease WHERE holder = ?", (holder,))

    def level(self) -> Level:
        """Return how full the outbox is."""
        with self._database.reading() as connection:
            return level_of(connection)

    def room(self) -> Room:
        """Return the room that the file takes."""
        with self._database.reading() as connection:
            return room_of(connection)

    def messages(self, pid: str | None = None, *, limit: int = 1000, all_states: bool = True) -> list[Stored]:
        """Return messages, newest last: of one scan (a pid or its beginning) or of all."""
        with self._database.reading() as connection:
            return newest(connection, pid, limit, all_states=all_states)

    def history(self, after: int = 0, limit: int = 100) -> list[Stored]:
        """Return a page of all messages that are kept, delivered or not, with an id above `after`."""
        with self._database.reading() as connection:
            return following(connection, after, limit)

    def open_entries(self) -> list[tuple[bytes, Owner]]:
        """Return the state and the owner of every entry that has not ended."""
        with self._database.reading() as connection:
            found = connection.execute(
                "SELECT state, owner_pid, owner_started, owner_world FROM entries ORDER BY pid"
            ).fetchall()
        return [(bytes(state), Owner(pid, started, world)) for state, pid, started, world in found]

    def resend(self, pid: str | None = None) -> int:
        """Queue again what was delivered or refused, of one scan or of all; return how many messages."""
        with self._database.transaction() as connection:
            return connection.execute(
                "UPDATE messages SET delivered = NULL, refused = NULL "
                "WHERE pid LIKE ? || '%' AND (delivered IS NOT NULL OR refused IS NOT NULL)",
                ((pid or "").upper(),),
            ).rowcount

    def tidy(self, retention: OutboxRetention) -> int:
        """Delete a piece of what is beyond the retention, if it is time to look; return how many messages.

        What waits is never deleted. While there is more to delete, each call deletes a piece.
        """
        if time.monotonic() < self._tidied_until:
            return 0
        deleted = self._delete(lambda connection: beyond(connection, retention))
        if not deleted:
            self._tidied_until = time.monotonic() + self.look_every
        return deleted

    def purge(self, older_than_days: float = 0.0) -> int:
        """Delete delivered messages of that age; return how many. What waits is never deleted."""
        until = time.time() - older_than_days * 86_400
        return sum(iter(lambda: self._delete(lambda connection: older(connection, until)), 0))

    def compact(self) -> None:
        """Give the room of what was deleted back to the disk; who records meanwhile keeps it in memory."""
        with self._database.reading() as connection:
            connection.execute("VACUUM")

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._database.close()

    def _open(self, first: Row, owner: Owner | None) -> None:
        with self._database.transaction() as connection:
            who = owner or self._me()
            connection.execute(
                "INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?)",
                (first.message.pid, state(first), who.pid, who.started, who.world),
            )
            keep_awaited(connection, first.message, lambda: who)

    def _put(self, found: Sequence[Row]) -> None:
        with self._database.transaction() as connection:
            insert(connection, found)
            for row in found:
                keep_state(connection, row)
                if row.message.part == 0:
                    keep_awaited(connection, row.message, self._me)

    def _delete(self, find: Callable[[sqlite3.Connection], list[Delivered]]) -> int:
        with self._database.reading() as connection:
            found = find(connection)
        if not found:
            return 0
        with self._database.transaction() as connection:
            return delete(connection, found)

    def _me(self) -> Owner:
        return this_process(self._locks.mine())

    def _is_alive(self, owner: Owner) -> bool:
        return owner.alive(self._locks)
