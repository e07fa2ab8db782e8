"""Hosts that do not even refuse: a connection to them is never made, as behind a cut cable."""

import contextlib
import json
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tango

from scizoo.facility.tango import server_environment
from support.clock import SLOW
from support.scifish.programs import unreachable
from support.tango.beamline import SimulatedServer

PROGRAM = Path(unreachable.__file__)
BUDGET = 1.0
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
    dead_device: str, dead_port: int, tango_host: str, beamline: Beamline
) -> None:
    """The devices beside it are read; also the database of a device may be at a dead host."""
    healthy = [f"{one}/value1" for one in beamline["healthy"].devices]
    dead = [f"{dead_device}/value1", f"tango://127.0.0.1:{dead_port}/a/b/c/x"]
    argv = [sys.executable, str(PROGRAM), str(BUDGET), *healthy, "--", *dead]
    env = server_environment(tango_host)
    ended = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=120, check=True)
    first, *again = json.loads(ended.stdout)
    following = min(again, key=lambda one: one["took"])
    assert first["took"] < BUDGET * SLOW
    assert following["took"] < BUDGET / 3
    for name in dead:
        error = first["metadata"][name]["error"]
        assert error in {"no answer within 1000 ms", "device cannot be reached"}
        error = following["metadata"][name]["error"]
        assert error.startswith(("not waited for: no answer since ", "device cannot be"))
    for name in healthy:
        assert "error" not in first["metadata"][name]
        assert "error" not in following["metadata"][name]
