"""Init in the middle of trouble: PathFixer answers, loses nothing, and works when the trouble is over."""

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tango

from scizoo.facility.door import read_environment
from scizoo.facility.processes import wait_until
from sdm.testing.fault import Fault
from sdm.testing.simulator import Simulator
from support.pathfixer.office import simulated_office
from support.sdm.offices import DEVICE
from support.tango.beamline import freeze
from support.tango.servers import TangoServer

ANSWERS = 15.0  # seconds; Init waits for a change that is being made, and 0.3 for a MacroServer that hangs


@pytest.fixture
def office(config: Path, tmp_path: Path) -> Iterator[Simulator]:
    with simulated_office(config, tmp_path, timeout=60) as simulator:
        yield simulator


def write(proposal: str) -> str:
    """Write a proposal, and return the reason of its refusal."""
    proxy = tango.DeviceProxy(DEVICE)
    proxy.set_timeout_millis(int(ANSWERS * 2000))
    try:
        proxy.write_attribute("Proposal", proposal)
    except tango.DevFailed as error:
        return str(error.args[0].reason)
    return ""


def initialised(device: tango.DeviceProxy) -> None:
    began = time.monotonic()
    device.Init()
    assert time.monotonic() - began < ANSWERS


def test_while_a_write_waits_for_an_office_that_hangs(pathfixer: TangoServer, office: Simulator) -> None:
    device = pathfixer.start()
    device.set_timeout_millis(int(ANSWERS * 2000))
    device.Proposal = "20260001"
    before = json.loads(device.Context)
    office.fault = Fault(kind="slow", seconds=30)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write, "20260004")
        wait_until(lambda: device.state() == tango.DevState.MOVING, "it waits", 30)
        initialised(device)
        assert writing.result() in {"PathFixer_Late", "PathFixer_NotThereYet"}
    assert json.loads(device.Context) == before
    office.fault = Fault()
    office.closing.set()
    wait_until(lambda: write("20260004") == "", "it works", 30)
    assert device.Proposal == "20260004"
    wait_until(lambda: device.state() == tango.DevState.ON, "all is well", 30)


def test_while_a_macroserver_hangs(pathfixer: TangoServer, slow_macroserver: TangoServer) -> None:
    properties: object = {"MacroServers": [slow_macroserver.device]}
    tango.Database().put_device_property(DEVICE, properties)  # type: ignore[arg-type]
    device = pathfixer.start()
    device.set_timeout_millis(int(ANSWERS * 2000))
    device.Proposal = "20260001"
    freeze(slow_macroserver.child)
    try:
        device.Sample = "wafer"
        path = device.SamplePath
        initialised(device)
        assert device.SamplePath == path
        assert device.state() == tango.DevState.ALARM
        assert f"{slow_macroserver.device}: ScanDir is not set to {path}" in device.status()
    finally:
        os.kill(slow_macroserver.child.pid, signal.SIGCONT)
    wait_until(lambda: device.state() == tango.DevState.ON, "it has taken it", 60)
    assert read_environment(slow_macroserver.device)["ScanDir"] == path


def test_while_the_data_root_is_away(pathfixer: TangoServer, root: Path) -> None:
    device = pathfixer.start()
    device.Proposal, device.Sample = "20260001", "wafer"
    path, away = device.SamplePath, root.with_name("away")
    root.rename(away)
    initialised(device)
    assert device.state() == tango.DevState.FAULT
    assert str(root) in device.status()
    assert write("20260004") == "PathFixer_NotThereYet"
    away.rename(root)
    wait_until(lambda: device.state() == tango.DevState.ON, "it has started by itself", 30)
    assert device.SamplePath == path


def test_ten_times_while_changes_are_made(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    device.set_timeout_millis(int(ANSWERS * 2000))
    device.Proposal = "20260001"
    with ThreadPoolExecutor(2) as pool:
        written = [pool.submit(write, ("20260001", "20260004")[number % 2]) for number in range(30)]
        for _ in range(10):
            initialised(device)
        reasons = {one.result() for one in written}
    assert reasons <= {"", "PathFixer_NotThereYet", "PathFixer_Late"}
    assert "" in reasons
    wait_until(lambda: device.state() == tango.DevState.ON, "all is well", 30)
    assert device.History()[-1].split(" -> ")[1].startswith(device.Proposal)
    assert f"/{device.Proposal}/" in device.SamplePath
