"""Sardana's ScanDir is right when a write of PathFixer returns: a real MacroServer, its macros and scans."""

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import tango

from scizoo.facility.door import Door, read_environment
from scizoo.facility.processes import Child, wait_until
from scizoo.facility.sardana import Sardana
from scizoo.facility.tango import TangoDatabase, server_environment
from support.scifish.switches import SCAN, scans_in, switching
from support.sdm.offices import DEVICE
from support.tango.beamline import freeze
from support.tango.servers import TangoServer, console
from tangobase.server import ENDS_WITHIN

SWITCHES = 15  # by macro and again by attribute; bench/bench_switches.py has the thousands
ANSWER_TIME = 2.0  # seconds, PathFixer's default; 0.5 more is what remembering may take


@pytest.fixture(scope="module")
def lab(database: TangoDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sardana]:
    """A Pool and a MacroServer."""
    with switching(tmp_path_factory.mktemp("sardana"), database.host, DEVICE) as running:
        yield running


@pytest.fixture
def door(lab: Sardana) -> Iterator[Door]:
    with lab.door() as opened:
        yield opened


@pytest.fixture
def device(pathfixer: TangoServer, lab: Sardana) -> tango.DeviceProxy:
    """PathFixer, which follows the MacroServer, with a proposal."""
    properties: object = {"MacroServers": [lab.settings.macroserver]}
    tango.Database().put_device_property(DEVICE, properties)  # type: ignore[arg-type]
    proxy = pathfixer.start()
    proxy.Proposal = "20260001"
    return proxy


def scan_dir(lab: Sardana) -> object:
    return read_environment(lab.settings.macroserver).get("ScanDir")


def follows(macroserver: TangoServer, path: str) -> bool:
    return bool(read_environment(macroserver.device)["ScanDir"] == path)


def test_a_scan_right_after_a_change_by_macro_is_in_the_new_folder(
    device: tango.DeviceProxy, door: Door
) -> None:
    door.run("switch_and_scan", "0", str(SWITCHES), timeout=120)
    raw = Path(str(device.Path))
    assert {name: scans_in(raw / name) for name in (f"macro{n}" for n in range(SWITCHES))} == {
        f"macro{n}": 1 for n in range(SWITCHES)
    }
    assert (device.state(), scans_in(raw)) == (tango.DevState.ON, 0)


def test_a_scan_right_after_a_change_by_attribute_is_in_the_new_folder(
    device: tango.DeviceProxy, door: Door
) -> None:
    found = {}
    for number in range(SWITCHES):
        if number % 5 == 4:
            device.Proposal = "20260002" if number % 2 else "20260001"
        device.Sample = f"written{number}"
        folder = Path(str(device.SamplePath))
        door.run(*SCAN)
        found[folder] = scans_in(folder)
    assert (len(found), set(found.values())) == (SWITCHES, {1})


def test_scandir_is_right_whatever_attribute_was_written(device: tango.DeviceProxy, lab: Sardana) -> None:
    for attribute, value in (("Sample", "a/b"), ("Visit", "2020010108"), ("Proposal", "20260002")):
        device.write_attribute(attribute, value)
        assert (attribute, scan_dir(lab)) == (attribute, device.SamplePath)
    last = device.SamplePath
    device.Proposal = ""
    assert scan_dir(lab) == last  # without a proposal Sardana's folder stays


def test_nobody_hears_of_a_path_before_scandir_is_set(
    pathfixer: TangoServer, slow_macroserver: TangoServer
) -> None:
    properties: object = {"MacroServers": [slow_macroserver.device]}
    tango.Database().put_device_property(DEVICE, properties)  # type: ignore[arg-type]
    device = pathfixer.start()
    heard: list[tuple[str, float]] = []
    device.subscribe_event(
        "SamplePath",
        tango.EventType.CHANGE_EVENT,
        lambda event: heard.append((event.attr_value.value, time.monotonic())),
    )
    device.Proposal = "20260001"
    assert read_environment(slow_macroserver.device)["ScanDir"] == device.SamplePath
    path = device.SamplePath
    wait_until(lambda: heard and heard[-1][0] == path, "the event came", 30)
    assert heard[-1][1] > slow_macroserver.proxy.WrittenAt


def test_the_deprecated_command_still_follows_and_says_what_to_do(
    pathfixer: TangoServer, slow_macroserver: TangoServer, tmp_path: Path, database: TangoDatabase
) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    command: list[str | Path] = [console("scizoo"), "scandir", DEVICE, slow_macroserver.device]
    env = server_environment(database.host)
    with Child("scizoo", command, log=tmp_path / "scandir.log", env=env) as follower:
        for sample in ("one", "two"):
            device.Sample = sample
            path = device.SamplePath
            wait_until(partial(follows, slow_macroserver, path), "ScanDir follows", 30)
        assert "deprecated. Write MACROSERVER into PathFixer's property MacroServers" in follower.tail()


def test_a_macro_is_not_kept_waiting_by_its_own_macroserver(device: tango.DeviceProxy, door: Door) -> None:
    took = []
    for number in range(5):
        began = time.monotonic()
        assert f"sample: quick{number}" in door.run("scicat_sample", f"quick{number}")
        took.append(time.monotonic() - began)
    assert min(took) < ANSWER_TIME  # else each takes that long


def test_another_proposal_is_refused_while_a_macro_runs_except_by_that_macro(
    device: tango.DeviceProxy, lab: Sardana, door: Door
) -> None:
    door.start("ascan", "mot01", "0", "1", "1", "30")
    wait_until(lambda: tango.DeviceProxy(door.name).state() == tango.DevState.RUNNING, "it runs", 30)
    before = device.Context
    with pytest.raises(tango.DevFailed) as caught:
        device.Proposal = "20260002"
    assert caught.value.args[0].reason == "PathFixer_InUse"
    assert f"a macro runs at {door.name}" in caught.value.args[0].desc.lower()
    assert device.Context == before
    device.Sample = "meanwhile"
    device.Force(["Proposal", "20260002"])
    assert (device.Proposal, scan_dir(lab)) == ("20260002", device.SamplePath)
    assert "forced" in device.History()[-1]
    door.abort()
    wait_until(lambda: tango.DeviceProxy(door.name).state() == tango.DevState.ON, "it has ended", 60)
    assert "proposal: 20260001" in door.run("scicat_proposal", "20260001")
    assert device.Proposal == "20260001"


def test_a_macroserver_that_refuses_leaves_all_as_it_was(
    device: tango.DeviceProxy, lab: Sardana, slow_macroserver: TangoServer
) -> None:
    properties: object = {"MacroServers": [lab.settings.macroserver, slow_macroserver.device]}
    tango.Database().put_device_property(DEVICE, properties)  # type: ignore[arg-type]
    device.Init()
    device.Sample = "one"
    before = device.Context
    assert read_environment(slow_macroserver.device)["ScanDir"] == device.SamplePath
    slow_macroserver.proxy.Refuse()
    with pytest.raises(tango.DevFailed) as caught:
        device.Sample = "two"
    assert caught.value.args[0].reason == "PathFixer_ScanDirRefused"
    assert f"{slow_macroserver.device} does not take its ScanDir" in caught.value.args[0].desc
    assert (device.Context, scan_dir(lab)) == (before, device.SamplePath)


def test_a_users_own_scandir_is_told_and_stays_until_the_next_change(
    device: tango.DeviceProxy, lab: Sardana, door: Door, tmp_path: Path
) -> None:
    wait_until(lambda: device.state() == tango.DevState.ON, "all is well", 30)
    door.run("senv", "ScanDir", str(tmp_path))
    wait_until(lambda: device.state() == tango.DevState.ALARM, "it is noticed", 30)
    assert f"ScanDir is {tmp_path}, set there by somebody" in device.status()
    assert scan_dir(lab) == str(tmp_path)
    device.Sample = "next"
    assert (scan_dir(lab), device.state()) == (device.SamplePath, tango.DevState.ON)
    assert f"had {tmp_path}" in device.History()[-1]


def test_a_macroserver_that_hangs_delays_a_write_only_so_long_and_gets_the_newest_path_later(
    device: tango.DeviceProxy, lab: Sardana
) -> None:
    before = scan_dir(lab)
    freeze(lab.macroserver)
    try:
        began = time.monotonic()
        device.Sample = "first"
        assert time.monotonic() - began < ANSWER_TIME + 4  # Tango itself waits for 9 s
        assert device.Sample == "first"
        assert device.state() == tango.DevState.ALARM
        assert f"{lab.settings.macroserver}: ScanDir is not set to {device.Path}/first" in device.status()
        device.Sample = "second"
        device.Sample = "third"
    finally:
        os.kill(lab.macroserver.pid, signal.SIGCONT)
    assert before != f"{device.Path}/third"
    wait_until(lambda: device.state() == tango.DevState.ON, "the MacroServer has taken it", 30)
    assert scan_dir(lab) == f"{device.Path}/third"


def test_a_macroserver_that_is_down_is_told_and_set_when_it_comes(
    device: tango.DeviceProxy, lab: Sardana
) -> None:
    lab.macroserver.stop()
    began = time.monotonic()
    device.Sample = "meanwhile"
    assert time.monotonic() - began < ANSWER_TIME + 0.9
    assert device.state() == tango.DevState.ALARM
    assert "scans there go on in the old folder" in device.status()
    lab.start()
    wait_until(lambda: device.state() == tango.DevState.ON, "the MacroServer has taken it", 30)
    assert scan_dir(lab) == f"{device.Path}/meanwhile"


def test_pathfixer_ends_with_0_while_a_macroserver_hangs(
    device: tango.DeviceProxy, lab: Sardana, pathfixer: TangoServer
) -> None:
    freeze(lab.macroserver)
    try:
        device.Sample = "last"
        pathfixer.child.stop(ENDS_WITHIN)
    finally:
        os.kill(lab.macroserver.pid, signal.SIGCONT)
    assert pathfixer.child.returncode == 0
