"""The demo's table: what the catalogue has of each scan, and the files that the demo brings."""

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from scicow.settings.model import load as load_scicow
from scifish.common.yaml_model import load, parse
from scifish.contract.configuration import Configuration
from scifish.settings.model import SciFishSettings as ScifishSettings
from scizoo.demo.beamline.layout import (
    CONFIGURATION,
    OTHER_CONFIGURATION,
    Layout,
    make_root,
    packaged,
    write_settings,
)
from scizoo.demo.catalogue import Arrived
from scizoo.demo.scans import Done
from scizoo.demo.table import ABSENT, not_read, proposals, reasons, row, show
from scizoo.errors import DemoError
from scizoo.register.register_file import load_register
from scizoo.simulation.__main__ import CLASSES

ENDED = datetime.datetime(2026, 3, 1, 9, 30, tzinfo=datetime.timezone.utc).timestamp()
DATASET: dict[str, Any] = {
    "pid": "20.500.12345/X",
    "datasetName": "scan 7: ascan",
    "proposalIds": ["20260042"],
    "sourceFolder": "/d/visitors/demo/raw",
    "numberOfFiles": 1,
    "scientificMetadata": {
        "mono": {"energy": {"value": 850.0, "unit": "eV"}, "grating": "G800", "nested": {"deep": 1}},
        "water": {"flow": {"unit": "l/min", "error": "no answer within 300 ms"}},
        "scan": {"scanID": 7, "exitStatus": "aborted", "endTime": "2026-03-01T09:30:00.000Z"},
        "scizoo": {"sequence": 3},
        "proposal": {"title": "t"},
    },
}
DONE = Done("ascan mot01 0 1 10 0.02", ENDED - 5, scan_id=7)


def arrived(dataset: dict[str, Any], seen: float) -> Arrived:
    """Return a dataset that the catalogue has had whole since then."""
    when = datetime.datetime.fromtimestamp(seen, datetime.timezone.utc)
    return Arrived({**dataset, "updatedAt": when.isoformat()})


ARRIVED = arrived(DATASET, ENDED + 1.5)


def test_a_row_tells_items_read_and_not_read_and_the_seconds() -> None:
    assert row(DONE, ARRIVED, Path("/d")) == (
        "scan 7: ascan\nvisitors/demo/raw",
        "aborted",
        "3",
        "1",
        "1.5",
    )


def test_a_scan_that_is_not_there_is_told() -> None:
    assert row(DONE, None, Path("/d"))[:2] == (DONE.command, ABSENT)


def test_the_reasons_are_told_with_how_often() -> None:
    assert not_read(ARRIVED.metadata) == [("water/flow", "no answer within 300 ms")]
    assert reasons([ARRIVED, ARRIVED, None]) == ["water/flow: no answer within 300 ms (in 2 of 3)"]
    assert reasons([None]) == ["none"]


def test_the_table_is_whole_in_a_terminal_of_80_columns() -> None:
    folder = "visitors/demo/20260042/2020010108/raw/bilayer"
    scan = {**ARRIVED.metadata, "scan": {**ARRIVED.metadata["scan"], "exitStatus": "exception"}}
    long = {**DATASET, "sourceFolder": f"/d/{folder}", "scientificMetadata": scan}
    console = Console(width=80, color_system=None)
    with console.capture() as captured:
        show(console, [DONE, DONE], [arrived(long, ENDED + 12345.6), None], Path("/d"))
    told = captured.get().splitlines()
    assert max(map(len, told)) <= 80
    assert any(line.startswith(f"{folder} ") for line in told)
    assert any(line.split() == ["scan", "7:", "ascan", "exception", "3", "1", "12345.6"] for line in told)
    assert any(line.split()[-2:] == ["not", "arrived"] for line in told)
    assert "missing" not in captured.get()


def test_the_proposals_are_told() -> None:
    other = arrived({**DATASET, "proposalIds": []}, ENDED)
    assert proposals([ARRIVED, ARRIVED, other, None]) == "20260042, none"


def test_a_dataset_is_known_by_its_scan_number_or_its_file() -> None:
    assert ARRIVED.is_of(DONE)
    assert not ARRIVED.is_of(Done("ascan", ENDED, scan_id=8))
    named = arrived({**DATASET, "datasetName": "photoemission0001"}, ENDED)
    assert named.is_of(Done("SES", ENDED, file=Path("/d/visitors/demo/raw/photoemission0001.txt")))
    assert not named.is_of(Done("SES", ENDED, file=Path("/d/other/photoemission0001.txt")))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    found = Layout(make_root(tmp_path), 20001, 20002, None, "secret")
    write_settings(found)
    return found


def test_the_settings_that_the_demo_writes_are_read_by_every_part(layout: Layout) -> None:
    assert load(ScifishSettings, layout.scifish).delivery == "outbox"
    assert load_scicow(layout.root / "scicow.yaml").source == "outbox"
    assert len(load_register(layout.root / "register.yaml").servers) == 4
    for name, least in ((CONFIGURATION, 40), (OTHER_CONFIGURATION, 5)):
        items = yaml.safe_load((layout.root / "scidog" / f"{name}.yaml").read_text())
        assert len(parse(Configuration, {"name": name, **items}, "demo").items) >= least


def test_the_password_is_readable_by_its_owner_only(layout: Layout) -> None:
    for name in ("password", "minicat.yaml", "scicow.yaml"):
        assert (layout.root / name).stat().st_mode & 0o077 == 0, name


def test_with_kafka_all_parts_go_through_it(tmp_path: Path) -> None:
    layout = Layout(make_root(tmp_path), 20001, 20002, "127.0.0.1:9092", "secret")
    write_settings(layout)
    assert load(ScifishSettings, layout.scifish).delivery == "kafka"
    assert load_scicow(layout.root / "scicow.yaml").source == "kafka"


@pytest.mark.parametrize("name", [CONFIGURATION, OTHER_CONFIGURATION])
def test_every_recorded_attribute_is_of_a_device_that_is_registered(layout: Layout, name: str) -> None:
    servers = load_register(layout.root / "register.yaml").servers
    devices = {name: one.class_ for server in servers.values() for name, one in server.devices.items()}
    items = yaml.safe_load(packaged(f"{name}.yaml"))["items"]
    for item in items:
        assert devices[item["attribute"].rpartition("/")[0]] in {one.__name__ for one in CLASSES}


def test_an_acquisition_is_there_when_all_its_files_are() -> None:
    done = Done("SES ses_0001", ENDED, file=Path("/d/visitors/demo/raw/ses_0001.txt"), files=4)
    assert not arrived({**DATASET, "numberOfFiles": 3}, ENDED).has_files_of(done)
    assert arrived({**DATASET, "numberOfFiles": 4}, ENDED).has_files_of(done)
    assert not arrived({**DATASET, "numberOfFiles": None}, ENDED).has_files_of(DONE)


def test_a_disk_that_is_full_is_told(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"MB are free, the demo needs 1000000000 MB; make room, or choose"):
        make_root(tmp_path, room=10**15)
