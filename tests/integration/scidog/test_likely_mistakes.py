"""SciDog tells likely mistakes at once; a device that hangs holds up neither a client nor the end."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import tango

from scizoo.facility.processes import wait_until
from support.scidog.store import configuration, write
from support.tango.beamline import freeze
from support.tango.servers import TangoServer, console

OTHER = "test/ctl/otherdog"


@pytest.fixture
def other(tango_host: str, tmp_path: Path) -> Iterator[TangoServer]:
    """Another device, whose attributes are recorded."""
    folder = tmp_path / "other"
    folder.mkdir()
    server = TangoServer(
        [console("SciDog"), "other"],
        OTHER,
        {"Store": str(folder)},
        tango_host=tango_host,
        log=tmp_path / "other.log",
    ).register("SciDog", "other")
    server.start()
    yield server
    server.child.stop()


def test_they_are_told_and_nothing_is_refused(scidog: TangoServer, other: TangoServer, store: Path) -> None:
    dog = scidog.start()
    items = [
        {"attribute": f"{OTHER}/Revision"},
        {"attribute": f"{OTHER}/Revisoin"},
        {"attribute": "no/such/device/x"},
        {"attribute": f"{OTHER}/Configuration", "unit": "furlongs"},
        {"attribute": f"{OTHER}/REVISION", "name": "again"},
    ]
    assert dog.Save(configuration(items=items).model_dump_json()) == 1
    at_once = {text.partition(":")[0] for text in dog.Warnings}
    assert at_once >= {"default revision 1, item 4", "default revision 1, item 5"}
    wait_until(lambda: len(dog.Warnings or ()) == 4, "the devices were looked at", 60)
    told = "\n".join(dog.Warnings)
    assert f"item 2: {OTHER}/Revisoin: its device has no such attribute; did you mean Revision?" in told
    assert "item 3: no/such/device/x: its device is not in the Tango database" in told
    assert "item 4: SciCat does not read the unit 'furlongs'" in told
    assert f"item 5: {OTHER}/REVISION is item 1 too" in told
    dog.Activate("default")
    assert dog.State() == tango.DevState.ON
    wait_until(lambda: "did you mean Revision?" in dog.Status(), "Status tells it", 60)
    assert "5 attributes are recorded" in dog.Status()


def test_an_alias_does_not_hide_that_an_item_is_doubled(scidog: TangoServer, other: TangoServer) -> None:
    database = tango.Database()
    database.put_device_alias(OTHER, "otherdog")
    try:
        dog = scidog.start()
        items = [{"attribute": f"{OTHER}/Pinned"}, {"attribute": "otherdog/pinned"}]
        dog.Save(configuration(items=items).model_dump_json())
        told = f"default revision 1, item 2: otherdog/pinned is item 1 too, as {OTHER}/Pinned; remove one"
        wait_until(lambda: tuple(dog.Warnings or ()) == (told,), "Warnings tell it", 60)
        dog.set_timeout_millis(30_000)
        checked = json.loads(dog.Check('{"configuration": "default", "seconds": 20}'))
        assert [(one["item"], one["kind"]) for one in checked["problems"]] == [(2, "doubled")]
    finally:
        database.delete_device_alias("otherdog")


def test_a_preview_reads_as_a_scan_would(scidog: TangoServer, other: TangoServer) -> None:
    dog = scidog.start()
    dog.set_timeout_millis(30_000)
    with pytest.raises(tango.DevFailed, match="nothing is recorded"):
        dog.Preview("")
    items = [
        {"attribute": f"{OTHER}/Revision", "name": "rev", "group": "g", "mapping": {0: "none"}},
        {"attribute": f"{OTHER}/Revisoin"},
        {"attribute": "no/such/device/x", "when": "end"},
        {"attribute": f"{OTHER}/Pinned", "mapping": {"true": "yes"}},
    ]
    dog.Save(configuration("night", items=items).model_dump_json())
    found = json.loads(dog.Preview('{"configuration": "night", "seconds": 20}'))
    first, second, third, fourth = found["items"]
    assert (first["group"], first["name"], first["recorded"]) == ("g", "rev", {"value": "none", "unit": ""})
    assert 0 < first["ms"] < found["ms"]
    assert [one["kind"] for one in (*first["problems"], *second["problems"])] == ["attribute unknown"]
    assert third["problems"][0]["kind"] == "device undefined"
    assert (fourth["recorded"]["value"], fourth["problems"][0]["kind"]) == (False, "unmapped")
    assert dog.State() == tango.DevState.STANDBY  # nothing was activated
    dog.Configuration = "night"
    checked = json.loads(dog.Check('{"seconds": 20}'))
    assert [(one["item"], one["kind"]) for one in checked["problems"]] == [
        (2, "attribute unknown"),
        (3, "device undefined"),
        (4, "unmapped"),
    ]
    tried = json.dumps(
        {"document": {"name": "new", "items": [{"attribute": f"{OTHER}/State"}]}, "seconds": 20}
    )
    assert json.loads(dog.Preview(tried))["items"][0]["recorded"]["value"] == "STANDBY"


def test_an_edited_file_is_looked_at_though_it_is_not_active(scidog: TangoServer, store: Path) -> None:
    write(store, "old", "items: [{attribute: no/such/device/x}]\n")
    dog = scidog.start()
    assert not dog.Warnings
    write(store, "new", "items: [{attribute: no/such/device/y}]\n")
    dog.Reload()
    wait_until(lambda: dog.Warnings, "it is told", 60)
    assert [text.partition(":")[0] for text in dog.Warnings] == ["new revision 1, item 1"]


def test_a_device_that_hangs_holds_up_nobody(scidog: TangoServer, other: TangoServer) -> None:
    dog = scidog.start()
    freeze(other.child)
    try:
        document = configuration(items=[{"attribute": f"{OTHER}/x"}, {"attribute": "no/such/device/x"}])
        begun = time.monotonic()
        dog.Save(document.model_dump_json())
        dog.Activate("default")
        assert dog.Configuration == "default"
        assert time.monotonic() - begun < 5  # Tango itself waits for 6 to 9 s
        dog.Init()
        scidog.child.stop(grace=30)
        assert scidog.child.returncode == 0
    finally:
        os.kill(other.child.pid, signal.SIGCONT)
