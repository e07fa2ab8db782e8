"""Debian's Starter and C++ database run our servers from an installed wheel, as Astor would."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import tango

from scizoo.facility.processes import quiet, wait_until
from support.tango.debian import Starter, cpp_database, starter_host
from support.tango.facility import (
    PATHFIXER,
    PROPOSAL,
    SCIDOG,
    SCIFLY,
    SERVERS,
    register,
    set_proposal,
    settings,
    wait_for,
)

pytestmark = pytest.mark.debian


@pytest.fixture(scope="module")
def facility(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The C++ database with our servers in it, registered by the installed `scizoo register`."""
    folder = tmp_path_factory.mktemp("astor")
    with cpp_database(folder / "database"):
        path = settings(folder, starter_host())
        assert "nothing was written" in register(programs / "scizoo", path)
        assert "written to" in register(programs / "scizoo", path, "--apply")
        assert "nothing to do" in register(programs / "scizoo", path, "--apply")
        yield folder


@pytest.fixture(scope="module")
def host(facility: Path, programs: Path) -> Iterator[Starter]:
    with Starter(facility, programs) as starter:
        yield starter


@pytest.fixture(scope="module")
def astor(host: Starter) -> tango.DeviceProxy:
    """The running Starter, which has started each server once.

    The C++ database knows a server's host only since its first start: Astor's "Start new server".
    """
    proxy = host.start()
    for server, device in SERVERS.items():
        proxy.command_inout("DevStart", server)
        wait_for(device)
    return proxy


def running(astor: tango.DeviceProxy) -> set[str]:
    astor.command_inout("UpdateServersInfo")
    return {str(name) for name in astor.command_inout("DevGetRunningServers", True)}


def start_again(astor: tango.DeviceProxy, server: str) -> None:
    """Start a server that was stopped: the Starter learns of it late, and refuses until then."""
    start = quiet(lambda: astor.command_inout("DevStart", server) is None, tango.DevFailed)
    wait_until(start, f"the Starter starts {server}", 30)


def gone(device: str) -> bool:
    try:
        tango.DeviceProxy(device).ping()
    except tango.DevFailed:
        return True
    return False


def test_a_server_that_never_ran_is_not_started_by_its_level(facility: Path, host: Starter) -> None:
    """The database keeps its level and tells Starter nothing of it: the first start is a person's."""
    assert {tango.Database().get_server_info(server).level for server in SERVERS} <= {1, 2, 3, 4, 5}
    database = tango.DeviceProxy(tango.Database().dev_name())
    known = database.command_inout("DbGetHostServersInfo", starter_host())
    assert not set(SERVERS) & set(known)
    proxy = host.start()
    proxy.command_inout("UpdateServersInfo")
    assert not set(SERVERS) & set(proxy.command_inout("DevGetStopServers", True))
    assert all(gone(device) for device in SERVERS.values())


def test_it_started_all_three(astor: tango.DeviceProxy) -> None:
    wait_until(lambda: running(astor) >= set(SERVERS), "the Starter sees all three servers run", 30)


def test_they_work_on_the_cpp_database(astor: tango.DeviceProxy) -> None:
    folder = set_proposal(wait_for(PATHFIXER))
    assert folder.name == "LSMO-3"
    assert str(tango.DeviceProxy(PATHFIXER).Path) in str(folder)
    wait_for(SCIDOG).command_inout("Save", '{"name": "empty", "items": []}')
    tango.DeviceProxy(SCIDOG).Configuration = "empty"
    assert tango.DeviceProxy(SCIDOG).Revision == 1
    fly = wait_for(SCIFLY)
    raw = str(tango.DeviceProxy(PATHFIXER).Path)
    wait_until(lambda: str(fly.WatchedPath) == raw, "SciFly follows PathFixer", 20)


@pytest.mark.parametrize(("server", "device"), sorted(SERVERS.items()))
def test_it_is_stopped_and_started_again(astor: tango.DeviceProxy, server: str, device: str) -> None:
    wait_for(device)
    astor.command_inout("DevStop", server)
    wait_until(lambda: gone(device), f"{server} has stopped", 20)
    start_again(astor, server)
    wait_for(device)
    wait_until(lambda: server in running(astor), f"the Starter sees {server} run", 30)


def test_a_server_that_was_killed_comes_back_as_it_was(astor: tango.DeviceProxy) -> None:
    path = set_proposal(wait_for(PATHFIXER))
    astor.command_inout("HardKillServer", "PathFixer/b303a")
    wait_until(lambda: gone(PATHFIXER), "PathFixer was killed", 20)
    start_again(astor, "PathFixer/b303a")
    proxy = wait_for(PATHFIXER)
    same = quiet(lambda: (proxy.Proposal, proxy.SamplePath) == (PROPOSAL, str(path)), tango.DevFailed)
    wait_until(same, "the active proposal and sample are back", 20)


def test_the_starter_shows_the_logs_of_a_server(astor: tango.DeviceProxy) -> None:
    assert "PathFixer" in str(astor.command_inout("DevReadLog", "PathFixer/b303a"))


def test_after_a_power_cut_the_registered_levels_start_by_themselves(
    astor: tango.DeviceProxy, host: Starter
) -> None:
    path = set_proposal(wait_for(PATHFIXER))
    host.power_off()
    assert all(gone(device) for device in SERVERS.values())
    again = host.start()
    for device in SERVERS.values():
        wait_for(device)
    wait_until(lambda: running(again) >= set(SERVERS), "the Starter sees all three servers run", 30)
    assert str(wait_for(PATHFIXER).SamplePath) == str(path)
