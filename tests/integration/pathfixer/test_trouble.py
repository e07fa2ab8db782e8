"""PathFixer when something is wrong: properties, the office, the beamtime, the directories, the database."""

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tango

from scizoo.facility.processes import wait_until
from scizoo.facility.tango import TangoDatabase
from sdm.testing.fault import Fault
from sdm.testing.simulator import Simulator
from support.pathfixer.office import simulated_office
from support.sdm.offices import BEAMLINE, DEVICE, entry, write_proposals
from support.tango.beamline import freeze
from support.tango.servers import TangoServer


@pytest.fixture
def office(config: Path, tmp_path: Path) -> Iterator[Simulator]:
    with simulated_office(config, tmp_path) as simulator:
        yield simulator


def set_properties(**properties: str) -> None:
    tango.Database().put_device_property(DEVICE, {name: [value] for name, value in properties.items()})


def refused(device: tango.DeviceProxy, attribute: str, value: str) -> tango.DevError:
    with pytest.raises(tango.DevFailed) as caught:
        device.write_attribute(attribute, value)
    error: tango.DevError = caught.value.args[0]
    return error


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"Beamline": ""}, "the property Beamline is empty; set it to the beamline's name"),
        ({"Beamline": "b 303"}, "the property Beamline is wrong"),
        ({"ProposalsConfig": ""}, "the property ProposalsConfig is empty"),
        ({"DirectoryMode": "rwx"}, "Root, DirectoryMode: mode"),
        ({"VisitMargin": "-1"}, "VisitMargin -1.0 is negative"),
        ({"AnswerTime": "0"}, "the property AnswerTime is 0.0; write seconds above 0"),
        ({"CheckPeriod": "soon"}, "CheckPeriod"),
    ],
)
def test_a_wrong_property_is_a_fault_that_init_mends(
    pathfixer: TangoServer, properties: dict[str, str], words: str
) -> None:
    database = tango.Database()
    (name,) = properties
    before = database.get_device_property(DEVICE, [name])[name]
    set_properties(**properties)
    device = pathfixer.start()
    assert device.state() == tango.DevState.FAULT
    assert words in device.status()
    assert device.status().endswith("then call Init")
    assert device.Path == ""
    assert set(json.loads(device.Context).values()) <= {None, "demo", "b 303"}
    assert words in refused(device, "Proposal", "20260001").desc
    database.delete_device_property(DEVICE, [name])
    if before:
        database.put_device_property(DEVICE, {name: list(before)})
    device.Init()
    assert device.state() == tango.DevState.STANDBY
    device.Proposal = "20260001"
    assert device.Path


@pytest.mark.parametrize("late", ["data", "sdm.yaml"])
def test_what_is_mounted_late_is_waited_for(pathfixer: TangoServer, tmp_path: Path, late: str) -> None:
    away = (tmp_path / late).rename(tmp_path / "away")
    device = pathfixer.start()
    assert device.state() == tango.DevState.FAULT
    assert str(tmp_path / late) in device.status()
    assert "; it is tried again every 0.2 s; after a change of properties call Init" in device.status()
    assert refused(device, "Proposal", "20260001").reason == "PathFixer_NotThereYet"
    away.rename(tmp_path / late)
    wait_until(lambda: device.state() == tango.DevState.STANDBY, "it has started by itself", 30)
    device.Proposal = "20260001"
    wait_until(lambda: device.state() == tango.DevState.ON, "it works", 30)


def test_a_tango_database_that_is_away_at_init_is_waited_for(
    pathfixer: TangoServer, database: TangoDatabase
) -> None:
    device = pathfixer.start()
    device.set_timeout_millis(10_000)
    device.Proposal = "20260001"
    before = device.Context
    database.kill()
    try:
        device.Init()
        assert device.state() == tango.DevState.FAULT
        assert "it is tried again every 0.2 s" in device.status()
    finally:
        database.start()
    wait_until(lambda: device.state() == tango.DevState.ON, "it has started by itself", 30)
    assert device.Context == before


def test_a_slow_office_keeps_nobody_waiting(pathfixer: TangoServer, office: Simulator) -> None:
    set_properties(AnswerTime="1.5")
    device = pathfixer.start()
    device.Proposal = "20260001"
    office.fault = Fault(kind="slow", seconds=4)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(refused, tango.DeviceProxy(DEVICE), "Proposal", "20260004")
        begin = time.monotonic()
        assert device.Proposal == "20260001"
        assert time.monotonic() - begin < 3.5  # the office takes 4 s
        assert writing.result().reason == "PathFixer_Late"
    assert "is still being tried" in refused(device, "Proposal", "20260004").desc
    device.Sample = "wafer"  # needs no office
    assert device.SamplePath.endswith("/raw/wafer")
    office.fault = Fault()
    office.closing.set()  # the late answer comes
    wait_until(lambda: _written(device, "20260004"), "the proposal is activated", 30)
    assert device.Proposal == "20260004"


def _written(device: tango.DeviceProxy, proposal: str) -> bool:
    try:
        device.Proposal = proposal
    except tango.DevFailed:
        return False
    return True


def test_the_beamline_works_while_the_office_is_down(pathfixer: TangoServer, office: Simulator) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    device.Proposal = "20260003"
    office.fault = Fault(kind="500")
    device.Proposal = "20260001"
    assert device.Proposal == "20260001"
    wait_until(lambda: device.state() == tango.DevState.ALARM, "the alarm", 30)
    assert "answered 500; using an answer" in device.status()
    assert "answered 500" in refused(device, "Proposal", "20260002").desc  # never asked before
    before = device.Context
    pathfixer.child.kill()
    assert pathfixer.start().Context == before
    office.fault = Fault()
    wait_until(lambda: device.state() == tango.DevState.ON, "the alarm's end", 30)


def test_a_beamtime_that_was_taken_away_is_an_alarm_and_moves_nothing(
    pathfixer: TangoServer, tmp_path: Path
) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    before = device.Context
    later = [{"begin": "2098-05-06 08:00:00", "end": "2098-05-10 08:00:00"}]
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=later))
    wait_until(lambda: "has no beamtime at demo" in device.status(), "the alarm", 30)
    assert (device.state(), device.ProposalValid) == (tango.DevState.ALARM, False)
    assert device.SamplePath == json.loads(before)["samplePath"]
    write_proposals(tmp_path / "proposals.yaml")
    wait_until(lambda: "not known to the user office any more" in device.status(), "withdrawn", 30)
    assert device.SamplePath == json.loads(before)["samplePath"]


def test_a_beamtime_ends_by_itself_and_the_staff_proposal_follows(
    pathfixer: TangoServer, tmp_path: Path
) -> None:
    set_properties(StaffProposal="20260002")
    device = pathfixer.start()
    device.Proposal = "20260001"
    ended = [{"begin": "2019-05-06 08:00:00", "end": "2019-05-10 08:00:00"}]
    staff = entry("20260002", category="staff", visits=[])
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", visits=ended), staff)
    wait_until(lambda: device.Proposal == "20260002", "the staff proposal is active", 30)
    assert device.Category == "staff"
    assert "its beamtime ended" in device.History()[-1]


def test_a_directory_that_was_removed_comes_back(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    device.Proposal, device.Sample = "20260001", "wafer"
    Path(device.SamplePath).rmdir()
    wait_until(Path(device.SamplePath).is_dir, "the directory is there again", 30)


def test_directories_that_cannot_be_made_change_nothing(pathfixer: TangoServer, root: Path) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    before = device.Context
    (root / "proprietary").write_text("in the way", encoding="utf-8")
    error = refused(device, "Proposal", "20260003")
    assert error.reason == "PathFixer_StorageError"
    assert f"{root}/proprietary" in error.desc
    (Path(device.Path) / "wafer").write_text("a file", encoding="utf-8")
    assert "is there but is no directory" in refused(device, "Sample", "wafer").desc
    assert device.Context == before
    assert device.state() == tango.DevState.ON


def test_without_a_proposal_there_is_no_sample(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    device.Sample = ""
    assert refused(device, "Sample", "wafer").reason == "PathFixer_NothingActive"
    assert refused(device, "Visit", "2020010108").reason == "PathFixer_NothingActive"


def test_nothing_is_active_after_an_empty_proposal(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    device.Proposal, device.Sample = "20260001", "wafer"
    device.Proposal = ""
    assert [device.Path, device.SamplePath, device.Sample, device.Visit] == [""] * 4
    assert json.loads(device.Context)["beamline"] == BEAMLINE
    pathfixer.child.kill()
    assert pathfixer.start().Path == ""


def test_the_server_ends_while_the_office_hangs(pathfixer: TangoServer, office: Simulator) -> None:
    set_properties(AnswerTime="0.1")
    device = pathfixer.start()
    office.fault = Fault(kind="slow", seconds=30)
    refused(device, "Proposal", "20260001")
    pathfixer.child.stop()
    assert pathfixer.child.returncode == 0


def test_a_tango_database_that_is_away_is_told_and_made_up_for(
    pathfixer: TangoServer, database: TangoDatabase
) -> None:
    device = pathfixer.start()
    device.set_timeout_millis(10_000)
    database.kill()
    try:
        device.Proposal = "20260001"
        before = device.Context
        assert device.state() == tango.DevState.ALARM
        assert "not remembered over a restart" in device.status()
    finally:
        database.start()
    device.Init()
    assert device.state() != tango.DevState.FAULT, device.status()
    assert device.Context == before  # not what the database still has
    wait_until(lambda: device.state() == tango.DevState.ON, "the alarm's end", 30)
    pathfixer.child.kill()
    assert pathfixer.start().Context == before


def test_a_frozen_tango_database_holds_up_no_client(pathfixer: TangoServer, database: TangoDatabase) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    before = device.SamplePath
    freeze(database.child)
    try:
        for sample in ("wafer", "other"):
            begin = time.monotonic()
            device.Sample = sample
            assert device.SamplePath == f"{before}/{sample}"
            assert time.monotonic() - begin < 2.9  # Tango itself waits for 3 s
        assert "the Tango database is too slow" in device.status()
    finally:
        os.kill(database.child.pid, signal.SIGCONT)
    wait_until(lambda: device.state() == tango.DevState.ON, "the alarm's end", 30)
    pathfixer.child.kill()
    assert pathfixer.start().SamplePath == f"{before}/other"


def test_that_nothing_is_active_is_remembered_later_too(
    pathfixer: TangoServer, database: TangoDatabase
) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    database.kill()
    try:
        device.Proposal = ""
    finally:
        database.start()
    wait_until(lambda: device.state() == tango.DevState.STANDBY, "the alarm's end", 30)
    pathfixer.child.kill()
    assert pathfixer.start().Proposal == ""
