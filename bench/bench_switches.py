"""Scans that begin right after a change of the sample, by macro and by attribute: are they in its folder?

    python bench/bench_switches.py [--switches 500] [--quick]

`--switches` of each kind. Also prints how long a change takes, with ScanDir set in a real MacroServer.
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import tango

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from scizoo.facility.sardana import Sardana
from scizoo.facility.tango import tango_database
from support.scifish.switches import SCAN, scans_in, switching
from support.sdm.offices import BEAMLINE, DEVICE, entry, write_proposals, write_settings
from support.tango.servers import TangoServer, console


def by_macro(lab: Sardana, device: tango.DeviceProxy, count: int) -> tuple[int, list[float]]:
    """Let a macro change the sample and scan; return how many scans are right, and the changes' seconds."""
    with lab.door() as door:
        said = door.run("switch_and_scan", "0", str(count), timeout=600 + count)
    took = [float(one) for one in re.findall(r"took ([0-9.]+)", said)]
    raw = Path(str(device.Path))
    return sum(scans_in(raw / f"macro{number}") == 1 for number in range(count)), took


def by_attribute(lab: Sardana, device: tango.DeviceProxy, count: int) -> tuple[int, list[float]]:
    """Write the sample (every fifth time the proposal, too) and scan at once."""
    right, took = 0, []
    with lab.door() as door:
        for number in range(count):
            began = time.monotonic()
            if number % 5 == 4:
                device.Proposal = "20260002" if number % 2 else "20260001"
            device.Sample = f"written{number}"
            took.append(time.monotonic() - began)
            folder = Path(str(device.SamplePath))
            door.run(*SCAN)
            right += scans_in(folder) == 1
    return right, took


def table(lab: Sardana, device: tango.DeviceProxy, count: int) -> bool:
    """Print both ways; tell whether every scan is where it belongs."""
    print("\n| change | scans in the new folder | a change: median, most |\n|---|---|---|")
    rows = {"macro `scicat_sample`": by_macro, "attributes `Sample`, `Proposal`": by_attribute}
    right = True
    for name, way in rows.items():
        found, took = way(lab, device, count)
        right = right and found == count
        milliseconds = f"{statistics.median(took) * 1e3:.0f} ms, {max(took) * 1e3:.0f} ms"
        print(f"| {name} | {found} of {count} | {milliseconds} |")
    return right


def main() -> None:
    """Run the bench."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--switches", type=int, default=500)
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    count = 30 if chosen.quick else chosen.switches
    with tempfile.TemporaryDirectory() as made, tango_database(Path(made) / "tango") as host:
        folder = Path(made)
        (folder / "data").mkdir()
        write_proposals(folder / "proposals.yaml", entry("20260001"), entry("20260002"))
        properties: dict[str, str | list[str]] = {
            "Beamline": BEAMLINE,
            "Root": str(folder / "data"),
            "ProposalsConfig": str(write_settings(folder / "sdm.yaml")),
            "MacroServers": ["macroserver/switches/1"],
        }
        argv: list[str | Path] = [console("PathFixer"), "test"]
        log = folder / "pathfixer.log"
        pathfixer = TangoServer(argv, DEVICE, properties, tango_host=host, log=log).register("PathFixer")
        with switching(folder, host, DEVICE) as lab:
            device = pathfixer.start()
            device.Proposal = "20260001"
            try:
                right = table(lab, device, count)
            finally:
                pathfixer.child.stop()
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
