"""The scans of the demo, as a user runs them in spock: whole ones, an aborted one, and a file of SES."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import tango

from scizoo.demo.beamline.layout import PATHFIXER, Layout
from scizoo.facility.door import Door, read_environment
from scizoo.facility.sardana_yaml import SardanaSettings

ASCAN = ("ascan", "mot01", "0", "1", "10", "0.02")
MESH = ("mesh", "mot01", "0", "1", "3", "mot02", "0", "1", "2", "0.02")
LONG = ("ascan", "mot02", "0", "10", "200", "0.2")
ABORT_AFTER = "   2  "


@dataclass(frozen=True)
class Done:
    """A scan that has ended: what was asked, how it is known again, and when it ended (seconds, Unix)."""

    command: str
    ended: float
    scan_id: int | None = None
    file: Path | None = None


class Scans:
    """Runs scans one after another."""

    def __init__(self, door: Door, settings: SardanaSettings, layout: Layout) -> None:
        self._door = door
        self._macroserver = settings.macroserver
        self._group = settings.measurement_group
        self._layout = layout
        self._dropped = 0

    def run(self, count: int) -> Iterator[Done]:
        """Run `count` scans: an ascan, a mesh, an aborted ascan, an SES file; then ascan and mesh in turn."""
        first: list[Callable[[], Done]] = [self._ascan, self._mesh, self._aborted, self._ses]
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

    def _ses(self) -> Done:
        """Put a file into the active path, as SES does."""
        self._dropped += 1
        active: Any = tango.DeviceProxy(PATHFIXER).read_attribute("Path")
        path = Path(active.value) / f"photoemission{self._dropped:04}.txt"
        path.write_bytes(self._layout.ses_file())
        return Done(f"SES {path.name}", time.time(), file=path)

    def _done(self, macro: tuple[str, ...]) -> Done:
        ended = time.time()
        scan_id = read_environment(self._macroserver)["ScanID"]
        return Done(" ".join(macro), ended, scan_id=int(scan_id))
