"""Delivers the outbox to Kafka: one process at a time, each scan's messages in their order."""

import logging
import threading
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Protocol

from scifish.common.log_once import LogOnce
from scifish.contract.message import read_message
from scifish.database.stored import Stored
from scifish.errors import MessageError, OutboxError
from scifish.kafka.backlog import FIRST_HOLD, Backlog
from scifish.kafka.producer import DeliveryOutcome, DeliveryVerdict, KafkaProducer
from scifish.outbox.health import Alarms
from scifish.outbox.outbox import Outbox
from scifish.outbox.split import split
from scifish.settings.model import SciFishSettings

log = logging.getLogger(__name__)

LEASE = 10.0
LEASE_RENEWED_AFTER = 3.0
LOOK_EVERY = 0.2  # seconds until messages of other processes are seen
AFTER_TROUBLE = 2.0
LEAVING = 0.1  # of the time that it has to stop: to give the lease back


class MessageTransport(Protocol):
    """Takes messages and tells later what became of each; `down` while it knows that nobody answers."""

    down: bool

    def produce(self, stored: Stored) -> None:
        """Hand a message over."""

    def poll(self, seconds: float) -> list[DeliveryOutcome]:
        """Return what became of messages; wait at most `seconds` for the first."""

    def close(self) -> list[Stored]:
        """Give up what was not delivered; return what surely never left."""


class Sender:
    """A thread that delivers; nothing of it runs in an acquisition's thread."""

    def __init__(
        self,
        outbox: Outbox,
        connect: Callable[[], MessageTransport],
        alarms: Alarms,
        *,
        after_trouble: float = AFTER_TROUBLE,
        first_hold: float = FIRST_HOLD,
    ) -> None:
        self._after_trouble = after_trouble
        self._new_backlog = partial(Backlog, first_hold=first_hold)
        self._outbox = outbox
        self._connect = connect
        self._alarms = alarms
        self._transport: MessageTransport | None = None
        self._backlog = self._new_backlog()
        self._holder = str(uuid.uuid4())
        self._leased_until_renewal = float("-inf")
        self._once = LogOnce(log)
        self._stubborn = LogOnce(log)  # by beamline: that one works again says nothing of another
        self._wake = threading.Event()
        self._stop_at: float | None = None
        self._drained = False
        self._thread = threading.Thread(target=self._run, name="scifish sender", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Something new is in the outbox."""
        self._wake.set()

    def stop(self, seconds: float) -> bool:
        """Deliver for at most `seconds` more, or until nobody answers; tell whether nothing is left to do.

        A thread that hangs (the disk) is left behind: another process sees that this one has ended.
        """
        self._stop_at = time.monotonic() + seconds * (1 - LEAVING)
        self._wake.set()
        self._thread.join(seconds)
        return self._drained

    def _run(self) -> None:
        while not self._stopping():
            try:
                self._round()
            except OutboxError as error:
                self._once.report("outbox", f"{error}; delivery goes on when it can be read")
                self._disconnect()  # what could not be marked is sent again, from the outbox
                self._pause(self._after_trouble)
            except Exception as error:  # delivery must go on; a new producer is a new chance
                if self._once.report(
                    type(error).__name__, f"delivery to Kafka failed and is tried again: {error}"
                ):
                    log.debug("delivery failed", exc_info=True)
                self._disconnect()
                self._pause(self._after_trouble)
        self._leave()

    def _stopping(self) -> bool:
        return self._stop_at is not None and (self._drained or time.monotonic() >= self._stop_at)

    def _round(self) -> None:
        stopping = self._stop_at is not None
        if not self._leased():
            self._disconnect()
            self._drained = stopping  # another process delivers
            self._pause(LOOK_EVERY)
            return
        self._take_back()
        read = self._fill()
        outcomes = (
            [] if self._transport is None else self._transport.poll(0.1 if self._backlog.in_flight else 0)
        )
        self._settle(outcomes)
        self._alarms.look(self._outbox)
        quiet = not read and not outcomes and not self._backlog.in_flight
        self._drained = stopping and ((quiet and self._backlog.empty()) or self._is_down())
        if quiet and not self._drained:
            self._pause(LOOK_EVERY)

    def _leased(self) -> bool:
        now = time.monotonic()
        if now < self._leased_until_renewal:
            return True
        if not self._outbox.lease(self._holder, LEASE):
            return False
        self._leased_until_renewal = now + LEASE_RENEWED_AFTER
        return True

    def _fill(self) -> int:
        """Read what waits, and hand over what may go: of each scan one message at a time; say how many."""
        held = self._backlog.held()
        rows = self._outbox.pending(self._backlog.after, limit=self._backlog.room(), without=held)
        self._backlog.add(rows)
        chosen = list(self._backlog.next_ones())
        if chosen and self._transport is None:
            self._transport = self._connect()
        may_go = self._outbox.hand_over([one.id for one in chosen]) if chosen else set()
        for stored in chosen:
            if stored.id not in may_go:
                self._backlog.reread(stored)
            elif self._transport is not None:
                self._transport.produce(stored)
        return len(rows)

    def _take_back(self) -> None:
        """Empty Kafka's queue when something in it has become proprietary; the rest is sent again."""
        on_its_way = {stored.id: stored for stored in self._backlog.in_flight.values()}
        gone = self._outbox.forgotten(on_its_way) if on_its_way else set()
        if not gone:
            return
        never_left = {stored.id for stored in self._disconnect()}
        for one in sorted(gone & never_left):
            log.warning(
                "entry %s is proprietary: its message %d was taken out of the queue to Kafka and never left",
                on_its_way[one].pid,
                on_its_way[one].sequence,
            )

    def _settle(self, outcomes: list[DeliveryOutcome]) -> None:
        delivered = [one.stored.id for one in outcomes if one.verdict is None]
        if delivered:
            self._outbox.delivered(delivered)
            self._once.over("delivery to Kafka goes on")
        for beamline in {one.stored.beamline for one in outcomes if one.verdict is None}:
            self._stubborn.over(f"beamline {beamline}: delivery goes on", beamline)
        for one in outcomes:
            self._settle_one(one)
        if any(one.verdict is DeliveryVerdict.ANEW for one in outcomes):
            self._disconnect()

    def _settle_one(self, outcome: DeliveryOutcome) -> None:
        stored = outcome.stored
        if outcome.verdict is None:
            self._backlog.delivered(stored)
        elif outcome.verdict is DeliveryVerdict.SPLIT and self._backlog.was_alone(stored):
            self._split(stored, outcome.reason)
            self._backlog.reread(stored)
        elif outcome.verdict is DeliveryVerdict.SPLIT:
            self._backlog.alone(stored)  # it may have been its batch that was too large
        elif outcome.verdict is DeliveryVerdict.REFUSE:
            self._refuse(stored, outcome.reason)
            self._backlog.reread(stored)
        else:
            self._stubborn.report(
                stored.beamline, f"beamline {stored.beamline}: {outcome.reason}; it is tried again"
            )
            self._backlog.hold(stored)

    def _split(self, stored: Stored, reason: str) -> None:
        """Put parts of half the size in the message's place; one that cannot be split is refused."""
        try:
            message = read_message(stored.body)
        except MessageError as error:
            self._refuse(stored, f"{reason}; {error}")
            return
        parts = split(message, len(stored.body) // 2)
        if len(parts) == 1 and len(parts[0].to_bytes()) >= len(stored.body):
            self._refuse(stored, f"{reason}; it cannot be split further")
            return
        self._outbox.split(stored.id, parts)

    def _refuse(self, stored: Stored, reason: str) -> None:
        self._outbox.refuse(stored.id, reason)
        log.error(
            "entry %s, message %d: Kafka refuses it (%s). It stays in the outbox: `scifish outbox show %s`, "
            "then `scifish outbox resend %s`",
            stored.pid,
            stored.sequence,
            reason,
            stored.pid,
            stored.pid,
        )

    def _pause(self, seconds: float) -> None:
        self._wake.wait(seconds)
        self._wake.clear()

    def _disconnect(self) -> list[Stored]:
        """Begin anew with a new connection; return what was on its way and surely never left."""
        never_left = [] if self._transport is None else self._transport.close()
        self._transport = None
        self._backlog = self._new_backlog()
        return never_left

    def _is_down(self) -> bool:
        return self._transport is not None and self._transport.down

    def _leave(self) -> None:
        self._disconnect()
        try:
            self._outbox.release(self._holder)
        except OutboxError:
            log.debug("the lease was not given back; it runs out by itself", exc_info=True)


def kafka_sender(settings: SciFishSettings, outbox: Outbox) -> Sender:
    """Return the sender of a process, running."""
    return Sender(
        Outbox(outbox.path),
        lambda: KafkaProducer(settings.kafka, settings.topic_prefix),
        Alarms(settings.outbox),
    )
