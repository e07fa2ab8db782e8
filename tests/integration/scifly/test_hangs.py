"""What hangs, is no file, or is away: SciFly names it and records all else."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tango

from scizoo.facility.processes import wait_until
from support.scifly.ses import ONE
from support.tango.chain import PROPOSAL, Chain

SOON = 30.0


def names(beamline: Chain) -> list[str]:
    return sorted(str(one.dataset.dataset_name) for one in beamline.ends().values())


@pytest.fixture
def fly(beamline: Chain) -> tango.DeviceProxy:
    beamline.pathfixer.start().Proposal = PROPOSAL
    return beamline.scifly.start()


def test_a_pipe_or_a_link_stops_nothing_and_is_not_read(
    beamline: Chain, fly: tango.DeviceProxy, tmp_path: Path
) -> None:
    raw = beamline.raw()
    secret = tmp_path / "secret.txt"
    secret.write_bytes(ONE)
    os.mkfifo(raw / "a.txt")
    (raw / "b.txt").symlink_to(secret)
    (raw / "c.txt").write_bytes(ONE)
    wait_until(lambda: names(beamline) == ["c"], "the file is recorded", SOON, child=beamline.scifly.child)
    assert fly.State() == tango.DevState.ON
    begin = time.monotonic()
    fly.Init()
    assert time.monotonic() - begin < 25  # the pipe would hold it for ever
    (raw / "d.txt").write_bytes(ONE)
    wait_until(lambda: names(beamline) == ["c", "d"], "it goes on", SOON, child=beamline.scifly.child)


@pytest.mark.parametrize("watching", ["auto", "sweep"])
def test_a_change_in_place_of_an_old_file_is_recorded(beamline: Chain, watching: str) -> None:
    tango.Database().put_device_property(beamline.scifly.device, {"Watching": [watching]})
    beamline.pathfixer.start().Proposal = PROPOSAL
    fly = beamline.scifly.start()
    old = time.time() - 3600
    path = beamline.raw() / "a.txt"
    path.write_bytes(ONE)
    os.utime(path, (old, old))
    wait_until(lambda: fly.FilesRecorded == 1, "it is recorded", SOON)
    assert fly.Mode == ("inotify" if watching == "auto" else "sweep")
    with path.open("r+b") as file:
        file.write(ONE.replace(b"User=AN", b"User=ZZ"))
    os.utime(path, (old + 1, old + 1))
    wait_until(lambda: fly.FilesRecorded == 2, "its change is recorded", SOON)
    (entry,) = beamline.ends().values()
    assert entry.environment.user == "ZZ"


def test_a_path_whose_mount_goes_and_comes_is_watched_again(beamline: Chain, fly: tango.DeviceProxy) -> None:
    raw = beamline.raw()
    (raw / "a.txt").write_bytes(ONE[:-30])
    wait_until(lambda: fly.FilesPending == 1, "it is seen", SOON)
    away = raw.rename(raw.with_name("away"))
    wait_until(lambda: fly.State() == tango.DevState.ALARM, "its loss is told", SOON)
    assert "mount it" in fly.Status()
    assert not any("vanished" in one for one in fly.Problems or ())
    away.rename(raw)
    (raw / "a.txt").write_bytes(ONE)
    wait_until(lambda: names(beamline) == ["a"], "it is recorded", SOON, child=beamline.scifly.child)
    wait_until(lambda: fly.State() == tango.DevState.ON, "all is well", SOON)


def test_a_loop_that_is_held_up_is_an_alarm(beamline: Chain) -> None:
    tango.Database().put_device_property(beamline.scifly.device, {"MaxLag": ["1"]})
    beamline.pathfixer.start().Proposal = PROPOSAL
    fly = beamline.scifly.start()
    wait_until(lambda: fly.State() == tango.DevState.ON, "it watches", SOON)
    assert fly.Lag < 1
    holder = subprocess.Popen(  # holds the ledger, as a disk that hangs would
        [
            sys.executable,
            "-c",
            "import sqlite3, sys, time\n"
            "base = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "base.execute('BEGIN EXCLUSIVE')\nprint('held', flush=True)\ntime.sleep(600)",
            str(next((beamline.folder / "state").glob("*.sqlite"))),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        (beamline.raw() / "a.txt").write_bytes(ONE)
        wait_until(lambda: "s behind" in fly.Status(), "the lag is told", SOON)
        assert fly.State() == tango.DevState.ALARM
        assert fly.Lag > 1
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    wait_until(lambda: names(beamline) == ["a"], "it is recorded", SOON, child=beamline.scifly.child)
    wait_until(lambda: fly.State() == tango.DevState.ON, "all is well", SOON)
