"""Reads answer at once and with a value, whatever a store takes and whatever changes meanwhile."""

import json
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import tango

from scidog.model.revision import MOST_ITEMS
from scizoo.facility.processes import wait_until
from support.mongo.server import Mongo
from support.scidog.store import configuration, write
from support.tango.beamline import frozen
from support.tango.readers import many_readers
from support.tango.servers import TangoServer

ATTRIBUTES = ("Configuration", "Revision", "Configurations", "Document", "Problems", "Warnings", "LastChange")
AT_ONCE = 1.5  # seconds, on a busy host; a read that waits for the store takes HANGS at least
HANGS = 2.0  # seconds; less than the store's own time limit


def test_reads_of_many_clients_never_fail_while_events_are_sent(scidog: TangoServer, store: Path) -> None:
    items = "\n".join(f"- attribute: a/b/c/{number}" for number in range(100))
    for name in ("one", "two"):
        write(store, name, f"items:\n{items}\n")
    device = scidog.start()
    with many_readers(scidog.device, ("Document", "Configuration", "LastChange")):  # each has events
        for number in range(240):
            device.Configuration = ("one", "two")[number % 2]


def test_reads_and_small_edits_do_not_wait_for_a_large_document(scidog: TangoServer) -> None:
    device = scidog.start()
    device.set_timeout_millis(60_000)
    device.Save(configuration("one").model_dump_json())
    device.Configuration = "one"
    lines = "\n".join(
        f"- {{attribute: a/b/c/{number}, mapping: {{0..1: x}}}}" for number in range(MOST_ITEMS)
    )
    large = json.dumps({"text": f"name: large\nitems:\n{lines}\n", "format": "yaml"})
    reader, edits, reads = tango.DeviceProxy(scidog.device), 0, []
    reader.set_timeout_millis(60_000)
    with ThreadPoolExecutor(1) as pool:
        parsing = pool.submit(device.Import, large)
        while not parsing.done():
            begun = time.monotonic()
            assert '"name":"one"' in reader.Document
            reads.append(time.monotonic() - begun)
            item = json.dumps({"configuration": "small", "item": {"attribute": f"a/b/c/{edits}"}})
            reader.AddItem(item)
            edits += not parsing.done()
        assert json.loads(parsing.result())["items"] == MOST_ITEMS
    assert edits > 0, "an edit went past it"
    assert sorted(reads)[len(reads) // 2] < AT_ONCE


@pytest.mark.mongo
def test_all_reads_answer_at_once_while_a_store_hangs(scidog: TangoServer, tmp_path: Path) -> None:
    with Mongo(tmp_path / "mongo") as mongo, ThreadPoolExecutor(2) as pool:
        properties: object = {
            "Store": [f"{mongo.uri}scidog"],
            "StateFolder": [str(tmp_path / "state")],
            "LookPeriod": ["60"],
        }
        tango.Database().put_device_property(scidog.device, properties)  # type: ignore[arg-type]
        with frozen(mongo.child):
            device = scidog.start()
            device.set_timeout_millis(30_000)
            slowest = slowest_read(scidog.device)  # it tries to start again and again
            assert device.State() == tango.DevState.FAULT
        wait_until(lambda: device.State() == tango.DevState.STANDBY, "it has started", 30)
        for name in ("one", "two"):
            device.Save(configuration(name).model_dump_json())
        device.Configuration = "one"
        with frozen(mongo.child):
            saving = pool.submit(device.Save, configuration("one", 1, budget=2).model_dump_json())
            activating = pool.submit(device.write_attribute, "Configuration", "two")
            slowest = max(slowest, slowest_read(scidog.device, saving, activating))
        assert saving.result() == 2
        activating.result()
        with frozen(mongo.child):
            starting = pool.submit(device.Init)
            slowest = max(slowest, slowest_read(scidog.device, starting))
            with pytest.raises(tango.DevFailed, match="SciDog starts anew; ask again in a moment"):
                device.Load("one")
        starting.result()
        assert slowest < AT_ONCE
        assert (device.Configuration, device.State()) == ("two", tango.DevState.ON)


def slowest_read(name: str, *hanging: Future[Any]) -> float:
    """Read all again and again while these hang; return the seconds of the longest read."""
    device, slowest, until = tango.DeviceProxy(name), 0.0, time.monotonic() + HANGS
    while time.monotonic() < until:
        for read in (*ATTRIBUTES, "State", "Status"):
            began = time.monotonic()
            device.read_attribute(read)
            slowest = max(slowest, time.monotonic() - began)
        began = time.monotonic()
        device.command_inout("State")
        slowest = max(slowest, time.monotonic() - began)
    assert not any(one.done() for one in hanging)
    return slowest
