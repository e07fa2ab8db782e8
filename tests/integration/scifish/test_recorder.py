"""The recorder in real scans of a real MacroServer."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tango

from scizoo.errors import SardanaError
from scizoo.facility.door import Door, read_environment, set_environment
from scizoo.facility.processes import wait_until
from support.scifish.sardana_lab import Lab, lab


@pytest.fixture(scope="module")
def running(tango_host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("recorder")
    (folder / "scans").mkdir()
    stored = {"ScanDir": str(folder / "scans"), "ScanFile": "scans.h5"}
    with lab(folder, tango_host, instance="recorder", environment=stored) as one:
        yield one


@pytest.fixture
def door(running: Lab) -> Iterator[Door]:
    with running.sardana.door() as opened:
        yield opened


def scan_id(running: Lab) -> int:
    number: int = read_environment(running.sardana.settings.macroserver)["ScanID"]
    return number


def test_a_scan_is_recorded_whole(running: Lab, door: Door) -> None:
    door.run("ascan", "mot01", "0", "4", "4", "0.01")
    state = running.ended(scan_id(running))
    around, dataset = state["environment"], state["dataset"]
    assert around["title"] == "ascan mot01 0.0 4.0 4 0.01"
    assert (around["macro"], around["door"], around["measurementGroup"]) == (
        "ascan",
        "door/recorder/1",
        "mntgrp01",
    )
    assert around["motors"] == [{"name": "mot01", "start": 0.0, "stop": 4.0}]
    assert (around["pointsAsked"], around["pointsMade"], around["exitStatus"]) == (5, 5, "normal")
    assert around["detectors"] == around["counters"] == ["ct01", "ct02", "ct03", "ct04"]
    assert around["startTime"].endswith("Z")
    assert around["startTime"] <= dataset["startTime"] <= around["endTime"]
    assert around["acquisitionTime"] == pytest.approx(0.05)
    assert dataset["datasetName"] == f"scan {around['scanID']}: ascan mot01 0.0 4.0 4 0.01"
    assert dataset["sourceFolder"] == str(running.folder / "scans")
    assert state["producer"]["orchestrator"] == "Sardana"


def test_the_scan_file_joins_the_dataset(running: Lab, door: Door) -> None:
    door.run("ascan", "mot01", "0", "1", "1", "0.01")
    number = scan_id(running)

    def arrived() -> bool:
        return bool(running.ended(number)["dataset"]["files"])

    wait_until(arrived, "the scan file is in the dataset", 30)
    (file,) = running.ended(number)["dataset"]["files"]
    path = running.folder / "scans" / "scans.h5"
    assert file["path"] in (str(path), "scans.h5")
    assert 0 < file["size"] <= path.stat().st_size


def test_a_mesh_has_both_motors(running: Lab, door: Door) -> None:
    door.run("mesh", "mot01", "0", "2", "2", "mot02", "0", "1", "1", "0.01")
    around = running.ended(scan_id(running))["environment"]
    assert around["motors"] == [
        {"name": "mot01", "start": 0.0, "stop": 2.0},
        {"name": "mot02", "start": 0.0, "stop": 1.0},
    ]
    assert around["pointsAsked"] == around["pointsMade"] == 6


def test_an_aborted_scan_says_so(running: Lab, door: Door) -> None:
    door.start("ascan", "mot01", "0", "500", "500", "0.05")
    door.abort_in_exposure("   2  ", "mntgrp01")
    door.wait(20)
    around = running.ended(scan_id(running))["environment"]
    assert around["exitStatus"] == "aborted"
    assert 3 <= around["pointsMade"] < around["pointsAsked"] == 501


def test_a_stopped_scan_says_so(running: Lab, door: Door) -> None:
    door.start("ascan", "mot01", "0", "500", "500", "0.05")
    door.wait_for_output("   2  ")
    tango.DeviceProxy(door.name).StopMacro()
    door.wait(20)
    assert running.ended(scan_id(running))["environment"]["exitStatus"] == "stopped"


def new_entries(running: Lab, known: set[str], number: int) -> list[dict[str, Any]]:
    """Wait for so many new entries that have ended, and return their environments, by number."""

    def look() -> list[dict[str, Any]]:
        found = [one for one in running.entries() if one["pid"] not in known and one["dataset"]["endTime"]]
        return [one["environment"] for one in found] if len(found) == number else []

    return wait_until(look, f"{number} new scans are in the outbox", 20)


def test_two_doors_at_once_are_two_entries(running: Lab, door: Door) -> None:
    """They share one measurement group, so that one scan fails: each entry is its own all the same."""
    server, scans = running.sardana.settings.macroserver, str(running.folder / "scans")
    set_environment(server, {"ScanDir": ""})  # one HDF5 file cannot take two scans at once
    known = {one["pid"] for one in running.entries()}
    with running.sardana.door(1) as other:
        door.start("ascan", "mot01", "0", "20", "20", "0.02")
        door.wait_for_output("   2  ")
        other.start("timescan", "5", "0.01")
        for one in (other, door):
            with contextlib.suppress(SardanaError):
                one.wait()
    first, second = new_entries(running, known, 2)
    assert (first["macro"], first["door"]) == ("ascan", "door/recorder/1")
    assert (second["macro"], second["door"]) == ("timescan", "door/recorder/2")
    assert first["startTime"] < second["startTime"] < first["endTime"]
    set_environment(server, {"ScanDir": scans})


def test_scans_within_a_scan_are_entries_of_their_own(running: Lab, door: Door) -> None:
    server, scans = running.sardana.settings.macroserver, str(running.folder / "scans")
    set_environment(server, {"ScanDir": ""})
    known = {one["pid"] for one in running.entries()}
    door.run("nested")
    outer, inner = new_entries(running, known, 2)
    assert (outer["motors"][0]["name"], outer["pointsMade"], outer["exitStatus"]) == ("mot01", 2, "normal")
    assert (inner["motors"][0]["name"], inner["pointsMade"], inner["exitStatus"]) == ("mot02", 3, "normal")
    assert outer["startTime"] < inner["startTime"] < inner["endTime"] < outer["endTime"]
    set_environment(server, {"ScanDir": scans})


def test_the_pre_scan_snapshot_of_sardana_is_merged(running: Lab, door: Door) -> None:
    motor = tango.AttributeProxy("mot02/position").get_device_proxy().name()
    server = running.sardana.settings.macroserver
    set_environment(server, {"PreScanSnapshot": [(f"{motor}/velocity", "speed of mot02")]})
    door.run("ascan", "mot01", "0", "1", "1", "0.01")
    metadata = running.ended(scan_id(running))["dataset"]["scientificMetadata"]
    assert metadata["preScanSnapShot"]["speed of mot02"]["value"] == tango.DeviceProxy(motor).velocity
    set_environment(server, {"PreScanSnapshot": []})


def test_a_scan_that_is_not_stored_is_recorded(running: Lab, door: Door) -> None:
    server = running.sardana.settings.macroserver
    set_environment(server, {"ScanDir": ""})
    door.run("ascan", "mot01", "0", "1", "1", "0.01")
    assert running.ended(scan_id(running))["dataset"]["sourceFolder"] is None
    set_environment(server, {"ScanDir": str(running.folder / "scans")})


def test_a_scan_that_another_recorder_stopped_ends_with_the_next_scan(running: Lab, door: Door) -> None:
    """Sardana tells recorders of no end when one of them fails at the begin."""
    server, scans = running.sardana.settings.macroserver, str(running.folder / "scans")
    known = {one["pid"] for one in running.entries()}
    set_environment(server, {"ScanDir": str(running.folder / "nowhere")})
    with pytest.raises(SardanaError, match="nowhere"):
        door.run("ascan", "mot01", "0", "1", "1", "0.01")
    set_environment(server, {"ScanDir": ""})
    door.run("nested")
    failed, outer, inner = new_entries(running, known, 3)
    assert (failed["exitStatus"], failed["pointsMade"]) == ("exception", 0)
    assert (outer["exitStatus"], inner["exitStatus"]) == ("normal", "normal")
    set_environment(server, {"ScanDir": scans})


def test_the_macros_show_the_chain_and_the_last_scan(running: Lab, door: Door) -> None:
    status = door.run("scicat_status")
    assert "recorder: SciCatRecorder is on" in status
    assert "PathFixer: no device of class PathFixer is in the Tango database" in status
    assert str(running.outbox) in status
    door.run("ascan", "mot01", "0", "1", "1", "0.01")
    last = door.run("scicat_last")
    assert f"scan {scan_id(running)}: ascan mot01 0.0 1.0 1 0.01 (normal), pid " in last
    assert "missed: 0 items" in last
    assert "catalogue: not there yet: " in last
    with running.sardana.door(1) as other:
        assert "SciCat: no device of class SciDog is in the Tango database" in other.run(
            "scicat_configurations"
        )
        with pytest.raises(
            SardanaError, match="SciCat: no device of class PathFixer is in the Tango database"
        ):
            other.run("scicat_sample", "sample1")


def test_the_recorder_is_a_file_of_its_own(running: Lab) -> None:
    log = Path(running.sardana.macroserver.log).read_text(encoding="utf-8")
    assert "Traceback" not in log
