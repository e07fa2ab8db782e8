"""The outbox as a source: for a site with one machine and no Kafka."""

import logging
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from uuid import uuid4

from pydantic import Field

from scicow.delivery import Delivery, Origin
from scicow.errors import SourceError
from scicow.sources.source import Revoke
from scifish.common.log_once import LogOnce
from scifish.common.yaml_model import StrictModel
from scifish.database.stored import Stored
from scifish.errors import OutboxError
from scifish.outbox.outbox import Outbox

logger = logging.getLogger(__name__)
TOPIC = "outbox"
_LEASE = 30.0
_RESCAN = 5.0


class OutboxSourceSettings(StrictModel):
    """The outbox that SciCow delivers from, and its own file beside it."""

    path: Path = Field(description="scifish's outbox")
    state: Path | None = Field(
        default=None,
        description="dead letters, quarantine and receipts; none: scicow.sqlite beside the outbox",
    )
    interval: float = Field(
        default=0.1, gt=0, le=10, description="seconds between two looks at an empty outbox"
    )

    @property
    def state_file(self) -> Path:
        """Return the path of the state file."""
        return self.state or self.path.with_name("scicow.sqlite")


class OutboxSource:
    """Gives the undelivered messages of an outbox; one SciCow at a time, by the outbox's lease."""

    def __init__(self, settings: OutboxSourceSettings, revoke: Revoke) -> None:
        self._settings = settings
        self._outbox = Outbox(settings.path)
        self._revoke = revoke
        self._once = LogOnce(logger)
        self._holder = f"scicow {uuid4()}"
        self._lease_until = 0.0
        self._next_scan = 0.0
        self._cursor = 0
        self._paused: set[str] = set()
        self._buffer: deque[Stored] = deque()
        self._open: set[int] = set()  # given out, and not yet marked as delivered
        self._finished: list[int] = []
        self._lock = Lock()
        self._trouble: str | None = "the outbox was not read yet"

    def poll(self, timeout: float) -> Delivery | None:
        """Return the next message, None when there was none for `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            if self._buffer or self._fill():
                return self._give(self._buffer.popleft())
            left = deadline - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(left, self._settings.interval))

    def save(self) -> None:
        """Mark what is finished as delivered; what cannot be marked now is marked later."""
        with self._lock:
            done = list(self._finished)
        if not done:
            return
        try:
            self._outbox.delivered(done)
        except OutboxError as error:
            self._ill(error)
            return
        with self._lock:
            del self._finished[: len(done)]
            self._open.difference_update(done)

    def pause(self, beamline: str) -> None:
        """Give no more of a beamline until `resume`."""
        self._paused.add(beamline)
        self._buffer = deque(one for one in self._buffer if one.beamline != beamline)

    def resume(self, beamline: str) -> None:
        """Give the messages of a beamline again, from the first that was passed over."""
        self._paused.discard(beamline)
        self._scan_again()

    def congested(self, beamline: str, window: int) -> bool:
        """Return False: each message is marked by itself, none waits for an earlier one."""
        return False

    def mine(self, origin: Origin) -> bool:
        """Tell whether this SciCow delivers from the outbox."""
        return self._leased()

    def lag(self) -> Iterator[tuple[str, int, int]]:
        """Give the number of messages that wait in the outbox."""
        try:
            waiting = self._outbox.level().waiting
        except OutboxError as error:
            self._ill(error)
        else:
            yield TOPIC, 0, waiting

    def ready(self) -> str | None:
        """Return None when the outbox is read, else why not."""
        return self._trouble

    def close(self) -> None:
        """Mark what is finished and let another deliver."""
        self.save()
        try:
            self._outbox.release(self._holder)
        except OutboxError as error:
            logger.warning("lease not released", extra={"reason": str(error)})
        self._outbox.close()

    def _give(self, stored: Stored) -> Delivery:
        self._open.add(stored.id)
        given = _delivery(stored)
        return replace(given, finished=lambda: self._note(stored.id), standing=self._standing)

    def _standing(self, batch: Sequence[Delivery]) -> Sequence[Delivery]:
        """Return what is still in the outbox, where it now counts as sent. Raises OutboxError."""
        there = self._outbox.hand_over([one.origin.offset for one in batch])
        return [one for one in batch if one.origin.offset in there]

    def _note(self, identity: int) -> None:
        with self._lock:
            self._finished.append(identity)

    def _fill(self) -> bool:
        """Read a page into the buffer; False when there is nothing new."""
        try:
            if not self._lease():
                return False
            if time.monotonic() >= self._next_scan:
                self._scan_again()
            page = self._outbox.pending(self._cursor, without=sorted(self._paused))
        except OutboxError as error:
            self._ill(error)
            return False
        if page:
            self._cursor = page[-1].id
        self._buffer.extend(one for one in page if one.id not in self._open)
        self._well()
        return bool(self._buffer)

    def _scan_again(self) -> None:
        """Begin at the first that waits: for what was passed over, or was queued again (a resend)."""
        self._cursor = 0
        self._next_scan = time.monotonic() + _RESCAN

    def _lease(self) -> bool:
        if self._lease_until - time.monotonic() > _LEASE * 2 / 3:
            return True
        had = self._lease_until > 0
        if self._outbox.lease(self._holder, _LEASE):
            self._lease_until = time.monotonic() + _LEASE
            return True
        self._lease_until = 0.0
        self._trouble = "another process delivers from this outbox"
        path = str(self._settings.path)
        self._once.report("lease", "waiting", logging.WARNING, reason=self._trouble, outbox=path)
        if had:
            self._buffer.clear()
            self._revoke(lambda delivery: delivery.origin.topic == TOPIC)
            self._open.clear()
        return False

    def _leased(self) -> bool:
        return self._lease_until > time.monotonic()

    def _ill(self, error: OutboxError) -> None:
        self._trouble = str(error)
        self._once.report(str(error), "outbox", reason=str(error))

    def _well(self) -> None:
        self._trouble = None
        self._once.forget("lease")
        self._once.over("outbox works again", level=logging.INFO, outbox=str(self._settings.path))


def stored_messages(settings: OutboxSourceSettings) -> Iterator[Delivery]:
    """Iterate over all messages that the outbox still holds, delivered or not, oldest first, by pages."""
    outbox, last = Outbox(settings.path), 0
    try:
        while page := outbox.history(last):
            last = page[-1].id
            yield from (_delivery(stored) for stored in page)
    except OutboxError as error:
        raise SourceError(str(error)) from error
    finally:
        outbox.close()


def _delivery(stored: Stored) -> Delivery:
    return Delivery(
        beamline=stored.beamline,
        origin=Origin(TOPIC, 0, stored.id),
        key=stored.pid.encode(),
        body=stored.body,
        created=stored.created,
    )
