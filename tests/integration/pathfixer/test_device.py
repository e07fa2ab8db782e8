"""PathFixer as a real server against a real Tango database, as its clients use it."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import tango
from tango.test_context import DeviceTestContext

from pathfixer import PathFixer
from scizoo.facility.processes import wait_until
from scizoo.facility.tango import TangoDatabase
from support.sdm.offices import DEVICE, PI, entry, write_proposals
from support.tango import listener
from support.tango.jive import undescribed
from support.tango.servers import TangoServer

FOLDERS = {"raw", "process", "macros", "logs", "notebooks", "photos"}


def context(device: tango.DeviceProxy) -> dict[str, str | None]:
    loaded: dict[str, str | None] = json.loads(device.Context)
    return loaded


def contexts(seen: tango.DeviceProxy) -> list[dict[str, str | None]]:
    """Return what a listener has seen of `Context`."""
    return [json.loads(line.partition(" ")[2]) for line in seen.Seen or () if line.startswith("context ")]


def remembered(device: tango.DeviceProxy) -> None:
    """Wait: on a busy host the Tango database takes longer than a client waits, which is an ALARM."""
    wait_until(lambda: device.state() == tango.DevState.ON, "it is remembered", 30)


def test_nothing_is_active_at_first(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    assert device.state() == tango.DevState.STANDBY
    assert [device.Proposal, device.Visit, device.Sample, device.Path, device.SamplePath] == [""] * 5
    assert context(device) == {
        **dict.fromkeys(("proposal", "visit", "category", "sample", "path", "samplePath")),
        **dict.fromkeys(("title", "pi", "group", "validUntil", "valid", "changed")),
        "beamline": "demo",
    }


def test_a_proposal_gets_its_visit_and_directories(pathfixer: TangoServer, root: Path) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    visit = root / "visitors" / "demo" / "20260001" / "2020010108"
    assert (device.Visit, device.Path) == ("2020010108", str(visit / "raw"))
    assert {path.name for path in visit.iterdir()} == FOLDERS
    assert stat.S_IMODE((visit / "raw").stat().st_mode) == 0o2750
    assert stat.S_IMODE((visit / "process").stat().st_mode) == 0o2770
    assert device.state() == tango.DevState.ON
    assert context(device)["title"] == "Title of 20260001"
    assert context(device)["pi"] == "Astrid Lindqvist"


def test_the_sample_directory_is_there_when_the_attribute_changes(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    seen: list[tuple[str, bool]] = []

    def came(event: Any) -> None:
        seen.append((event.attr_value.value, Path(event.attr_value.value).is_dir()))

    device.subscribe_event("SamplePath", tango.EventType.CHANGE_EVENT, came)
    device.Sample = "wafer-7/spot 2"
    wait_until(lambda: len(seen) > 1, "the event came", 30)
    assert seen[-1] == (f"{device.Path}/wafer-7/spot 2", True)
    assert device.Path.split("/raw")[0] + "/raw/" == f"{device.Path}/"  # as a client takes it apart


@pytest.mark.parametrize(
    ("write", "reason", "words"),
    [
        (("Proposal", "20299999"), "UnknownProposal", "'20299999' is not known to the user office"),
        (("Proposal", "20190001"), "InvalidProposal", "no beamtime at demo"),
        (("Proposal", "../../etc"), "NameRefused", "'../../etc' is no proposal id"),
        (("Visit", "2026130108"), "NameRefused", "'2026130108' is no date"),
        (("Visit", "2026030108"), "InvalidVisit", "is none of proposal 20260001 at demo"),
        (("Sample", "../../20260003"), "NameRefused", "cannot be a folder"),
        (("Sample", "/etc"), "NameRefused", "cannot be a folder"),
    ],
)
def test_what_is_refused_changes_nothing(
    pathfixer: TangoServer, root: Path, write: tuple[str, str], reason: str, words: str
) -> None:
    device = pathfixer.start()
    device.Proposal, device.Sample = "20260001", "wafer"
    before, tree = device.Context, sorted(root.rglob("*"))
    with pytest.raises(tango.DevFailed) as caught:
        device.write_attribute(*write)
    assert caught.value.args[0].reason == f"PathFixer_{reason}"
    assert caught.value.args[0].desc.startswith("demo/ctl/sdm-01: ")
    assert words in caught.value.args[0].desc
    assert (device.Context, sorted(root.rglob("*"))) == (before, tree)


def test_what_was_active_survives_kill_9(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    device.Proposal = "20260004"
    device.Visit = "2020010108"
    device.Sample = "wafer"
    before = device.Context
    remembered(device)
    pathfixer.child.kill()
    assert pathfixer.start().Context == before


def test_titles_and_names_of_all_alphabets_are_published_and_survive(
    pathfixer: TangoServer, tmp_path: Path
) -> None:
    person = {**PI, "firstname": "Łukasz", "lastname": "Żółć"}
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", title="β-Ga₂O₃ 測試", pi=person))
    device = pathfixer.start()
    device.Proposal = "20260001"
    assert (context(device)["title"], context(device)["pi"]) == ("β-Ga₂O₃ 測試", "Łukasz Żółć")
    before = device.Context
    remembered(device)
    pathfixer.child.kill()
    assert pathfixer.start().Context == before


def test_the_server_ends_with_0_on_sigterm(pathfixer: TangoServer) -> None:
    pathfixer.start().Proposal = "20260001"
    pathfixer.child.stop()
    assert pathfixer.child.returncode == 0


def test_jive_shows_what_everything_is(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    assert undescribed(device) == []
    assert "SciZoo" in device.info().version_info


def test_a_second_device_sees_every_change_whole(
    pathfixer: TangoServer, database: TangoDatabase, tmp_path: Path
) -> None:
    watched = [f"{DEVICE}/{name}" for name in ("Context", "SamplePath", "Proposal", "State")]
    second = TangoServer(
        [sys.executable, listener.__file__, "test"],
        "test/ctl/listener",
        {"Attributes": watched},
        tango_host=database.host,
        log=tmp_path / "listener.log",
    ).register("Listener")
    device = pathfixer.start()
    seen = second.start()
    try:
        device.Proposal = "20260001"
        device.Sample = "wafer"
        wait_until(lambda: [one for one in contexts(seen) if one["sample"]], "the events", 30)
        for one in contexts(seen):
            assert one["samplePath"] == (f"{one['path']}/{one['sample']}" if one["sample"] else one["path"])
        assert [(one["proposal"], one["sample"]) for one in contexts(seen)[-2:]] == [
            ("20260001", None),
            ("20260001", "wafer"),
        ]
        wait_until(lambda: any(line == "state ON" for line in seen.Seen), "the state", 30)
    finally:
        second.child.stop()


def test_it_serves_without_a_tango_database(root: Path, config: Path) -> None:
    properties = {"Beamline": "Demo", "Root": str(root), "ProposalsConfig": str(config)}
    with DeviceTestContext(PathFixer, properties=properties, process=True) as device:
        device.Proposal, device.Sample = "20260002", "wafer"
        before = device.Context
        assert f"{root}/staff/demo/20260002/" in device.SamplePath
        device.Init()
        assert device.Context == before
