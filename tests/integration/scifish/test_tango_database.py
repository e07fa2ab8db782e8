"""What we ask a real Tango database: as PyTango's own methods answer, while other threads go on."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import tango

from scifish.tango_client import database as ours
from scizoo.facility.tango import TangoDatabase
from support.tango.beamline import SimulatedServer, frozen

DEVICE = "test/own/1"
GOES_ON = 20.0  # seconds; a method of PyTango's holds all threads for 100 s
WAITS = 0.5


@pytest.fixture
def theirs(tango_host: str) -> tango.Database:
    host, _, port = tango_host.partition(":")
    return tango.Database(host, int(port))


def test_a_device_is_known_as_pytango_knows_it(
    theirs: tango.Database, beamline: dict[str, SimulatedServer]
) -> None:
    server = beamline["healthy"]
    name = server.devices[0]
    theirs.put_device_alias(name, "own-alias")
    found, known = ours.device_info(theirs, name), theirs.get_device_info(name)
    assert found == (known.name, known.ds_full_name, known.host, known.pid)
    assert found.process == server.child.pid
    assert ours.device_of_alias(theirs, "own-alias") == name
    assert ours.exported_devices(theirs, name) == [name]
    assert set(server.devices) <= set(ours.devices_of_class(theirs, "Simulated"))
    with pytest.raises(tango.DevFailed):
        ours.device_info(theirs, "no/such/device")


def test_a_device_that_never_ran_has_no_process(theirs: tango.Database) -> None:
    info = tango.DbDevInfo()
    info.server, info._class, info.name = "Own/1", "Own", DEVICE
    theirs.add_device(info)
    assert ours.device_info(theirs, DEVICE)[:2] == (DEVICE, "Own/1")
    assert ours.device_info(theirs, DEVICE).process <= 0
    assert ours.devices_of_class(theirs, "Own") == [DEVICE]
    assert ours.exported_devices(theirs, DEVICE) == []


def test_properties_are_those_that_pytango_writes_and_reads(theirs: tango.Database) -> None:
    written: Any = {"a": ["1", "two words", ""], "b": ["x"], "c.d": ["y"]}
    theirs.put_property("Own", written)
    assert ours.free_properties(theirs, "Own") == written
    assert ours.free_properties(theirs, "NoneOfIt") == {}
    theirs.delete_property("Own", list(written))
    assert ours.attribute_properties(theirs, DEVICE, "Context") == {}
    ours.put_attribute_property(theirs, DEVICE, "Context", "kept", "some text")
    ours.put_attribute_property(theirs, DEVICE, "Context", "empty", "")
    assert ours.attribute_properties(theirs, DEVICE, "Context") == {"kept": ["some text"], "empty": [""]}
    read = theirs.get_device_attribute_property(DEVICE, "Context")["Context"]
    assert {name: list(lines) for name, lines in read.items()} == {"kept": ["some text"], "empty": [""]}


QUESTIONS: dict[str, Callable[[tango.Database], object]] = {
    "device_info": lambda one: ours.device_info(one, DEVICE),
    "attribute_properties": lambda one: ours.attribute_properties(one, DEVICE, "Context"),
    "put_attribute_property": lambda one: ours.put_attribute_property(one, DEVICE, "Context", "kept", "text"),
    "free_properties": lambda one: ours.free_properties(one, "Own"),
    "devices_of_class": lambda one: ours.devices_of_class(one, "Own"),
    "exported_devices": lambda one: ours.exported_devices(one, DEVICE),
    "device_of_alias": lambda one: ours.device_of_alias(one, "own-alias"),
}


def test_other_threads_go_on_while_a_frozen_database_is_asked(
    database: TangoDatabase, tango_host: str
) -> None:
    host, _, port = tango_host.partition(":")
    connections = {name: tango.Database(host, int(port)) for name in QUESTIONS}
    for name, ask in QUESTIONS.items():
        answered(ask, connections[name])  # it is connected

    def asked() -> None:
        for name, ask in QUESTIONS.items():
            threads.append(threading.Thread(target=answered, args=(ask, connections[name])))
            threads[-1].start()

    threads: list[threading.Thread] = []
    with frozen(database.child):
        longest, last = 0.0, time.monotonic()
        asked()
        until = time.monotonic() + WAITS
        while time.monotonic() < until:
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        assert all(one.is_alive() for one in threads), "it was not frozen"
    for one in threads:
        one.join()
    assert longest < GOES_ON


def answered(ask: Callable[[tango.Database], object], database: tango.Database) -> None:
    try:
        with tango.EnsureOmniThread():
            ask(database)
    except tango.DevFailed:  # there is no such device, or it took too long
        return
