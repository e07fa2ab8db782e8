"""Every macro of spock after every scan of the demo, in a demo that is kept, and in spock itself."""

import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tango

from scizoo.demo.beamline.layout import CONFIGURATION, PATHFIXER
from scizoo.demo.scans import ABORT_AFTER, ASCAN, LONG, MESH
from scizoo.facility.door import Door, read_environment
from scizoo.facility.processes import wait_until
from scizoo.facility.tango import tango_host
from support.scifish.spock import Spock, run_all
from support.scizoo.command import SCIZOO

DOOR, GROUP, MACROSERVER = "door/demo/1", "mntgrp01", "macroserver/demo/1"
MISSED = "  cooling/hutch temperature: OSError: no answer from the sensor at address 7: check its cable"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Keep a demo running and give its TANGO_HOST."""
    root = tmp_path_factory.mktemp("demo")
    said = root / "out"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [SCIZOO, "demo", "--root", root, "--scans", "1", "--keep"], stdout=out, stderr=out
        )
        try:
            wait_until(
                lambda: process.poll() is not None or "until Ctrl-C" in said.read_text(), "it is kept", 180
            )
            assert process.poll() is None, said.read_text()
            found = re.search(r"TANGO_HOST=(\S+:\d+)", said.read_text())
            assert found
            with tango_host(found[1]):
                yield found[1]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


@pytest.fixture
def door(demo: str) -> Iterator[Door]:
    with Door(DOOR) as opened:
        yield opened


def ascan(door: Door) -> None:
    door.run(*ASCAN)


def mesh(door: Door) -> None:
    door.run(*MESH)


def aborted(door: Door) -> None:
    door.start(*LONG)
    door.abort_in_exposure(ABORT_AFTER, GROUP)
    door.wait(20)


@pytest.mark.parametrize("scan", [ascan, mesh, aborted])
def test_every_macro_after_every_scan(door: Door, scan: Callable[[Door], None]) -> None:
    scan(door)
    said = run_all(door, CONFIGURATION)
    first, *lines = said["scicat_last"].splitlines()
    assert first.startswith(f"scan {read_environment(MACROSERVER)['ScanID']}: ")
    assert f"({'aborted' if scan is aborted else 'normal'}), pid " in first
    assert any(line.startswith("catalogue: ") for line in lines)
    assert MISSED in lines
    assert "recorder: SciCatRecorder is on" in said["scicat_status"]
    assert said["scicat_remove"].startswith("removed: mot02/velocity (motors/speed); photoemission is at rev")


def test_a_scan_after_scicat_sample_has_its_line_and_its_folder(door: Door) -> None:
    path = door.run("scicat_sample", "after").splitlines()[1].removeprefix("path: ")
    assert path == tango.DeviceProxy(PATHFIXER).SamplePath
    said = door.run(*ASCAN)
    assert re.search(r"SciCat: \d+ recorded, (\d+ still being read, )?\d missing: cooling/", said)
    assert list(Path(path).glob("scans*.h5"))


def test_a_scan_and_its_macros_in_spock_itself(demo: str, tmp_path: Path) -> None:
    spock = Spock(tmp_path, demo, DOOR)
    assert "recorder: SciCatRecorder is on\n" in spock.run("scicat_status")
    assert re.search(r"SciCat: \d+ recorded, .*missing: cooling/", spock.run(" ".join(ASCAN)))
    last = spock.run("scicat_last").splitlines()
    assert last[0].startswith("scan ")
    assert f"configuration: {CONFIGURATION} revision " in last[1]
    assert MISSED in last
