"""What happens to a beamline's parts in a day: they are killed, hang, are stopped, and come back."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle

from scizoo.demo.beamline.staff import Staff
from scizoo.facility.processes import Child

KILLED = ("SciDog", "scicow", "PathFixer", "MacroServer", "minicat", "Kafka")
AWAY = 3.0  # seconds that a killed part is away
HANGS = 8.0  # seconds that a part hangs
MOST_OFTEN = 10.0  # seconds between two disturbances at least


class Disturbances:
    """Disturbs one part after the other; `counts` has how often each was. `wait` waits for some seconds."""

    def __init__(self, staff: Staff, wait: Callable[[float], object]) -> None:
        self._parts = {child.name: child for child in staff.watched()}
        self._wait = wait
        self.counts: dict[str, int] = {}

    def run(self, seconds: float) -> None:
        """Disturb for so long; at the end all parts run."""
        kinds = [
            *((f"kill {name}", self._killed, name) for name in KILLED if name in self._parts),
            ("freeze the devices", self._frozen, "SimulatedBeamline"),
            ("freeze the catalogue", self._frozen, "minicat"),
        ]
        pause = max(MOST_OFTEN, seconds / (2 * len(kinds) + 1) - AWAY)
        left = seconds
        for what, way, name in cycle(kinds):
            left -= pause + HANGS
            if left < 0:
                return
            self._wait(pause)
            with way(self._parts[name]):
                self.counts[what] = self.counts.get(what, 0) + 1

    @contextmanager
    def _killed(self, part: Child) -> Iterator[None]:
        part.kill()
        yield
        self._wait(AWAY)
        part.start()

    @contextmanager
    def _frozen(self, part: Child) -> Iterator[None]:
        os.kill(part.pid, signal.SIGSTOP)
        try:
            yield
            self._wait(HANGS)
        finally:
            os.kill(part.pid, signal.SIGCONT)
