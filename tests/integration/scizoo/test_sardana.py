"""A real Pool and MacroServer on a real Tango database, driven through the Door."""

from collections.abc import Iterator
from pathlib import Path

import h5py
import pytest

from scizoo.errors import SardanaError
from scizoo.facility.door import Door, read_environment, set_environment
from scizoo.facility.sardana import Sardana, sardana
from scizoo.facility.sardana_yaml import SardanaSettings
from scizoo.facility.tango import tango_database


@pytest.fixture(scope="module")
def beamline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sardana]:
    folder = tmp_path_factory.mktemp("sardana")
    settings = SardanaSettings(
        instance="test",
        doors=("door/test/1", "door/test/2"),
        environment={"ScanDir": str(folder), "ScanFile": "scan.h5"},
    )
    with tango_database(folder) as host, sardana(folder / "sardana", host, settings) as running:
        yield running


@pytest.fixture
def door(beamline: Sardana) -> Iterator[Door]:
    with beamline.door() as opened:
        yield opened


def test_a_scan_writes_its_file(beamline: Sardana, door: Door) -> None:
    output = door.run("ascan", "mot01", "0", "2", "2", "0.01")
    assert "Scan #" in output
    folder = Path(read_environment(beamline.settings.macroserver)["ScanDir"])
    with h5py.File(folder / "scan.h5", "r") as file:
        assert any(name.startswith("entry") for name in file)


def test_a_scan_is_aborted_in_the_middle(beamline: Sardana, door: Door) -> None:
    door.start("ascan", "mot01", "0", "500", "500", "0.2")
    door.abort_in_exposure("   1  ", beamline.settings.measurement_group)
    assert " 500  " not in door.wait(20)


def test_a_macro_that_fails_says_why(door: Door) -> None:
    with pytest.raises(SardanaError, match=r"^door/test/1: the macro failed: .*nomotor"):
        door.run("ascan", "nomotor", "0", "2", "2", "0.01")
    with pytest.raises(SardanaError, match="Unknown macro nomacro"):
        door.run("nomacro")
    assert "Scan #" in door.run("ascan", "mot01", "0", "1", "1", "0.01")


def test_the_environment_is_set_while_it_runs(beamline: Sardana) -> None:
    set_environment(beamline.settings.macroserver, {"Note": "one"})
    assert read_environment(beamline.settings.macroserver)["Note"] == "one"


def test_the_second_door_is_another(beamline: Sardana) -> None:
    with beamline.door(1) as second:
        assert second.name == "door/test/2"
        assert "Scan #" in second.run("ascan", "mot02", "0", "1", "1", "0.01")


def test_provisioning_reports_what_sardana_config_says(tmp_path: Path) -> None:
    with (
        tango_database(tmp_path) as host,
        pytest.raises(SardanaError, match="sardana-config: could not load"),
        sardana(tmp_path / "sardana", host, SardanaSettings(motors=("no name",))),
    ):
        raise AssertionError("a name that Tango refuses was provisioned")
