"""A beamline's day in short: scans while sample, proposal, configuration change, and parts die or hang."""

import os
import random
import re
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tango
import yaml

from scizoo.demo.beamline.layout import CONFIGURATION, OTHER_CONFIGURATION, PATHFIXER, PROPOSAL, SCIDOG
from scizoo.demo.beamline.staff import Staff
from scizoo.demo.beamline.startup import Beamline
from scizoo.errors import ProcessError, ScizooError
from scizoo.facility.door import Door
from scizoo.facility.processes import quiet, wait_until
from scizoo.facility.sardana import BIN
from support.scizoo.disturbances import Disturbances

PROPOSALS = (PROPOSAL, "20260043", "20260044")
SAMPLES = ("bilayer", "film 2", "LSMO-3", "Ümlaut", "")
SAMPLE_EVERY, CONFIGURATION_EVERY, PROPOSAL_EVERY, SHELL_EVERY = 5, 11, 17, 25
TAGS = 1_000_000


@dataclass(frozen=True)
class Place:
    """What PathFixer and SciDog had said when a scan began."""

    proposal: str
    folder: str
    configuration: str


@dataclass
class Log:
    """What was done: each scan by its tag, whole or interrupted, and where it belongs."""

    whole: dict[int, Place] = field(default_factory=dict)
    interrupted: dict[int, str] = field(default_factory=dict)
    changes: int = 0
    refused: int = 0
    shell: int = 0


class Soak:
    """Runs scans at the door of a demo's beamline until the time is over."""

    def __init__(self, beamline: Beamline, staff: Staff, seed: int, wait: Callable[[float], object]) -> None:
        self._layout = beamline.layout
        self._doors = beamline.sardana.settings.doors[0]
        self._random = random.Random(seed)
        self._pathfixer: Any = tango.DeviceProxy(PATHFIXER)
        self._scidog: Any = tango.DeviceProxy(SCIDOG)
        self._env = {"TANGO_HOST": beamline.tango_host, "SCIFISH_CONFIG": str(self._layout.scifish)}
        self._door: Door | None = None
        self._number = 0
        self.log = Log()
        self.disturbances = Disturbances(staff, wait)

    def prepare(self) -> None:
        """Let the user office know more proposals, and choose the first."""
        path = self._layout.root / "proposals.yaml"
        document = yaml.safe_load(path.read_text())
        first = document["proposals"][0]
        for name in PROPOSALS[1:]:
            document["proposals"].append({**first, "id": name, "group": f"{name}-group"})
        new = path.with_suffix(".new")
        new.write_text(yaml.safe_dump(document))
        new.replace(path)
        self._try(lambda: self._set_proposal(PROPOSAL))
        self._try(lambda: self._scidog.Activate(CONFIGURATION))
        self._place = self._told()

    def warm_up(self, seconds: float) -> None:
        """Scan for so long, undisturbed."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._step()

    def run(self, seconds: float) -> None:
        """Scan for so long, disturbed all the while."""
        end = time.monotonic() + seconds
        disturbing = threading.Thread(target=self.disturbances.run, args=(seconds,), name="disturbances")
        disturbing.start()
        try:
            while time.monotonic() < end:
                self._step()
        finally:
            disturbing.join()
            if self._door is not None:
                self._door.close()

    def _step(self) -> None:
        self._number += 1
        number = self._number
        changes: list[Callable[[], None]] = []
        if number % PROPOSAL_EVERY == 0:
            changes.append(lambda: self._set_proposal(self._random.choice(PROPOSALS)))
        if number % SAMPLE_EVERY == 0:
            changes.append(lambda: setattr(self._pathfixer, "Sample", self._random.choice(SAMPLES)))
        if number % CONFIGURATION_EVERY == 0:
            name = self._random.choice((CONFIGURATION, OTHER_CONFIGURATION))
            changes.append(lambda: self._scidog.Activate(name))
        if [self._try(change) for change in changes]:
            self._place = self._told()
        if number % SHELL_EVERY == 0:
            self._record(number)
        else:
            self._scan(number)

    def _set_proposal(self, name: str) -> None:
        self._pathfixer.Proposal = name

    def _try(self, change: Callable[[], None]) -> bool:
        """Change something, as the beamline's staff would; what is refused is left as it is."""
        try:
            change()
        except tango.DevFailed:
            self.log.refused += 1
            return False
        self.log.changes += 1
        return True

    def _told(self) -> Place:
        """Return what is in force, as soon as both devices answer."""

        def ask() -> Place:
            folder, proposal = self._pathfixer.SamplePath, self._pathfixer.Proposal
            return Place(proposal, folder, self._scidog.Configuration)

        found: Place = wait_until(quiet(ask, tango.DevFailed), "PathFixer and SciDog answer", 120)
        return found

    def _scan(self, number: int) -> None:
        place = self._place
        try:
            if self._door is None:
                self._door = self._open_door()
            self._door.run("ascan", "mot01", "0", f"{number / TAGS:.6f}", "2", "0.01", timeout=90)
        except (ScizooError, tango.DevFailed) as error:
            self.log.interrupted[number] = _line(error)
            self._door = None
        else:
            self.log.whole[number] = place

    def _open_door(self) -> Door:
        door: Door = wait_until(
            quiet(lambda: Door(self._doors), tango.DevFailed), "the MacroServer is back", 120
        )
        return door

    def _record(self, number: int) -> None:
        """Record a shell command, a process of its own."""
        argv: list[str | Path] = [BIN / "scifish", "record", "--name", f"shell {number}", "--", "true"]
        done = subprocess.run(argv, env={**os.environ, **self._env}, capture_output=True, text=True)
        self.log.shell += 1
        if done.returncode == 0:
            self.log.whole[number] = self._place
        else:
            self.log.interrupted[number] = f"scifish record: {done.returncode}: {done.stderr.strip()[-200:]}"


def tag_of(name: str) -> int | None:
    """Return the tag in a dataset's name."""
    scan = re.search(r"ascan mot01 0\.0 (\S+) 2 ", name)
    if scan:
        return round(float(scan[1]) * TAGS)
    shell = re.fullmatch(r"shell (\d+)", name)
    return int(shell[1]) if shell else None


def _line(error: Exception) -> str:
    if isinstance(error, ProcessError):
        return str(error)
    desc = getattr(error.args[0], "desc", None) if error.args else None
    return " ".join(str(desc or error).split())[:200]


def folder_of(path: str) -> str:
    """Return the folder of a file's path."""
    return str(Path(path).parent)
