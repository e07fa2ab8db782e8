"""A handler of SciCow whose shelves, receipts and catalogue are in memory, and whose clock is set by hand."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import structlog

from scicow.dead_letters.dead_letter import Letter
from scicow.dead_letters.receipts import Receipt
from scicow.delivery import Delivery, Origin
from scicow.errors import ShelfError
from scicow.metrics import Metrics
from scicow.work.beamline_queue import Fold, Job
from scicow.work.handler import Handler
from scicow.work.outcome import Ingested
from scicow.work.retry import RetrySettings
from scifish.contract.message import Message
from scifish.errors import OutboxError
from support.scicow.ingest import BEAMLINE


class Table:
    """A shelf, the receipts and the catalogue in memory."""

    def __init__(self) -> None:
        self.kept: list[Letter] = []
        self.receipts: list[Receipt] = []
        self.ingested: list[Message] = []
        self.tried: list[list[int]] = []
        self.error: Exception | None = None
        self.guilty: set[int] = set()  # the sequences that the error is for; empty: all
        self.full = False

    def ingest(self, message: Message, *more: Message) -> Ingested:
        self.tried.append([one.sequence for one in (message, *more)])
        if self.error is not None and (not self.guilty or self.guilty & {*self.tried[-1]}):
            raise self.error
        self.ingested += [message, *more]
        return Ingested(message.pid, message.sequence, changed=True)

    def put(self, letter: Letter) -> None:
        if self.full:
            raise ShelfError("the disk is full")
        self.kept.append(letter)

    def letters(self, beamline: str | None = None) -> Iterator[Letter]:
        return iter(self.kept)

    def settle(self, letters: Iterable[Letter]) -> None:
        raise AssertionError("a handler settles nothing")

    def trim(self) -> None:
        raise AssertionError("a handler frees nothing")

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
            log=structlog.get_logger(),
            retry=RetrySettings.model_validate(retry),
            clock=lambda: self.now,
        )

    def job(
        self,
        body: bytes | None,
        key: str = "key",
        *,
        shelf: str | None = None,
        beamline: str = BEAMLINE,
        offset: int = 5,
    ) -> Fold:
        def finish() -> None:
            self.finished += 1

        def standing(fold: Sequence[Delivery]) -> Sequence[Delivery]:
            if self.outbox_error is not None:
                raise self.outbox_error
            return [one for one in fold if one.origin.offset not in self.withdrawn]

        origin = Origin(f"metadata.{beamline}", 0, offset)
        given = Delivery(
            beamline, origin, key.encode(), body, finished=finish, shelf=shelf, standing=standing
        )
        return (Job(given),)
