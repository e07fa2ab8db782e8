"""Sardana with our recorder, and what it left in the outbox."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import scifish.sardana_macros
import scifish.sardana_recorders
from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import wait_until
from scizoo.facility.sardana import Sardana, sardana
from scizoo.facility.sardana_yaml import SardanaSettings
from support.scifish.recorder import checked

RECORDER_PATH = Path(next(iter(scifish.sardana_recorders.__path__)))
MACRO_PATH = Path(next(iter(scifish.sardana_macros.__path__)))
NESTED = """
from sardana.macroserver.macro import macro

@macro()
def nested(self):
    points = []
    def within():  # after the last point, since the inner scan takes the measurement group
        points.append(1)
        if len(points) == 2:
            self.execMacro("ascan", "mot02", "0", "2", "2", "0.01")
    scan, _ = self.createMacro("ascan", "mot01", "0", "1", "1", "0.01")
    scan.hooks = [(within, ["post-acq"])]
    self.runMacro(scan)
"""
State = Mapping[str, Any]


@dataclass(frozen=True)
class Lab:
    """A running Sardana, with its folder and outbox."""

    sardana: Sardana
    folder: Path
    outbox: Path

    def entries(self) -> list[State]:
        """Return the newest state of each entry, by the number of its scan."""
        newest: dict[str, State] = {}
        for stored in Outbox(self.outbox).pending(limit=10_000):
            newest[stored.pid] = checked(stored.body).model_dump(mode="json", by_alias=True)
        return sorted(newest.values(), key=lambda state: (state["environment"]["scanID"], state["sentAt"]))

    def ended(self, number: int, timeout: float = 20.0) -> State:
        """Wait for the end of the scan with this number and return its entry."""

        def look() -> State | None:
            found = [one for one in self.entries() if one["environment"]["scanID"] == number]
            return next((one for one in found if one["dataset"]["endTime"]), None)

        found = wait_until(look, f"scan {number} has ended in the outbox", timeout)
        assert found is not None
        return found


def knows_the_pool(running: Sardana) -> None:
    """Wait until the MacroServer, whose doors answer, has heard of the Pool's motors."""
    with running.door() as door:
        wait_until(lambda: "mot01" in door.run("lsm"), "the MacroServer knows the Pool", 30)


@contextmanager
def lab(
    folder: Path,
    tango_host: str,
    *,
    instance: str,
    environment: Mapping[str, Any] | None = None,
    macros: str = NESTED,
) -> Iterator[Lab]:
    """Run Sardana with two doors, our recorder and macros, and an outbox that keeps all."""
    own_macros = folder / "macros"
    own_macros.mkdir(parents=True, exist_ok=True)
    (own_macros / "scicattests.py").write_text(macros)
    outbox, settings = folder / "outbox.sqlite", folder / "scifish.yaml"
    said = {"mode": "outbox", "beamline": "test", "outbox": {"path": str(outbox)}}
    settings.write_text(yaml.safe_dump(said))
    provided = SardanaSettings(
        instance=instance,
        doors=(f"door/{instance}/1", f"door/{instance}/2"),
        macro_path=(MACRO_PATH, own_macros),
        recorder_path=(RECORDER_PATH,),
        environment={"DataRecorder": "SciCatRecorder", **(environment or {})},
    )
    before = os.environ.get("SCIFISH_CONFIG")
    os.environ["SCIFISH_CONFIG"] = str(settings)
    try:
        with sardana(folder / "sardana", tango_host, provided) as running:
            knows_the_pool(running)
            yield Lab(running, folder, outbox)
    finally:
        if before is None:
            del os.environ["SCIFISH_CONFIG"]
        else:
            os.environ["SCIFISH_CONFIG"] = before
