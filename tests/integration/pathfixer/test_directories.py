"""The directories as the device looks after them: a lost mount, VerifyPath, RepairPath, a new group."""

import shutil
import stat
from pathlib import Path

import pytest
import tango

from scizoo.facility.processes import wait_until
from support.sdm.offices import write_settings
from support.tango.servers import TangoServer


def refused(device: tango.DeviceProxy, attribute: str, value: str) -> str:
    with pytest.raises(tango.DevFailed) as caught:
        device.write_attribute(attribute, value)
    return str(caught.value.args[0].reason)


def test_a_lost_mount_is_a_fault_and_nothing_is_made_there(
    pathfixer: TangoServer, root: Path, config: Path
) -> None:
    write_settings(config, storage={"apply_group": False, "marker": "mounted"})
    device = pathfixer.start()
    assert device.state() == tango.DevState.FAULT  # the file is not there yet
    assert "mounted" in device.status()
    (root / "mounted").touch()
    wait_until(lambda: device.state() == tango.DevState.STANDBY, "it has started by itself", 30)
    device.Proposal = "20260001"
    path, away = device.Path, root.with_name("away")
    root.rename(away)
    root.mkdir()  # the bare mount point
    assert refused(device, "Sample", "wafer") == "PathFixer_RootNotMounted"
    assert device.state() == tango.DevState.FAULT
    assert device.status().splitlines()[0].count("mounted")
    assert refused(device, "Proposal", "20260004") == "PathFixer_RootNotMounted"
    assert (device.Path, list(root.iterdir())) == (path, [])
    root.rmdir()
    away.rename(root)
    wait_until(lambda: device.state() == tango.DevState.ON, "it is mounted again", 30)
    device.Sample = "wafer"
    assert Path(device.SamplePath).is_dir()


def test_a_lost_mount_is_noticed_without_a_client(pathfixer: TangoServer, root: Path, config: Path) -> None:
    write_settings(config, storage={"apply_group": False, "marker": "mounted"})
    (root / "mounted").touch()
    device = pathfixer.start()
    device.Proposal = "20260001"
    (root / "mounted").unlink()
    wait_until(lambda: device.state() == tango.DevState.FAULT, "it is noticed", 30)


def test_after_a_restart_nothing_is_made_on_a_bare_mount_point(pathfixer: TangoServer, root: Path) -> None:
    """Without a marker only the missing folder of the proposal shows that the mount is gone."""
    device = pathfixer.start()
    device.Proposal = "20260001"
    path, away = device.Path, root.with_name("away")
    wait_until(lambda: device.state() == tango.DevState.ON, "it is remembered", 30)
    pathfixer.child.kill()
    root.rename(away)
    root.mkdir()
    device = pathfixer.start()
    wait_until(lambda: device.state() == tango.DevState.FAULT, "the folder is missed", 30)
    assert "20260001: is gone with all that was in it; mount the data root" in device.status()
    assert (device.Path, list(root.iterdir())) == (path, [])
    root.rmdir()
    away.rename(root)
    wait_until(lambda: device.state() == tango.DevState.ON, "it is mounted again", 30)


def test_a_folder_that_was_removed_is_made_again_by_repair(pathfixer: TangoServer, root: Path) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    shutil.rmtree(root / "visitors")
    wait_until(lambda: device.state() == tango.DevState.FAULT, "the folder is missed", 30)
    device.RepairPath()
    assert Path(device.Path).is_dir()
    wait_until(lambda: device.state() == tango.DevState.ON, "it is there again", 30)


def test_differences_are_told_and_corrected(pathfixer: TangoServer, tmp_path: Path) -> None:
    device = pathfixer.start()
    with pytest.raises(tango.DevFailed, match="VerifyPath needs an active proposal"):
        device.VerifyPath()
    device.Proposal, device.Sample = "20260001", "wafer"
    assert list(device.VerifyPath() or ()) == []
    logs, sample = Path(device.Path).with_name("logs"), Path(device.SamplePath)
    logs.chmod(0o755)
    sample.rmdir()
    wait_until(sample.is_dir, "the check has made it again", 30)
    (difference,) = device.VerifyPath()
    assert str(logs) in difference
    assert stat.S_IMODE(logs.stat().st_mode) == 0o755
    (corrected,) = device.RepairPath()
    assert corrected.startswith(f"corrected: {logs}")
    assert stat.S_IMODE(logs.stat().st_mode) == 0o2770
    assert list(device.VerifyPath() or ()) == []
    log = (tmp_path / "pathfixer.log").read_text()
    assert "RepairPath (" in log
