"""Hosts that do not even refuse: a connection to them is never made, as behind a cut cable."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import tango

from scifish.contract.configuration import Configuration, Item
from scifish.ports import Items
from scifish.snapshot.snapshot import TangoSnapshot
from scizoo.facility.processes import wait_until
from support.clock import SLOW
from support.tango.beamline import SimulatedServer

BUDGET = 0.3
Beamline = dict[str, SimulatedServer]


@pytest.fixture
def dead_port() -> Iterator[int]:
    """Give a port of this host whose backlog is full: what more comes to it has no answer at all."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", listener.getsockname()[1]))
        port: int = listener.getsockname()[1]
        with pytest.raises(TimeoutError):
            socket.create_connection(("127.0.0.1", port), timeout=0.2)
        yield port


@pytest.fixture
def dead_device(dead_port: int, tango_host: str, beamline: Beamline) -> Iterator[str]:
    """Give a device that the database knows as running, at an address that does not answer."""
    database, name = tango.Database(), "sim/unreachable/0"
    info = tango.DbDevInfo()
    info.server, info._class, info.name = "Simulated/unreachable", "Simulated", name
    database.add_device(info)
    export = tango.DbDevExportInfo()
    living = database.import_device(beamline["healthy"].devices[0]).ior
    export.name, export.ior = name, at_port(living, dead_port)
    export.host, export.version, export.pid = "unreachable", "6", 0
    database.export_device(export)
    yield name
    database.delete_device(name)


def at_port(ior: str, port: int) -> str:
    """Return a CORBA reference to the same object at another port, and by TCP only."""
    body = bytes.fromhex(ior.removeprefix("IOR:"))
    iiop = body.index(b"\x01\x02\x00") + 3  # the host: its length, its name, a zero; then the port
    [length] = struct.unpack_from("=I", body, iiop)
    at = iiop + 4 + length
    at += at % 2
    changed = body[:at] + struct.pack("=H", port) + body[at + 2 :]
    return "IOR:" + changed.replace(b"\x02TTA", b"\xfeTTA").hex()  # a local socket is no network


def test_a_host_that_does_not_answer_costs_the_budget_once(
    dead_device: str, dead_port: int, beamline: Beamline
) -> None:
    """The devices beside it are read; also the database of a device may be at a dead host."""
    healthy = [f"{one}/value1" for one in beamline["healthy"].devices]
    dead = [f"{dead_device}/value1", f"tango://127.0.0.1:{dead_port}/a/b/c/x"]
    snapshot = TangoSnapshot()
    try:
        snapshot.begin(of(healthy), ignore)
        first, took = timed(lambda: snapshot.begin(of([*dead, *healthy]), ignore).metadata)
        assert took < BUDGET * SLOW
        again = [timed(lambda: snapshot.begin(of([*dead, *healthy]), ignore).metadata) for _ in range(5)]
        following, took = min(again, key=lambda one: one[1])
        assert took < BUDGET / 3
    finally:
        snapshot.close()
        wait_until(
            lambda: not workers(),
            "no device worker is in Tango any more: the fixtures give up its client",
            30,
        )
    for name in dead:
        assert first[name]["error"] in {"no answer within 300 ms", "device cannot be reached"}
        assert following[name]["error"].startswith(("not waited for: no answer since ", "device cannot be"))
    for name in healthy:
        assert "error" not in first[name]
        assert "error" not in following[name]


def of(attributes: list[str]) -> Configuration:
    return Configuration(
        name="test", budget=BUDGET, items=tuple(Item(attribute=one, name=one) for one in attributes)
    )


def timed(work: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], float]:
    started = time.monotonic()
    return work(), time.monotonic() - started


def workers() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name.startswith(("scifish sim/", "scifish tango:"))]


def ignore(_: Items) -> None:
    """Take late items."""
