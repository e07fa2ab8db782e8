"""Tries quarantined messages again, round by round, without a person's command.

Only the SciCow that has the partition a dead letter came from takes it out, through the same beamline queue
as new messages: so two replicas, or a dead letter and a new message of the same scan, do not work on one
dataset at the same time. A partition may leave at any moment: then what has not started is left to whoever
has it next.
"""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Protocol

from pydantic import Field

from scicow.dead_letters.dead_letter import DeadLetter, DeadLetterStore, Kind
from scicow.delivery import Delivery, Origin
from scicow.errors import DeadLetterError
from scifish.common.yaml_model import StrictModel

_BATCH = 1000  # dead letters that are acknowledged together, at most


class QuarantineSettings(StrictModel):
    """When the quarantine is looked through."""

    recheck: float = Field(
        default=600.0,
        gt=0,
        le=30 * 86_400,  # a thread cannot wait for ever
        description="seconds between two rounds; each tries the dead letters of its own partitions",
    )


class Work(Protocol):
    """Where dead letters are tried: `scicow.work.workers.Workers`."""

    def shelved(self, kind: str) -> set[Origin]:
        """Return the origins of the dead letters of a kind that wait or run."""

    def full(self, beamline: str) -> bool:
        """Tell whether this beamline should get no more for now."""

    def add(self, delivery: Delivery) -> None:
        """Queue a delivery."""

    def drop(self, belongs: Callable[[Delivery], bool], timeout: float | None = None) -> bool:
        """Forget what belongs to it and has not started."""


class Release:
    """Gives the dead letters of a store to their beamline queues; each is acknowledged when finished."""

    def __init__(
        self,
        store: DeadLetterStore,
        kind: Kind,
        *,
        workers: Work,
        mine: Callable[[Origin], bool],
        whole: Callable[[DeadLetter], Delivery],
    ) -> None:
        self._store = store
        self._kind: Kind = kind
        self._workers = workers
        self._mine = mine
        self._whole = whole  # a dead letter as its message, with the bytes that were left at the origin
        self._done: SimpleQueue[DeadLetter] = SimpleQueue()
        self._finished: dict[
            tuple[Origin, str], bool
        ] = {}  # origin and time of a dead letter -> it is acknowledged

    def acknowledge(self, stopping: threading.Event) -> None:
        """Acknowledge what is finished, as it comes. Raises DeadLetterError: then the next round tries again.

        Not in `finished`, which the Kafka client's own thread may call: acknowledging waits for that thread.
        """
        while not stopping.is_set() or not self._done.empty():
            if not (dead_letters := self._batch()):
                continue
            names = [(dead_letter.origin, dead_letter.time) for dead_letter in dead_letters]
            try:
                self._store.acknowledge(dead_letters)
            except DeadLetterError:
                for name in names:
                    self._finished.pop(name, None)
                raise
            self._finished.update(dict.fromkeys(names, True))

    def round(self, stopping: threading.Event) -> None:
        """Give every dead letter of ours not in work to its beamline queue. Raises DeadLetterError."""
        busy = self._workers.shelved(self._kind)
        for name in [name for name, acknowledged in list(self._finished.items()) if acknowledged]:
            del self._finished[name]  # what is read from now on says so itself
        trouble: DeadLetterError | None = None
        for dead_letter in self._store.dead_letters():
            try:
                if self._free(dead_letter, busy):
                    self._give(dead_letter, stopping)
            except DeadLetterError as error:  # one without its bytes keeps no other waiting
                trouble = error
            if stopping.is_set():
                return
        if trouble is not None:
            raise trouble

    def _free(self, dead_letter: DeadLetter, busy: set[Origin]) -> bool:
        """Tell whether it is to be tried: ours, not being worked on, not finished since it was read."""
        done = (dead_letter.origin, dead_letter.time) in self._finished
        return not done and dead_letter.origin not in busy and self._mine(dead_letter.origin)

    def _finish(self, dead_letter: DeadLetter) -> None:
        self._finished[dead_letter.origin, dead_letter.time] = False
        self._done.put(dead_letter)

    def _batch(self) -> list[DeadLetter]:
        """Return what is finished, after a moment when nothing is."""
        dead_letters: list[DeadLetter] = []
        with contextlib.suppress(Empty):
            dead_letters.append(self._done.get(timeout=0.2))
            while len(dead_letters) < _BATCH:
                dead_letters.append(self._done.get_nowait())
        return dead_letters

    def _give(self, dead_letter: DeadLetter, stopping: threading.Event) -> None:
        while self._workers.full(dead_letter.beamline):
            if stopping.wait(0.1) or not self._mine(dead_letter.origin):
                return
        kept = replace(dead_letter, body=None)  # its bytes are not needed to acknowledge it
        delivery = replace(self._whole(dead_letter), finished=lambda: self._finish(kept), store=self._kind)
        self._workers.add(delivery)
        if not self._mine(dead_letter.origin):  # it left after the beamline queues were told so
            self._workers.drop(lambda one: one is delivery, 0)
