"""A Sardana whose ScanDir a PathFixer sets, and macros that change the sample and scan at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import h5py

import scifish.sardana_macros
from scizoo.facility.processes import wait_until
from scizoo.facility.sardana import Sardana, sardana
from scizoo.facility.sardana_yaml import SardanaSettings

MACROS = """
import time
from sardana.macroserver.macro import Type, macro

@macro([["first", Type.Integer, None, ""], ["last", Type.Integer, None, ""]])
def switch_and_scan(self, first, last):
    for number in range(first, last):
        began = time.monotonic()
        self.execMacro("scicat_sample", f"macro{number}")
        self.output(f"took {time.monotonic() - began:.6f}")
        self.execMacro("ascan", "mot01", "0", "1", "1", "0.001")
"""
SCAN = ("ascan", "mot01", "0", "1", "1", "0.001")


@contextmanager
def switching(folder: Path, tango_host: str, pathfixer: str) -> Iterator[Sardana]:
    """Run a Pool and a MacroServer, which records scans in HDF5 files."""
    (folder / "macros").mkdir()
    (folder / "macros" / "switches.py").write_text(MACROS)
    (folder / "scifish.yaml").write_text(f"mode: 'off'\npathfixer: {pathfixer}\n")
    ours = Path(next(iter(scifish.sardana_macros.__path__)))
    settings = SardanaSettings(
        instance="switches",
        doors=("door/switches/1",),
        macro_path=(ours, folder / "macros"),
        environment={"ScanDir": str(folder / "before"), "ScanFile": "scans.h5"},
    )
    env = {"SCIFISH_CONFIG": str(folder / "scifish.yaml")}
    with sardana(folder / "servers", tango_host, settings, env) as running:
        with running.door() as door:
            wait_until(lambda: "mot01" in door.run("lsm"), "the MacroServer knows the Pool", 30)
        yield running


def scans_in(folder: Path) -> int:
    """Return how many scans the file in this folder has."""
    if not (folder / "scans.h5").exists():
        return 0
    with h5py.File(folder / "scans.h5") as file:
        return len(file)
