"""The scans of the demo: whole ones and an aborted one in spock, an acquisition of SES and one of Prodigy."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import tango

from scizoo.demo.beamline.layout import PATHFIXER
from scizoo.facility.door import Door, read_environment
from scizoo.facility.sardana_yaml import SardanaSettings
from scizoo.simulation.instruments.acquisitions import (
    Acquire,
    prodigy_acquisition,
    regions,
    ses_acquisition,
)
from scizoo.simulation.instruments.writing import grow
from scizoo.simulation.simulate import next_name

ASCAN = ("ascan", "mot01", "0", "1", "10", "0.02")
MESH = ("mesh", "mot01", "0", "1", "3", "mot02", "0", "1", "2", "0.02")
LONG = ("ascan", "mot02", "0", "10", "200", "0.2")
ABORT_AFTER = "   2  "
SES, PRODIGY = ("txt", "pxt", "ibw"), ("sle", "xy", "itx")  # the files of each program
REGIONS, SPEED = 2, 8  # of an acquisition, and how many times faster than an analyser


@dataclass(frozen=True)
class Done:
    """A scan that has ended: what was asked, how it is known again, and when it ended (seconds, Unix).

    `file` is an acquisition's first file, `files` how many it has.
    """

    command: str
    ended: float
    scan_id: int | None = None
    file: Path | None = None
    files: int = 1


class Scans:
    """Runs scans one after another."""

    def __init__(self, door: Door, settings: SardanaSettings) -> None:
        self._door = door
        self._macroserver = settings.macroserver
        self._group = settings.measurement_group

    def run(self, count: int) -> Iterator[Done]:
        """Run `count`: an ascan, a mesh, an aborted ascan, SES, Prodigy; then ascan and mesh in turn."""
        ses = partial(self._acquire, "SES", ses_acquisition, SES)
        prodigy = partial(self._acquire, "Prodigy", prodigy_acquisition, PRODIGY)
        first: list[Callable[[], Done]] = [self._ascan, self._mesh, self._aborted, ses, prodigy]
        more = cycle((self._ascan, self._mesh))
        for scan in [*first[:count], *islice(more, max(0, count - len(first)))]:
            yield scan()

    def _ascan(self) -> Done:
        self._door.run(*ASCAN)
        return self._done(ASCAN)

    def _mesh(self) -> Done:
        self._door.run(*MESH)
        return self._done(MESH)

    def _aborted(self) -> Done:
        """Begin a long scan and abort it after some points."""
        self._door.start(*LONG)
        self._door.abort_in_exposure(ABORT_AFTER, self._group)
        self._door.wait(20)
        return self._done(LONG)

    def _acquire(self, program: str, acquire: Acquire, kinds: tuple[str, ...]) -> Done:
        """Let files grow in the active path, as a program does that knows nothing of us."""
        active: Any = tango.DeviceProxy(PATHFIXER).read_attribute("Path")
        folder = Path(active.value)
        name = next_name(folder, program.lower())
        acquired = regions(REGIONS, datetime.now().astimezone())
        files: set[Path] = set()
        grow(
            acquire(folder, name, acquired, kinds),
            lambda step: files.add(step.path),
            speed=SPEED,
        )
        first = folder / f"{name}.{kinds[0]}"
        return Done(f"{program} {name}", time.time(), file=first, files=len(files))

    def _done(self, macro: tuple[str, ...]) -> Done:
        ended = time.time()
        scan_id = read_environment(self._macroserver)["ScanID"]
        return Done(" ".join(macro), ended, scan_id=int(scan_id))
