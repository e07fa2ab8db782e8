"""The release of letters: what waits for a person is tried again, without one having to say so.

Only the SciCow that has the partition a letter came from takes it out, through the same lane as new messages:
so two replicas, or a letter and a new message of the same scan, never work on one dataset at the same time.
"""

import threading
from collections import Counter
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field

from scicow.delivery import Delivery, Origin
from scicow.lanes import Lanes
from scicow.letters import Kind, Letter, Shelf
from scicow.metrics import Metrics


class QuarantineSettings(BaseModel):
    """When the quarantine is looked through."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recheck: float = Field(
        default=600.0, gt=0, description="seconds between two rounds; the first one is at the start"
    )


class Release:
    """Gives the letters of a shelf to their lanes; who holds a letter settles it when it is finished."""

    def __init__(
        self, shelf: Shelf, kind: Kind, *, lanes: Lanes, mine: Callable[[Origin], bool], metrics: Metrics
    ) -> None:
        self._shelf = shelf
        self._kind: Kind = kind
        self._lanes = lanes
        self._mine = mine
        self._metrics = metrics
        self._known: set[str] = set()

    def round(self, stopping: threading.Event) -> int:
        """Give every letter of ours that is not being worked on to its lane; return how many."""
        given, waiting = 0, Counter[str]()
        busy = self._lanes.shelved(self._kind)
        for letter in self._shelf.letters():
            waiting[letter.beamline] += 1
            ours = letter.origin not in busy and self._mine(letter.origin)
            if ours and self._give(letter, stopping):
                given += 1
            if stopping.is_set():
                return given
        self._count(waiting)
        return given

    def _give(self, letter: Letter, stopping: threading.Event) -> bool:
        while self._lanes.full(letter.beamline):
            if stopping.wait(0.1):
                return False
        self._lanes.add(
            Delivery(
                beamline=letter.beamline,
                origin=letter.origin,
                key=letter.key,
                body=letter.body,
                headers=letter.headers,
                finished=lambda: self._shelf.settle([letter]),
                shelf=self._kind,
            )
        )
        return True

    def _count(self, waiting: Counter[str]) -> None:
        self._known |= set(waiting)
        for beamline in self._known:
            self._metrics.letters.labels(beamline, self._kind).set(waiting[beamline])
