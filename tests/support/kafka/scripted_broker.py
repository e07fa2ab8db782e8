"""A broker whose answers a test gives, a sender to it, and an outbox with messages to send."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from scifish.database.stored import Stored
from scifish.kafka.producer import DeliveryOutcome, DeliveryVerdict
from scifish.kafka.sender import Sender
from scifish.outbox.health import Alarms
from scifish.outbox.outbox import Outbox
from scifish.settings.model import OutboxSettings
from support.scifish.recorder import message_of, mint


class Broker:
    """Takes messages as told by `rule`, which answers with an outcome's verdict and reason.

    It answers after `late` more polls; `overtaken` are messages of scans whose last one was not answered yet.
    """

    def __init__(
        self,
        rule: Callable[[Stored], tuple[DeliveryVerdict | None, str]] = lambda _: (None, ""),
        *,
        late: int = 0,
    ) -> None:
        self.rule = rule
        self.late = late
        self.overtaken: list[Stored] = []
        self.taken: list[Stored] = []
        self.closed = 0
        self.polls = 0
        self.down = False
        self._outcomes: list[tuple[int, DeliveryOutcome]] = []
        self._change = threading.Condition()

    def produce(self, stored: Stored) -> None:
        verdict, reason = self.rule(stored)
        with self._change:
            if stored.pid in {one.stored.pid for _, one in self._outcomes}:
                self.overtaken.append(stored)
            self._outcomes.append((self.polls + self.late, DeliveryOutcome(stored, verdict, reason)))
            if verdict is None:
                self.taken.append(stored)
            self._change.notify_all()

    def poll(self, seconds: float) -> list[DeliveryOutcome]:
        with self._change:
            answered = [one for poll, one in self._outcomes if poll <= self.polls]
            self._outcomes = [(poll, one) for poll, one in self._outcomes if poll > self.polls]
            self.polls += 1
        return answered

    def close(self) -> list[Stored]:
        self.closed += 1
        self._outcomes = []
        return []

    def wait_for(self, count: int) -> list[Stored]:
        with self._change:
            assert self._change.wait_for(lambda: len(self.taken) >= count, timeout=30), len(self.taken)
        return self.taken


@contextmanager
def sending(outbox: Outbox, broker: Broker) -> Iterator[Sender]:
    alarms = Alarms(OutboxSettings(path=outbox.path))
    sender = Sender(Outbox(outbox.path), lambda: broker, alarms, first_hold=0.05)
    try:
        yield sender
    finally:
        sender.stop(10)


def fill(outbox: Outbox, scans: int, events: int = 3) -> list[tuple[str, int]]:
    keys = []
    for _ in range(scans):
        pid = mint()
        outbox.put([message_of(pid, number, event="update") for number in range(events)])
        keys += [(pid, number) for number in range(events)]
    return keys


def in_order(taken: list[Stored]) -> bool:
    last: dict[str, int] = {}
    for one in taken:
        if one.sequence < last.get(one.pid, -1):
            return False
        last[one.pid] = one.sequence
    return True
