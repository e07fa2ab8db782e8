"""All macros in a live chain, through Door and spock: before any scan, and after each way that one ends."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tango

from scifish.contract.configuration import Configuration, Item
from scifish.tango_client.text import ascii_json
from scizoo.errors import SardanaError
from scizoo.facility.door import Door
from scizoo.facility.processes import quiet, wait_until
from support.scifish.sardana_lab import Lab, lab
from support.scifish.spock import Spock, run_all
from support.tango.servers import TangoServer

FAILS = """
from sardana.macroserver.macro import macro

@macro()
def failing(self):
    def fail():
        raise RuntimeError("the sample burnt through 100 % of Ω")
    scan, _ = self.createMacro("ascan", "mot01", "0", "2", "2", "0.01")
    scan.hooks = [(fail, ["post-acq"])]
    self.runMacro(scan)

@macro()
def percent(self):
    scan, _ = self.createMacro("ascan", "mot01", "0", "1", "1", "0.01")
    self.runMacro(scan)
"""
GREEK = Item(attribute="sys/nothing/1/λ", name="λ 100 % of µm…", unit="Ω %", group="%s αβγ")


@pytest.fixture(scope="module")
def running(
    tango_host: str,
    pathfixer: TangoServer,
    scidog: TangoServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lab]:
    """Sardana beside PathFixer and SciDog; a configuration is active and a proposal is set."""
    folder = tmp_path_factory.mktemp("spock")
    day = Configuration(name="day", budget=5, items=(Item(attribute="mot01/position"),))
    with lab(folder, tango_host, instance="spock", macros=FAILS) as one:
        scidog.proxy.Save(ascii_json(day))
        scidog.proxy.Activate("day")
        pathfixer.proxy.Proposal = "20260001"
        yield one


@pytest.fixture
def door(running: Lab) -> Iterator[Door]:
    with running.sardana.door() as opened:
        yield opened


def test_before_any_scan(running: Lab) -> None:
    unused = "door/spock/2"
    with Door(unused) as door:
        found = quiet(lambda: "  mot02/Velocity" in door.run("scicat_search", "mot02", "velo"), SardanaError)
        wait_until(found, "SciDog knows Sardana's elements", 90)
        door.run("scicat_activate", "day")
        said = run_all(door, "day")
    assert said["scicat_last"] == f"no scan has been recorded at {unused} since the MacroServer was started"
    assert "recorder: SciCatRecorder is on" in said["scicat_status"]
    of_others = "problem: SciDog context/ctl/scidog: Greek revision "  # what another test has saved
    status = said["scicat_status"].splitlines()
    assert not any(line.startswith("problem") and not line.startswith(of_others) for line in status)
    assert said["scicat_proposal"].startswith("proposal: 20260001, visit ")
    number = int(said["scicat_activate"].removeprefix("active: day, revision "))
    added, removed = (f"day is at revision {number + more}" for more in (1, 2))
    assert said["scicat_add"] == f"added: mot02/velocity as motors/speed; {added} with 2 items"
    assert said["scicat_remove"] == f"removed: mot02/velocity (motors/speed); {removed} with 1 item"
    undone, *taken_back = said["scicat_undo"].splitlines()
    assert undone == f"day: revision {number + 1} is the newest again, as revision {number + 3} with 2 items"
    assert [one.strip() for one in taken_back] == ["taken back: - mot02/velocity"]
    assert said["scicat_preview"].startswith(f"day revision {number + 3}: 2 items, ")
    reloaded, *_ = said["scicat_reload"].splitlines()  # then likely mistakes that another test has saved
    assert reloaded == f"reloaded: day revision {number} is active: 1 attribute is recorded"


def normal(door: Door) -> None:
    door.run("ascan", "mot01", "0", "1", "1", "0.01")


def stopped(door: Door) -> None:
    door.start("ascan", "mot01", "0", "500", "500", "0.05")
    door.wait_for_output("   2  ")
    tango.DeviceProxy(door.name).StopMacro()
    door.wait(20)


def aborted(door: Door) -> None:
    door.start("ascan", "mot01", "0", "500", "500", "0.05")
    door.abort_in_exposure("   2  ", "mntgrp01")
    door.wait(20)


def exception(door: Door) -> None:
    with pytest.raises(SardanaError):
        door.run("failing")


@pytest.mark.parametrize("scan", [normal, stopped, aborted, exception])
def test_after_a_scan(running: Lab, door: Door, scan: Callable[[Door], None]) -> None:
    scan(door)
    said = run_all(door, "day")
    first, *lines = said["scicat_last"].splitlines()
    assert f"({scan.__name__}), pid " in first
    assert "recorded: 1 item, 0 files" in lines
    assert "missed: 0 items" in lines
    assert said["scicat_remove"].startswith("removed: mot02/velocity (motors/speed); day is at revision ")


def test_any_text_reaches_the_door(running: Lab, door: Door, scidog: TangoServer) -> None:
    scidog.proxy.Save(ascii_json(Configuration(name="Greek", budget=5, items=(GREEK,))))
    door.run("scicat_activate", "Greek")
    door.run("ascan", "mot01", "0", "1", "1", "0.01")
    last = door.run("scicat_last")
    assert "  %s \\u03b1\\u03b2\\u03b3/\\u03bb 100 % of µm...: device is not in the Tango database" in last
    door.run("scicat_activate", "day")


def test_what_cannot_be_done_ends_the_macro_with_a_sentence(running: Lab, door: Door) -> None:
    for macro, sentence in (
        (
            ("scicat_activate", "nosuch"),
            "SciCat: SciDog context/ctl/scidog: no configuration is named 'nosuch'",
        ),
        (
            ("scicat_proposal", "19990001"),
            "SciCat: PathFixer context/ctl/pathfixer: proposal '19990001' is not",
        ),
        (("scicat_sample", "a:b"), "SciCat: PathFixer context/ctl/pathfixer: "),
        (("scicat_add", "no device"), "SciCat: scicat_add: attribute: is no name of an attribute; write "),
        (("scicat_add", "MOT01/position"), "day records mot01/position already"),
        (
            ("scicat_remove", "mot01/positon"),
            "day records no mot01/positon; did you mean mot01/position?",
        ),
    ):
        with pytest.raises(SardanaError) as error:
            door.run(*macro)
        assert sentence.lower() in str(error.value).lower()
        assert "Traceback" not in str(error.value)


def test_a_pinned_or_no_configuration_is_not_edited(running: Lab, door: Door) -> None:
    door.run("scicat_activate", "day@1")
    with pytest.raises(
        SardanaError, match="day@1 is pinned, so a change would not be recorded; activate day"
    ):
        door.run("scicat_add", "mot01/velocity")
    assert door.run("scicat_activate", "-") == "active: none"
    with pytest.raises(SardanaError, match="no configuration is active; activate one"):
        door.run("scicat_remove", "mot01/velocity")
    door.run("scicat_activate", "day")


def test_the_line_after_a_scan_is_switched_off_by_senv(running: Lab, door: Door) -> None:
    scan = ("ascan", "mot01", "0", "1", "1", "0.01")
    assert "SciCat: 1 recorded, 0 missing" in door.run(*scan)
    door.run("senv", "SciCatSummary", "False")
    assert "SciCat" not in door.run(*scan)
    door.run("usenv", "SciCatSummary")
    assert "SciCat: 1 recorded, 0 missing" in door.run(*scan)


def test_a_likely_mistake_is_told_at_once_and_by_the_status(running: Lab, door: Door) -> None:
    _, warning, undo = door.run("scicat_add", "mot01/nothing").splitlines()
    assert warning.startswith("warning: mot01/nothing: its device has no such attribute; ")
    assert undo == "take it out with: scicat_remove mot01/nothing"
    wait_until(lambda: "mot01/nothing: " in door.run("scicat_status"), "SciDog has looked at mot01", 60)
    door.run("scicat_remove", "mot01/nothing")


def test_a_proposal_and_a_sample_are_set_and_taken_away(running: Lab, door: Door) -> None:
    assert door.run("scicat_proposal", "20260002").startswith("proposal: 20260002, visit ")
    sample, path = door.run("scicat_sample", "Li6").splitlines()
    assert sample == "sample: Li6"
    assert Path(path.removeprefix("path: ")).is_dir()
    assert door.run("scicat_sample", "-").startswith("sample: none\n")
    assert door.run("scicat_proposal", "-") == "proposal: none"
    door.run("scicat_proposal", "20260001")


def test_a_file_that_is_wrong_is_raised_by_reload(running: Lab, door: Door, scidog_store: Path) -> None:
    wrong = scidog_store / "wrong.yaml"
    wrong.write_text("budged: 1\n")
    with pytest.raises(SardanaError, match=r"wrong\.yaml: line 1: unknown key 'budged'; did you mean"):
        door.run("scicat_reload")
    wrong.unlink()
    assert door.run("scicat_reload").startswith("reloaded: day revision ")


def test_in_spock_itself(running: Lab, tango_host: str, tmp_path: Path) -> None:
    spock = Spock(tmp_path, tango_host, "door/spock/1")
    assert "recorder: SciCatRecorder is on\n" in spock.run("scicat_status")
    assert "1 recorded, 0 missing" in spock.run("ascan mot01 0 1 1 0.01")
    assert "missed: 0 items\n" in spock.run("scicat_last")
    assert "added: mot01/velocity as 100 % µm; day is at revision " in spock.run(
        "scicat_add mot01/velocity '100 % µm' °C"
    )
    assert "removed: mot01/velocity (100 % µm); day is at revision " in spock.run("scicat_remove '100 % µm'")
    assert "did you mean mot01/position?" in spock.run("scicat_remove mot01/positon")


def test_tab_offers_proposals_that_may_measure_now_and_samples(
    running: Lab, pathfixer: TangoServer, tango_host: str, tmp_path: Path
) -> None:
    pathfixer.proxy.Sample = "wafer7"
    pathfixer.proxy.Refresh()
    spock = Spock(tmp_path, tango_host, "door/spock/1")
    offered = "print('offered', get_ipython().complete('{0}', '{1} {0}')[1])"
    said = spock.run(
        "\n".join(
            (
                "load_ext scifish.sardana.spock_completion",
                offered.format("2026", "scicat_proposal"),
                offered.format("wa", "%scicat_sample"),
                offered.format("da", "scicat_activate"),
            )
        )
    )
    assert "offered ['20260001', '20260002']\n" in said
    assert "offered ['wafer7']\n" in said
    assert "offered ['day']\n" in said


def test_the_log_has_no_trace_of_ours(running: Lab) -> None:
    log = Path(running.sardana.macroserver.log).read_text(encoding="utf-8")
    assert "scifish" not in "".join(log.split("Traceback")[1:])
