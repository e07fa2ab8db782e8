"""A handler of SciCow with stores, receipts and catalogue in memory, and a clock that is set by hand."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from scicow.dead_letters.dead_letter import DeadLetter
from scicow.dead_letters.receipts import Receipt
from scicow.delivery import Delivery, Origin
from scicow.errors import DeadLetterError
from scicow.metrics import Metrics
from scicow.work.beamline_queue import Batch, Job
from scicow.work.handler import Handler
from scicow.work.outcome import Ingested
from scicow.work.retry import RetrySettings
from scifish.contract.message import Message
from scifish.errors import OutboxError
from support.scicow.ingest import BEAMLINE


class Table:
    """A dead-letter store, the receipts and the catalogue in memory."""

    def __init__(self) -> None:
        self.kept: list[DeadLetter] = []
        self.receipts: list[Receipt] = []
        self.ingested: list[Message] = []
        self.tried: list[list[int]] = []
        self.forgotten: list[str] = []
        self.error: Exception | None = None
        self.guilty: set[int] = set()  # the sequences that the error is for; empty: all
        self.full = False

    def ingest(self, message: Message, *more: Message) -> Ingested:
        self.tried.append([one.sequence for one in (message, *more)])
        if self.error is not None and (not self.guilty or self.guilty & {*self.tried[-1]}):
            raise self.error
        self.ingested += [message, *more]
        return Ingested(message.pid, message.sequence, changed=True)

    def forget(self, pid: str) -> None:
        self.forgotten.append(pid)

    def put(self, dead_letter: DeadLetter) -> None:
        if self.full:
            raise DeadLetterError("the disk is full")
        self.kept.append(dead_letter)

    def dead_letters(self, beamline: str | None = None) -> Iterator[DeadLetter]:
        return iter(self.kept)

    def acknowledge(self, dead_letters: Iterable[DeadLetter]) -> None:
        raise AssertionError("a handler acknowledges nothing")

    def send(self, receipt: Receipt, then: Any) -> None:
        self.receipts.append(receipt)
        then()

    def flush(self, timeout: float) -> None:
        """Nothing is on its way."""


class Bench:
    """A handler with its tables."""

    def __init__(self, **retry: float) -> None:
        self.dead, self.quarantine, self.table, self.metrics = Table(), Table(), Table(), Metrics()
        self.now = 0.0
        self.finished = 0
        self.withdrawn: set[int] = set()  # the offsets of what its producer took back
        self.outbox_error: OutboxError | None = None
        self.handler = Handler(
            self.table,
            dead=self.dead,
            quarantine=self.quarantine,
            receipts=self.table,
            metrics=self.metrics,
            retry=RetrySettings.model_validate(retry),
            clock=lambda: self.now,
        )

    def job(
        self,
        body: bytes | None,
        key: str = "key",
        *,
        store: str | None = None,
        beamline: str = BEAMLINE,
        offset: int = 5,
    ) -> Batch:
        def finish() -> None:
            self.finished += 1

        def standing(batch: Sequence[Delivery]) -> Sequence[Delivery]:
            if self.outbox_error is not None:
                raise self.outbox_error
            return [one for one in batch if one.origin.offset not in self.withdrawn]

        origin = Origin(f"metadata.{beamline}", 0, offset)
        given = Delivery(
            beamline, origin, key.encode(), body, finished=finish, store=store, standing=standing
        )
        return (Job(given),)
