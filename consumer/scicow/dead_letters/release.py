"""The release of letters: what waits for a person is tried again, without one having to say so.

Only the SciCow that has the partition a letter came from takes it out, through the same lane as new messages:
so two replicas, or a letter and a new message of the same scan, do not work on one dataset at the same time.
A partition may leave at any moment: then what has not started is left to whoever has it next.
"""

import contextlib
import threading
from collections.abc import Callable
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from scicow.dead_letters.dead_letter import Kind, Letter, Shelf
from scicow.delivery import Delivery, Origin
from scicow.errors import ShelfError

_BATCH = 1000  # letters that are settled together, at most


class QuarantineSettings(BaseModel):
    """When the quarantine is looked through."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    recheck: float = Field(
        default=600.0,
        gt=0,
        le=30 * 86_400,  # a thread cannot wait for ever
        description="seconds between two rounds; each tries the letters of its own partitions",
    )


class Work(Protocol):
    """Where letters are tried: `scicow.work.workers.Lanes`."""

    def shelved(self, kind: str) -> set[Origin]:
        """Return the origins of the letters of a kind that wait or run."""

    def full(self, beamline: str) -> bool:
        """Say whether this beamline should get no more for now."""

    def add(self, delivery: Delivery) -> None:
        """Queue a delivery."""

    def drop(self, belongs: Callable[[Delivery], bool], timeout: float | None = None) -> bool:
        """Forget what belongs to it and has not started."""


class Release:
    """Gives the letters of a shelf to their lanes; who holds a letter settles it when it is finished."""

    def __init__(
        self,
        shelf: Shelf,
        kind: Kind,
        *,
        lanes: Work,
        mine: Callable[[Origin], bool],
        whole: Callable[[Letter], Delivery],
    ) -> None:
        self._shelf = shelf
        self._kind: Kind = kind
        self._lanes = lanes
        self._mine = mine
        self._whole = whole  # a letter as its message, with the bytes that were left at the origin
        self._done: SimpleQueue[Letter] = SimpleQueue()
        self._finished: dict[tuple[Origin, str], bool] = {}  # origin and time of a letter -> it is settled

    def settle(self, stopping: threading.Event) -> None:
        """Settle what is finished, as it comes. Raises ShelfError: then the next round tries again.

        Not in `finished`, which the Kafka client's own thread may call: settling waits for that thread.
        """
        while not stopping.is_set() or not self._done.empty():
            if not (letters := self._batch()):
                continue
            names = [(letter.origin, letter.time) for letter in letters]
            try:
                self._shelf.settle(letters)
            except ShelfError:
                for name in names:
                    self._finished.pop(name, None)
                raise
            self._finished.update(dict.fromkeys(names, True))

    def round(self, stopping: threading.Event) -> None:
        """Give every letter of ours that is not being worked on to its lane. Raises ShelfError."""
        busy = self._lanes.shelved(self._kind)
        for name in [name for name, settled in list(self._finished.items()) if settled]:
            del self._finished[name]  # what is read from now on says so itself
        trouble: ShelfError | None = None
        for letter in self._shelf.letters():
            try:
                if self._free(letter, busy):
                    self._give(letter, stopping)
            except ShelfError as error:  # one without its bytes keeps no other waiting
                trouble = error
            if stopping.is_set():
                return
        if trouble is not None:
            raise trouble

    def _free(self, letter: Letter, busy: set[Origin]) -> bool:
        """Say whether it is to be tried: ours, not being worked on, not finished since it was read."""
        done = (letter.origin, letter.time) in self._finished
        return not done and letter.origin not in busy and self._mine(letter.origin)

    def _finish(self, letter: Letter) -> None:
        self._finished[letter.origin, letter.time] = False
        self._done.put(letter)

    def _batch(self) -> list[Letter]:
        """Return what is finished, after a moment when nothing is."""
        letters: list[Letter] = []
        with contextlib.suppress(Empty):
            letters.append(self._done.get(timeout=0.2))
            while len(letters) < _BATCH:
                letters.append(self._done.get_nowait())
        return letters

    def _give(self, letter: Letter, stopping: threading.Event) -> None:
        while self._lanes.full(letter.beamline):
            if stopping.wait(0.1) or not self._mine(letter.origin):
                return
        kept = replace(letter, body=None)  # its bytes are not needed to settle it
        delivery = replace(self._whole(letter), finished=lambda: self._finish(kept), shelf=self._kind)
        self._lanes.add(delivery)
        if not self._mine(letter.origin):  # it left after the lanes were told so
            self._lanes.drop(lambda one: one is delivery, 0)
