"""What the macros for spock users say, with a real PathFixer and SciDog."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import tango
import yaml

from scifish.beamline.beamline_device import BeamlineDevice
from scifish.contract.configuration import Configuration, Item
from scifish.errors import SciFishError
from scifish.runtime import close_runtimes
from scifish.sardana import spock, spock_search
from scifish.sardana import spock_items as spockitems
from scifish.sardana.scan_recording import ScanRecording
from scifish.sardana.spock_search import attributes_from
from scizoo.facility.processes import wait_until
from support.tango.beamline import SimulatedServer
from support.tango.servers import TangoServer

Beamline = dict[str, SimulatedServer]


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, tango_host: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    path = tmp_path / "scifish.yaml"
    said = {"mode": "outbox", "outbox": {"path": str(tmp_path / "outbox.sqlite")}, "context_timeout": 5}
    path.write_text(yaml.safe_dump(said))
    monkeypatch.setenv("SCIFISH_CONFIG", str(path))
    yield
    close_runtimes()


class Macro:
    """What a recorder asks of a macro."""

    def getName(self) -> str:  # noqa: N802 - Sardana's name
        return "ascan"

    def getDoorName(self) -> str:  # noqa: N802 - Sardana's name
        return "door/macros/1"


def record(environ: dict[str, Any]) -> None:
    recording = ScanRecording()
    assert recording.start(environ, Macro())
    assert recording.end({**environ, "endstatus": 0})


def test_configurations_are_listed_and_activated(scidog: TangoServer, pathfixer: TangoServer) -> None:
    for name in ("alignment", "diffraction"):
        scidog.proxy.Save(Configuration(name=name).model_dump_json())
    assert spockitems.activate("alignment") == ["active: alignment, revision 1"]
    lines = spockitems.configurations()
    assert "* alignment" in lines
    assert "  diffraction" in lines


def test_configurations_and_preview_tell_what_the_rules_choose_here_and_why(
    scidog: TangoServer, pathfixer: TangoServer
) -> None:
    pathfixer.proxy.Proposal = "20260001"
    pathfixer.proxy.Sample = "Au"
    rules = [
        {"use": "gone", "macro": "gone*"},
        {"use": "maps", "macro": "*mesh", "measurement_group": "xas*"},
        {"use": "gold", "sample": "au*", "orchestrator": "sardana"},
    ]
    scidog.proxy.Save(Configuration(name="maps").model_dump_json())
    item = {"attribute": f"{scidog.device}/Revision", "unit": ""}
    scidog.proxy.Save(json.dumps({"name": "gold", "items": [item]}))
    scidog.proxy.Save(json.dumps({"name": "ruled", "rules": rules}))
    spockitems.activate("ruled")
    lines = spockitems.configurations("xas1")
    assert lines[lines.index("rules of ruled@1; the first that fits a scan chooses for it:") :] == [
        "rules of ruled@1; the first that fits a scan chooses for it:",
        "  1. macro gone* -> gone",
        "  2. measurement_group xas*, macro *mesh -> maps",
        "  3. orchestrator sardana, sample au* -> gold",
        "the next scan (measurement_group xas1, orchestrator Sardana, sample Au) records gold revision 1: "
        "rule 3 of ruled@1: orchestrator sardana, sample au*",
        "  with a macro gone*: ruled revision 1",
        "  with a macro *mesh: maps revision 1",
    ]
    said = spockitems.preview(None, "xas1")
    assert said[0].startswith("gold revision 1: 1 item, 0 problems, ")
    assert said[1] == "chosen by rule 3 of ruled@1: orchestrator sardana, sample au*"
    assert said[2].startswith("problem: rule 1: no configuration is named 'gone'")
    assert said[3].lower().startswith("  revision = 1 (")
    assert spockitems.preview("maps")[0].startswith("maps revision 1: 0 items, ")
    added = spockitems.add("mot01", None, None, None)
    assert "rules of ruled choose other configurations for some scans; see scicat_configurations" in added
    pathfixer.proxy.Sample = ""
    spockitems.activate("-")


def test_an_unknown_configuration_is_one_readable_line(scidog: TangoServer) -> None:
    with pytest.raises(SciFishError, match=r"^SciDog context/ctl/scidog: no configuration is named 'nosuch'"):
        spockitems.activate("nosuch")


def test_who_edits_at_the_same_time_loses_nothing(scidog: TangoServer) -> None:
    scidog.proxy.Save(Configuration(name="shared", items=(Item(attribute="a/b/c/d"),)).model_dump_json())
    spockitems.activate("shared")
    names = [f"mot{number:02}" for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: spockitems.add(name, None, "-", None), names))
    document = Configuration.model_validate_json(scidog.proxy.Document)
    assert sorted(one.attribute for one in document.items) == ["a/b/c/d", *names]


def test_what_is_found_can_be_typed(scidog: TangoServer, beamline: Beamline) -> None:
    device = beamline["healthy"].devices[0]
    wait_until(lambda: attributes_from(device), "SciDog knows the device", 60)
    assert spock_search.search([device, "temper"]) == [
        f"1 attribute matches '{device} temper'",
        f"  {device}/temperature [°C]",
    ]
    assert attributes_from(f"{device.upper()}/TEMP") == [f"{device}/temperature"]
    assert attributes_from("temperature") == []  # no name begins so
    many = spock_search.search(["value"])
    assert len(many) == 1 + spock_search.SHOWN + 1
    assert many[-1].endswith("more: write another word")
    assert spock_search.search(["no", "such", "thing"]) == [
        "0 attributes match 'no such thing'; write less, or another word"
    ]


def test_the_last_change_is_taken_back(scidog: TangoServer) -> None:
    scidog.proxy.Save(Configuration(name="undone").model_dump_json())
    spockitems.activate("undone")
    spockitems.add("mot01", None, None, None)
    assert spockitems.undo() == [
        "undone: revision 1 is the newest again, as revision 3 with 0 items",
        "taken back: + mot01",
    ]
    assert spockitems.undo()[1] == "taken back: - mot01"


def test_a_likely_mistake_is_told_when_the_item_is_added(
    scidog: TangoServer, beamline: Beamline, scidog_store: Path
) -> None:
    healthy, frozen = beamline["healthy"].devices[0], beamline["other"]
    items = (Item(attribute="before/no/device/x"),)
    scidog.proxy.Save(Configuration(name="advised", items=items).model_dump_json())
    spockitems.activate("advised")
    assert spockitems.add(f"{healthy}/position", None, None, None) == [
        f"added: {healthy}/position; advised is at revision 2 with 2 items"
    ]
    absent = "no/such/device/x: its device is not in the Tango database; correct the name"
    assert spockitems.add("no/such/device/x", None, None, None) == [
        "added: no/such/device/x; advised is at revision 3 with 3 items",
        f"warning: {absent}",
        "take it out with: scicat_remove no/such/device/x",
    ]
    unit, unknown, _ = spockitems.add(f"{healthy}/nothing", "n", "furlongs", None)[1:]
    assert unit.startswith("warning: SciCat does not read the unit 'furlongs'; write one such as ")
    assert unknown.startswith(f"warning: {healthy}/nothing: its device has no such attribute; ")
    with frozen.frozen():
        [silent] = spockitems.add(f"{frozen.devices[0]}/value1", None, None, None)[1:]
        assert silent.startswith(
            f"warning: likely mistakes are not known of {frozen.devices[0]}: it has not "
        )
    path = scidog_store / "edited.yaml"
    path.write_text("items: [{attribute: no/such/device/y}]\n")
    first, *warnings = spockitems.reload()
    assert first == "reloaded: advised revision 5 is active: 5 attributes are recorded"
    assert any(one.startswith("warning: edited revision 1, item 1: no/such/device/y") for one in warnings)
    assert f"warning: advised revision 5, item 3: {absent}" in warnings
    path.unlink()
    spockitems.reload()


def test_the_sample_is_shown_set_and_taken_away(pathfixer: TangoServer) -> None:
    pathfixer.proxy.Proposal = "20260001"
    sample, path = spock.sample("cell7")
    assert sample == "sample: cell7"
    assert path.endswith("/raw/cell7")
    assert Path(path.removeprefix("path: ")).is_dir()
    assert spock.sample(None)[0] == "sample: cell7"
    assert spock.sample("-")[0] == "sample: none"


def test_a_folder_of_sardana_that_is_another_is_told(pathfixer: TangoServer) -> None:
    pathfixer.proxy.Proposal = "20260001"
    [*_, path, problem] = spock.sample("cell8", lambda: "/data/before")
    assert problem.startswith("problem: ScanDir is /data/before: scans go there; write this MacroServer into")
    assert spock.proposal(None, lambda: "/data/before")[-1] == problem
    assert problem in spock.status((), "/data/before")
    right = path.removeprefix("path: ")
    for scan_dir in (right, f"{right}/below", "", None):
        assert spock.sample(None, [scan_dir].pop)[-1] == path
    pathfixer.proxy.Proposal = ""
    told = "ScanDir stays /data/before: scans go there"
    assert spock.sample(None, lambda: "/data/before") == [
        "sample: none",
        "path: none: no proposal is set",
        told,
    ]
    status = spock.status((), "/data/before")
    assert status[1:4] == ["proposal: none", "sample: none", "path: none"]
    assert told in status
    assert spock.proposal("-", lambda: "/data/before") == ["proposal: none", told]


def test_a_device_in_fault_says_why_and_not_that_nothing_is_set(
    pathfixer: TangoServer, scidog: TangoServer
) -> None:
    asked: tuple[tuple[TangoServer, str, Callable[[], list[str]]], ...] = (
        (pathfixer, "Beamline", lambda: spock.sample(None)),
        (scidog, "Store", spockitems.configurations),
    )
    for server, setting, ask in asked:
        right: Any = tango.Database().get_device_property(server.device, setting)
        tango.Database().put_device_property(server.device, {setting: [""]})
        server.proxy.Init()
        with pytest.raises(SciFishError, match=rf" is in FAULT: the property {setting} is empty; set it to "):
            ask()
        assert any(f": the property {setting} is empty; set it" in line for line in spock.status(()))
        tango.Database().put_device_property(server.device, right)
        server.proxy.Init()
        ask()


def test_a_device_may_be_named_by_its_alias_and_with_its_database(
    pathfixer: TangoServer, tango_host: str
) -> None:
    tango.Database().put_device_alias(pathfixer.device, "paths")
    for name in ("paths", f"tango://{tango_host}/{pathfixer.device}", pathfixer.device.upper()):
        device = BeamlineDevice("PathFixer", name)
        device.read("Sample")
        assert str(device).lower() == f"pathfixer {pathfixer.device}".lower()
    with pytest.raises(SciFishError, match=r"^PathFixer nosuch is not in the Tango database; register it"):
        BeamlineDevice("PathFixer", "nosuch").read("Sample")
    with pytest.raises(SciFishError, match=r"^PathFixer: Sample 'λ' has characters that Tango cannot carry"):
        BeamlineDevice("PathFixer", "paths").write("Sample", "λ")


def test_the_status_names_every_link(pathfixer: TangoServer, scidog: TangoServer, tmp_path: Path) -> None:
    pathfixer.proxy.Proposal = "20260001"
    scidog.proxy.Save(Configuration(name="alignment").model_dump_json())
    scidog.proxy.Activate("alignment")
    lines = spock.status(["SciCatRecorder", "Other"])
    assert lines[0] == "recorder: SciCatRecorder is on"
    assert any(line.startswith("proposal: 20260001, visit ") for line in lines)
    assert any(line.startswith("configuration: alignment revision ") for line in lines)
    assert f"delivery: SciCow reads the outbox {tmp_path / 'outbox.sqlite'}" in lines
    assert "outbox: 0 messages wait; 0 scans are open" in lines
    of_others = f"problem: SciDog {scidog.device.lower()}: "  # likely mistakes in what other tests have saved
    problems = [line for line in lines if line.startswith("problem")]
    assert not [line for line in problems if not line.lower().startswith(of_others.lower())]
    assert spock.status(())[0].startswith("recorder: OFF")


def test_the_last_scan_says_what_it_missed_and_why(
    pathfixer: TangoServer, scidog: TangoServer, beamline: Beamline
) -> None:
    device = beamline["healthy"].devices[0]
    items = (
        Item(attribute=f"{device}/position", group="stage", name="position"),
        Item(attribute=f"{device}/nothing", group="stage", name="nothing"),
    )
    scidog.proxy.Save(Configuration(name="missing", items=items, budget=5).model_dump_json())
    scidog.proxy.Activate("missing")
    record({"serialno": 3, "title": "ascan mot01 0 1 1 0.1", "user": "me"})
    lines = spock.last("door/macros/1")
    assert lines[0].startswith("scan 3: ascan mot01 0 1 1 0.1 (normal), pid ")
    assert lines[1].startswith("configuration: missing revision ")
    assert lines[2:5] == [
        "recorded: 1 item, 0 files",
        "missed: 1 item",
        "  stage/nothing: attribute unknown",
    ]


def test_a_door_that_has_recorded_nothing() -> None:
    assert spock.last("door/none/1") == [
        "no scan has been recorded at door/none/1 since the MacroServer was started"
    ]
