"""The release of the quarantine: what waits for a person is tried again, without one having to say so.

Only the SciCow that has the partition a letter came from takes it out, through the same lane as new messages:
so two replicas, or a letter and a new message of the same scan, never work on one dataset at the same time.
"""

import threading
from collections import Counter
from collections.abc import Callable

from pydantic import BaseModel, ConfigDict, Field
from structlog.typing import FilteringBoundLogger as Log

from scicow.delivery import Delivery, Origin
from scicow.errors import ShelfError
from scicow.lanes import Lanes
from scicow.letters import Letter, Shelf
from scicow.logs import Repeats
from scicow.metrics import Metrics


class QuarantineSettings(BaseModel):
    """When the quarantine is looked through."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recheck: float = Field(
        default=600.0, gt=0, description="seconds between two rounds; the first one is at the start"
    )


class Quarantine:
    """Looks the shelf through in rounds, in a thread of its own."""

    def __init__(
        self,
        shelf: Shelf,
        settings: QuarantineSettings,
        *,
        lanes: Lanes,
        mine: Callable[[Origin], bool],
        metrics: Metrics,
        log: Log,
    ) -> None:
        self._shelf = shelf
        self._settings = settings
        self._lanes = lanes
        self._mine = mine
        self._metrics = metrics
        self._log = log
        self._repeats = Repeats()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="quarantine", daemon=True)
        self._known: set[str] = set()

    def start(self) -> None:
        """Begin with the rounds."""
        self._thread.start()

    def hurry(self) -> None:
        """Begin a round now: partitions came, or a person asked."""
        self._wake.set()

    def stop(self) -> None:
        """End the rounds."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def round(self) -> int:
        """Give every letter of ours that is not being worked on to its lane; return how many."""
        given, waiting = 0, Counter[str]()
        busy = self._lanes.released()
        for letter in self._shelf.letters():
            if self._stop.is_set():
                break
            waiting[letter.beamline] += 1
            if letter.origin not in busy and self._mine(letter.origin) and self._give(letter):
                given += 1
        self._count(waiting)
        return given

    def _give(self, letter: Letter) -> bool:
        while self._lanes.full(letter.beamline):
            if self._stop.wait(0.1):
                return False
        self._lanes.add(
            Delivery(
                beamline=letter.beamline,
                origin=letter.origin,
                key=letter.key,
                body=letter.body,
                headers=letter.headers,
                finished=lambda: self._shelf.settle([letter]),
                released=True,
            )
        )
        return True

    def _count(self, waiting: Counter[str]) -> None:
        self._known |= set(waiting)
        for beamline in self._known:
            self._metrics.quarantined.labels(beamline).set(waiting[beamline])

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                given = self.round()
            except ShelfError as error:
                if self._repeats.new("round", str(error)):
                    self._log.error("quarantine", reason=str(error))
            else:
                self._repeats.ended("round")
                self._log.debug("quarantine looked through", tried=given)
            self._wake.wait(self._settings.recheck)
