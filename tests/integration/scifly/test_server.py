"""SciFly as a process, with PathFixer, SciDog and SciFish as a beamline runs them."""

import os
import signal
from datetime import datetime, timezone
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import tango

from scizoo.facility.processes import wait_until
from support.scifly.ses import ONE, SAMPLE, region, ses
from support.tango.beamline import freeze
from support.tango.chain import OTHER, PROPOSAL, PROPRIETARY, Chain
from support.tango.jive import undescribed

SOON = 30.0


def put(beamline: Chain, name: str, content: bytes) -> str:
    path = beamline.raw() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


def wait_for_files(beamline: Chain, *names: str) -> None:
    """Return when these datasets, and no others, are recorded."""

    def recorded() -> bool:
        return sorted(one.dataset.dataset_name for one in beamline.ends().values()) == sorted(names)

    wait_until(recorded, f"{names} are recorded", SOON, child=beamline.scifly.child)


def has_recorded(beamline: Chain, datasets: int) -> bool:
    return len(beamline.ends()) >= datasets


def wait_for_status(fly: tango.DeviceProxy, state: tango.DevState, text: str) -> None:
    wait_until(lambda: fly.State() == state and text in fly.Status(), f"{state}: {text}", SOON)


def test_a_dropped_file_is_recorded_with_proposal_times_and_header(beamline: Chain) -> None:
    beamline.pathfixer.start().Proposal = PROPOSAL
    (beamline.store / "default.yaml").write_text(
        "items: [{attribute: sys/database/2/State, name: database}]\n"
    )
    beamline.scidog.start().Configuration = "default"
    fly = beamline.scifly.start()
    path = put(beamline, "Ag/Ag_0001.txt", SAMPLE.read_bytes())
    wait_for_files(beamline, "Ag_0001")
    (entry,) = beamline.ends().values()
    assert (entry.proposal.id, entry.proposal.category, entry.beamline) == (PROPOSAL, "visitors", "demo")
    assert (entry.producer.orchestrator, entry.environment.exit_status) == ("SciFly", "normal")
    assert entry.configuration.name == "default"
    assert entry.dataset.source_folder == str(beamline.raw() / "Ag")
    assert (entry.dataset.sample_id, entry.dataset.data_format) == ("Ag", "Scienta SES text")
    assert entry.dataset.start_time == datetime(2023, 3, 8, 14, 24, 35, tzinfo=timezone.utc)
    assert entry.dataset.end_time == entry.dataset.start_time
    assert [(one.path, one.size) for one in entry.dataset.files] == [(path, SAMPLE.stat().st_size)]
    metadata = entry.dataset.scientific_metadata
    assert metadata["SES"]["Region 1"]["Pass Energy"] == {"value": 50, "unit": "eV"}
    assert metadata["database"]
    wait_until(lambda: fly.FilesRecorded == 1, "FilesRecorded is 1", SOON)
    assert fly.Mode == "inotify"
    assert (fly.WatchedPath, fly.LastFile, fly.FilesPending) == (str(beamline.raw()), path, 0)
    wait_for_status(fly, tango.DevState.ON, "1 recorded since the start")


def test_file_names_of_all_alphabets_are_recorded_and_told(beamline: Chain) -> None:
    beamline.pathfixer.start().Proposal = PROPOSAL
    fly = beamline.scifly.start()
    put(beamline, "测试.txt", ONE)
    wait_until(lambda: fly.LastFile.endswith("/\\u6d4b\\u8bd5.txt"), "the file is told", SOON)
    put(beamline, os.fsdecode(b"\xff.txt"), ONE)
    wait_for_status(fly, tango.DevState.ALARM, "\\udcff.txt: its name is not UTF-8 text; rename it")
    put(beamline, "after.txt", ONE)
    wait_for_files(beamline, "测试", "after")


def test_pathfixer_may_start_later_restart_and_change(beamline: Chain) -> None:
    fly = beamline.scifly.start()
    wait_for_status(fly, tango.DevState.ALARM, "does not answer")
    beamline.pathfixer.start().Proposal = PROPOSAL
    first = str(beamline.raw())
    wait_until(lambda: fly.WatchedPath == first, "the first path is watched", SOON)
    beamline.pathfixer.child.kill()
    beamline.pathfixer.start().Proposal = OTHER
    second = str(beamline.raw())
    wait_until(lambda: fly.WatchedPath == second != first, "the second path is watched", SOON)
    put(beamline, "a.txt", ONE)
    wait_for_files(beamline, "a")
    (entry,) = beamline.ends().values()
    assert entry.proposal.id == OTHER
    beamline.pathfixer.proxy.Proposal = ""
    wait_for_status(fly, tango.DevState.STANDBY, "No proposal is set in PathFixer: nothing is watched")


def test_a_frozen_pathfixer_holds_up_nothing(beamline: Chain) -> None:
    beamline.pathfixer.start().Proposal = PROPOSAL
    fly = beamline.scifly.start()
    wait_until(lambda: fly.WatchedPath, "it watches", SOON)
    raw = beamline.raw()
    freeze(beamline.pathfixer.child)
    try:
        (raw / "a.txt").write_bytes(ONE)
        wait_for_files(beamline, "a")
    finally:
        os.kill(beamline.pathfixer.child.pid, signal.SIGCONT)
    (entry,) = beamline.ends().values()
    assert entry.proposal.id == PROPOSAL


def test_whenever_it_is_killed_each_file_is_one_dataset(beamline: Chain) -> None:
    beamline.pathfixer.start().Proposal = PROPOSAL
    names = [f"a{number}" for number in range(24)]
    for round_, some in enumerate((names[:8], names[8:16], names[16:])):
        beamline.scifly.start()
        for name in some:
            put(beamline, f"{name}.txt", ses(region(1, name=name)))
        wait_until(partial(has_recorded, beamline, 8 * round_ + 1), "it records", SOON)
        beamline.scifly.child.kill()
    beamline.scifly.start()
    wait_for_files(beamline, *names)
    assert len(beamline.ends()) == len(names)


def test_a_file_in_progress_while_it_restarts_is_recorded_when_it_is_whole(beamline: Chain) -> None:
    beamline.pathfixer.start().Proposal = PROPOSAL
    fly = beamline.scifly.start()
    put(beamline, "a.txt", ONE[:-40])
    wait_until(lambda: fly.FilesPending == 1, "it is seen", SOON)
    beamline.scifly.child.kill()
    beamline.pathfixer.proxy.Proposal = OTHER
    fly = beamline.scifly.start()
    wait_until(lambda: fly.FilesPending == 1, "it is seen again", SOON)
    folder = next(beamline.root.rglob("a.txt"))
    folder.write_bytes(ONE)
    wait_for_files(beamline, "a")
    (entry,) = beamline.ends().values()
    assert entry.proposal.id == PROPOSAL


def test_proprietary_data_are_refused_and_told(beamline: Chain) -> None:
    beamline.pathfixer.start().Proposal = PROPRIETARY
    fly = beamline.scifly.start()
    path = put(beamline, "secret.txt", ONE)
    wait_until(lambda: fly.Problems, "the refusal is told", SOON)
    assert f"{path}: was not recorded: " in fly.Problems[0]
    assert "proprietary" in fly.Problems[0]
    assert (beamline.messages(), fly.FilesRecorded) == ([], 0)
    fly.ClearProblems()
    wait_until(lambda: not fly.Problems, "it is forgotten", SOON)


def test_every_change_is_an_event(beamline: Chain) -> None:
    beamline.pathfixer.start()
    fly = beamline.scifly.start()
    seen: dict[str, list[Any]] = {}

    def came(event: Any) -> None:
        if not event.err:
            seen.setdefault(event.attr_value.name.lower(), []).append(event.attr_value.value)

    for name in ("WatchedPath", "LastFile", "FilesRecorded", "FilesPending", "Problems", "State", "Status"):
        fly.subscribe_event(name, tango.EventType.CHANGE_EVENT, came)
    beamline.pathfixer.proxy.Proposal = PROPOSAL
    wait_until(lambda: seen["watchedpath"][-1] == str(beamline.raw()), "WatchedPath comes", SOON)
    wait_until(lambda: seen["state"][-1] == tango.DevState.ON, "State comes", SOON)
    half = put(beamline, "half.txt", ONE[:100])
    wait_until(lambda: seen["filespending"][-1] == 1, "FilesPending comes", SOON)
    (beamline.raw() / "half.txt").unlink()
    wait_until(lambda: half in str(seen["problems"][-1]), "Problems comes", SOON)
    whole = put(beamline, "whole.txt", ONE)
    wait_until(lambda: seen["lastfile"][-1] == whole, "LastFile comes", SOON)
    wait_until(lambda: seen["filesrecorded"][-1] == 1, "FilesRecorded comes", SOON)
    wait_until(lambda: "1 recorded" in seen["status"][-1], "Status comes", SOON)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PathDevice", "", "the property PathDevice is empty; set it"),
        ("TimeZone", "Here", "the property TimeZone is 'Here'"),
        ("Interval", "0", "the property Interval is 0; give a number above 0"),
        ("CheckPeriod", "0", "the property CheckPeriod is 0; write seconds above 0"),
    ],
)
def test_a_wrong_property_is_a_fault_that_init_repairs(
    beamline: Chain, name: str, value: str, expected: str
) -> None:
    beamline.pathfixer.start().Proposal = PROPOSAL
    database = tango.Database()
    right = database.get_device_property(beamline.scifly.device, name)[name]
    database.put_device_property(beamline.scifly.device, {name: [value]})
    fly = beamline.scifly.start()
    assert fly.State() == tango.DevState.FAULT
    assert expected in fly.Status()
    assert fly.Status().endswith("then call Init")
    database.put_device_property(beamline.scifly.device, {name: list(right)})
    fly.Init()
    put(beamline, "a.txt", ONE)
    wait_for_files(beamline, "a")


def test_a_state_folder_that_comes_late_is_waited_for(beamline: Chain, tmp_path: Path) -> None:
    beamline.pathfixer.start().Proposal = PROPOSAL
    late = tmp_path / "late"
    late.touch()  # no folder can be made there yet
    properties = {"StateFolder": [str(late / "state")], "CheckPeriod": ["0.2"]}
    tango.Database().put_device_property(beamline.scifly.device, properties)
    fly = beamline.scifly.start()
    assert fly.State() == tango.DevState.FAULT
    assert "check the folder, its rights and its disk; it is tried again every 0.2 s" in fly.Status()
    late.unlink()
    put(beamline, "a.txt", ONE)
    wait_for_files(beamline, "a")


def test_init_while_it_watches_goes_on(beamline: Chain) -> None:
    beamline.pathfixer.start().Proposal = PROPOSAL
    fly = beamline.scifly.start()
    for number in range(3):
        put(beamline, f"a{number}.txt", ONE)
        fly.Init()
    wait_for_files(beamline, "a0", "a1", "a2")


def test_sigterm_ends_the_server_with_0(beamline: Chain) -> None:
    beamline.pathfixer.start().Proposal = PROPOSAL
    fly = beamline.scifly.start()
    wait_until(lambda: fly.WatchedPath, "it watches", SOON)
    beamline.scifly.child.stop(grace=30)
    assert beamline.scifly.child.returncode == 0


def test_all_is_described_for_jive(beamline: Chain) -> None:
    assert undescribed(beamline.scifly.start()) == []
