"""The commands of PathFixer, its audit file, and how it tells a refusal."""

import json
import os
import socket
from functools import partial
from pathlib import Path
from queue import Queue

import pytest
import tango

from scizoo.check.devices import tango_findings
from scizoo.facility.processes import wait_until
from scizoo.facility.tango import TangoDatabase
from support.sdm.offices import DEVICE, PI, entry, write_proposals
from support.tango.servers import TangoServer


def refused(device: tango.DeviceProxy, command: str, *values: str) -> tango.DevError:
    with pytest.raises(tango.DevFailed) as caught:
        device.command_inout(command, list(values))
    error: tango.DevError = caught.value.args[0]
    return error


def audited(tmp_path: Path) -> list[dict[str, object]]:
    (path,) = (tmp_path / "state" / "scizoo").glob("pathfixer-*.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_proposal_is_set_with_its_visit_and_ended(pathfixer: TangoServer, tmp_path: Path) -> None:
    device = pathfixer.start()
    device.SetProposal(["20260001"])
    assert (device.Proposal, device.Visit) == ("20260001", "2020010108")
    device.SetProposal([" 20260004 ", "2021010108"])
    assert (device.Proposal, device.Visit) == ("20260004", "2021010108")
    assert refused(device, "SetProposal", "20260004", "2029010108").reason == "PathFixer_InvalidVisit"
    assert refused(device, "SetProposal").reason == "PathFixer_WrongArgument"
    assert refused(device, "SetProposal", "1", "2", "3").reason == "PathFixer_WrongArgument"
    assert refused(device, "SetProposal", "", "2026030108").reason == "PathFixer_WrongArgument"
    device.EndProposal()
    assert (device.Proposal, device.SamplePath, device.state()) == ("", "", tango.DevState.STANDBY)
    lines = audited(tmp_path)
    assert [bool(line["to"]) for line in lines] == [True, True, False]
    assert lines[0]["who"] == {
        "host": socket.gethostname(),
        "process": os.getpid(),
        "uid": os.getuid(),
        "account": "root" if os.getuid() == 0 else lines[0]["who"]["account"],  # type: ignore[index]
    }
    assert "20260004/2021010108 -> none" in device.History()[-1]


def test_what_is_active_stands_in_attributes_with_events(pathfixer: TangoServer, tmp_path: Path) -> None:
    person = {**PI, "firstname": "Łukasz", "lastname": "Müller"}
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", title="Über β", pi=person))
    device = pathfixer.start()
    heard: Queue[tuple[str, object]] = Queue()
    expected = {
        "Category": "visitors",
        "Title": "Über \\u03b2",
        "PrincipalInvestigator": "\\u0141ukasz Müller",
        "Group": "20260001-group",
        "ValidUntil": "2099-12-31T08:00:00+00:00",
        "ProposalValid": True,
    }
    for name in expected:
        take = partial(lambda name, event: heard.put((name, event.attr_value.value)), name)
        device.subscribe_event(name, tango.EventType.CHANGE_EVENT, take)
        assert heard.get(timeout=30)[1] in ("", False)
    device.Proposal = "20260001"
    assert dict(heard.get(timeout=30) for _ in expected) == expected
    assert {name: getattr(device, name) for name in expected} == expected


def test_a_refusal_is_kept_with_who_asked_and_its_text_is_whole(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    assert device.LastError == ""
    error = refused(device, "Force", "Sample", "grün/ä:é")
    assert error.reason == "PathFixer_NameRefused"
    assert "grün/ä:é" in error.desc
    assert "Sample 'grün/ä:é': " in device.LastError
    assert f"process {os.getpid()} on " in device.LastError


def test_refresh_takes_what_the_office_has_changed(pathfixer: TangoServer, tmp_path: Path) -> None:
    properties: object = {"CheckPeriod": ["3600"]}
    tango.Database().put_device_property(DEVICE, properties)  # type: ignore[arg-type]
    device = pathfixer.start()
    wait_until(lambda: device.AvailableProposals, "the schedule is known", 30)
    assert device.AvailableProposals == ("20260001", "20260002", "20260003", "20260004")
    device.Proposal, device.Sample = "20260001", "wafer"
    write_proposals(tmp_path / "proposals.yaml", entry("20260001", title="New", prop_type="Industry"))
    device.Refresh()
    assert (device.Category, device.Title) == ("proprietary", "New")
    assert device.SamplePath.endswith("/proprietary/demo/20260001/2020010108/raw/wafer")
    assert device.AvailableProposals == ("20260001",)
    assert (audited(tmp_path)[-1]["forced"], audited(tmp_path)[-1]["who"]) == (
        True,
        {"host": None, "process": None, "uid": None, "account": None},
    )


def test_a_change_is_a_line_in_the_log_and_so_are_a_trouble_and_its_end(
    pathfixer: TangoServer, database: TangoDatabase, tmp_path: Path
) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    for number in range(3):
        device.Sample = f"s{number}"
    refused(device, "SetProposal", "20299999")
    whole = (tmp_path / "proposals.yaml").read_text()
    (tmp_path / "proposals.yaml").write_text("proposals: [")
    wait_until(lambda: device.state() == tango.DevState.ALARM, "the alarm", 30)
    found = [one for one in tango_findings(database.host) if one.part == f"PathFixer {DEVICE}"]
    assert [(one.verdict, "user office" in one.text) for one in found] == [("FAIL", True)]
    (tmp_path / "proposals.yaml").write_text(whole)
    wait_until(lambda: device.state() == tango.DevState.ON, "its end", 30)
    pathfixer.child.stop()
    log = [line for line in (tmp_path / "pathfixer.log").read_text().splitlines() if "Ready" not in line]
    told = [line.split(" ", 3)[2:] for line in log if line[:2] == "20"]
    changes = [text for level, text in told if level == "INFO" and "written by" in text]
    assert len(changes) == 4
    assert [one for one in changes if "UTC" in one] == []  # the line has its time already
    assert [text for level, text in told if level == "WARNING" and "20299999" in text] == [
        text for level, text in told if "refused" in text
    ]
    over = [text for level, text in told if level == "INFO" and text.startswith("over: user office")]
    assert len(over) == 1
