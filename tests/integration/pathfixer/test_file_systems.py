"""PathFixer on file systems of their own: unmounted while it runs, and one that is full."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import tango

from scizoo.facility.processes import wait_until
from support.sdm.offices import DEVICE
from support.tango.servers import TangoServer

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")


def mount(place: Path, *options: str) -> None:
    subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(place)], check=True)


@pytest.fixture
def mounted(root: Path) -> Iterator[Path]:
    mount(root)
    yield root
    subprocess.run(["umount", str(root)], check=False, capture_output=True)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for 64 kB."""
    place = tmp_path / "small"
    place.mkdir()
    mount(place, "-o", "size=64k")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def refused(device: tango.DeviceProxy, attribute: str, value: str) -> str:
    with pytest.raises(tango.DevFailed) as caught:
        device.write_attribute(attribute, value)
    return str(caught.value.args[0].reason)


def test_it_keeps_no_file_system_busy_and_writes_nothing_below_its_bare_mount_point(
    pathfixer: TangoServer, mounted: Path
) -> None:
    device = pathfixer.start()
    device.Proposal, device.Sample = "20260001", "wafer"
    path = device.SamplePath
    wait_until(lambda: unmounted(mounted), "it is unmounted", 30)
    assert refused(device, "Sample", "other") == "PathFixer_RootNotMounted"
    assert refused(device, "Proposal", "20260004") == "PathFixer_RootNotMounted"
    wait_until(lambda: device.state() == tango.DevState.FAULT, "it is told", 30)
    assert "is not mounted any more" in device.status()
    assert (device.SamplePath, list(mounted.iterdir())) == (path, [])


def unmounted(place: Path) -> bool:
    """Unmount it, unless a check of PathFixer is in it now."""
    return subprocess.run(["umount", str(place)], check=False, capture_output=True).returncode == 0


def test_a_full_disk_of_the_audit_file_stops_nobody_and_loses_no_line(
    pathfixer: TangoServer, small: Path
) -> None:
    properties: object = {"StateFolder": [str(small)]}
    tango.Database().put_device_property(DEVICE, properties)  # type: ignore[arg-type]
    device = pathfixer.start()
    device.Proposal = "20260001"
    filler = small / "filler"
    with filler.open("wb", buffering=0) as file:
        while os.statvfs(small).f_bavail:
            file.write(bytes(4096))
    for number in range(20):
        device.Sample = f"s{number}"
    assert device.SamplePath.endswith("/s19")
    assert device.state() == tango.DevState.ALARM
    assert "cannot be written (No space left on device)" in device.status()
    device.Init()
    assert "cannot be written (No space left on device)" in device.status()
    filler.unlink()
    wait_until(lambda: device.state() == tango.DevState.ON, "all is in it", 30)
    told = [line.split(" -> ")[1] for line in device.History() if " -> " in line]
    assert [one.split(":")[0].split("/")[-1] for one in told[1:]] == [f"s{number}" for number in range(20)]
