"""An exit while a device is slow, dead or frozen: the same code, within `exit_wait`, the entry is kept."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from scifish.contract.configuration import Configuration
from scifish.contract.message import read_message
from support.scifish.exits import ExitHost, codes, ends, errors, program
from support.tango.beamline import SimulatedServer, freeze
from support.tango.servers import TangoServer

TIMES = int(os.environ.get("SCIZOO_EXIT_RUNS", "0")) or 4
WAIT = 0.5  # seconds: `exit_wait`
MARGIN = 8.0  # seconds that Python's own end may take on a busy machine; a frozen device takes 9
pytestmark = pytest.mark.timeout(1200)


@pytest.fixture
def host(
    tango_host: str,
    pathfixer: TangoServer,
    scidog: TangoServer,
    beamline: dict[str, SimulatedServer],
    tmp_path: Path,
) -> ExitHost:
    pathfixer.proxy.Proposal = "20260001"
    devices = [beamline[server].devices[0] for server in ("healthy", "other", "victim")]
    items = [{"attribute": f"{device}/value1", "when": "both"} for device in devices]
    scidog.proxy.Save(Configuration.model_validate({"name": "trouble", "items": items}).model_dump_json())
    scidog.proxy.Activate("trouble")
    return ExitHost(tmp_path, tango_host, exit_wait=WAIT)


@pytest.fixture
def slow(beamline: dict[str, SimulatedServer]) -> Iterator[None]:
    server = beamline["other"]
    with server.slow(server.devices[0], 2.0):
        yield


def holds(host: ExitHost, code: int = 7) -> None:
    found = ends(program("code", code), host.env, TIMES)
    assert codes(found) == {code: TIMES}, errors(found, code)
    assert host.statuses() == {"normal": TIMES}
    assert max(one.leaving for one in found) < WAIT + MARGIN


def test_a_slow_device(host: ExitHost, slow: None) -> None:
    """The thread that reads it comes back while, or after, Python has ended."""
    holds(host)


def test_an_exit_while_the_snapshot_of_the_end_is_read(
    host: ExitHost, scidog: TangoServer, beamline: dict[str, SimulatedServer], slow: None, tmp_path: Path
) -> None:
    """The exit waits for what is read: the entry has it."""
    item = {"attribute": f"{beamline['other'].devices[0]}/value1", "name": "last", "when": "end"}
    document = Configuration.model_validate({"name": "end", "budget": 10, "items": [item]})
    scidog.proxy.Save(document.model_dump_json())
    scidog.proxy.Activate("end")
    host = ExitHost(tmp_path, host.env["TANGO_HOST"], exit_wait=40)
    found = ends(program("code", 7), host.env, TIMES)
    assert codes(found) == {7: TIMES}, errors(found, 7)
    last = {one.pid: read_message(one.body) for one in host.outbox.messages(limit=100 * TIMES)}
    read = [one.dataset.scientific_metadata["last"] for one in last.values()]
    assert ["value" in one for one in read] == [True] * TIMES, read


def test_a_frozen_device(host: ExitHost, beamline: dict[str, SimulatedServer]) -> None:
    with beamline["other"].frozen():
        holds(host)


def test_a_dead_device(host: ExitHost, beamline: dict[str, SimulatedServer]) -> None:
    beamline["victim"].child.kill()
    try:
        holds(host)
    finally:
        beamline["victim"].start().wait()


def test_a_frozen_pathfixer(host: ExitHost, pathfixer: TangoServer) -> None:
    freeze(pathfixer.child)
    try:
        holds(host, 0)
    finally:
        os.kill(pathfixer.child.pid, signal.SIGCONT)


def test_a_dead_pathfixer(host: ExitHost, pathfixer: TangoServer) -> None:
    pathfixer.child.kill()
    try:
        holds(host)
    finally:
        pathfixer.start()
