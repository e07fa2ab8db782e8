"""The index of live devices: what hangs, dies and comes back, and a database that lets nobody select."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import tango

from scidog.errors import NoAnswerError
from scidog.search.device_index import DeviceIndex
from scidog.search.index_file import IndexFile
from scidog.search.indexer import Indexer
from scidog.search.tango_devices import TangoDevices
from scizoo.facility.processes import quiet, wait_until
from scizoo.facility.tango import TangoDatabase
from scizoo.facility.tango import tango_host as database_in_use
from support.clock import SLOW
from support.tango.beamline import SimulatedServer, frozen, simulated_servers

MANY = 200


@pytest.fixture(scope="module")
def simulated(
    tango_host: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, SimulatedServer]]:
    with simulated_servers(tmp_path_factory.mktemp("indexed"), tango_host, crowd=MANY, few=2) as servers:
        tango.Database().put_device_alias("sim/few/1", "fewer")
        yield servers
        tango.Database().delete_device_alias("fewer")


@pytest.fixture
def index(simulated: dict[str, SimulatedServer], tmp_path: Path) -> Iterator[DeviceIndex]:
    found = DeviceIndex()
    file = IndexFile(tmp_path / "index.jsonl", "test")
    indexer = Indexer(found, TangoDevices(), file, 3600, look_every=0.2, check_every=0.5).start()
    yield found
    indexer.close()


def states(index: DeviceIndex, server: str) -> set[str]:
    return {one.state for one in index.view().devices if one.listed.server == f"Simulated/{server}"}


def test_200_frozen_devices_hold_up_nobody_and_are_found_when_they_go_on(
    index: DeviceIndex, simulated: dict[str, SimulatedServer]
) -> None:
    wait_until(lambda: states(index, "crowd") == {"running"}, "all are indexed", 60)
    with simulated["crowd"].frozen():
        wait_until(lambda: states(index, "crowd") == {"not answering"}, "it is noticed", 60)
        simulated["few"].child.stop()
        wait_until(lambda: states(index, "few") == {"not running"}, "the index goes on", 60)
        simulated["few"].start().wait()
        wait_until(lambda: states(index, "few") == {"running"}, "also with a server that starts", 60)
        assert all(one.attributes for one in index.view().devices if one.listed.name.startswith("sim/crowd"))
    wait_until(lambda: states(index, "crowd") == {"running"}, "they are indexed again", 60)


def test_frozen_from_the_beginning_they_cost_one_wait(
    simulated: dict[str, SimulatedServer], tmp_path: Path
) -> None:
    index = DeviceIndex()
    indexer = Indexer(index, TangoDevices(), IndexFile(tmp_path / "i.jsonl", "test"), 3600)
    with simulated["crowd"].frozen():
        begun = time.monotonic()
        indexer.look()
        assert time.monotonic() - begun < 6 * SLOW
        assert (states(index, "few"), states(index, "crowd")) == ({"running"}, {"not answering"})
        assert index.view().state(time.time()).complete


def test_a_killed_server_is_not_running_although_it_is_exported(
    index: DeviceIndex, simulated: dict[str, SimulatedServer]
) -> None:
    wait_until(lambda: states(index, "few") == {"running"}, "it is indexed", 60)
    simulated["few"].child.kill()
    wait_until(lambda: states(index, "few") == {"not running"}, "its end is noticed", 60)
    simulated["few"].start().wait()
    wait_until(lambda: states(index, "few") == {"running"}, "its start is noticed", 60)


def test_a_database_that_lets_nobody_select_is_asked_device_by_device(
    simulated: dict[str, SimulatedServer],
) -> None:
    at_once = {one.name: one for one in TangoDevices().listed()}

    asks = TangoDevices(select="SELECT name FROM a_table_that_nobody_may_read")
    for _ in range(2):
        found = {one.name: one for one in asks.listed()}
        assert found.keys() == at_once.keys()
        for name, one in found.items():
            known = at_once[name]
            assert (one.alias, one.device_class, one.server, one.exported) == (
                known.alias, known.device_class, known.server, known.exported,
            )  # fmt: skip
    assert found["sim/few/1"].alias == "fewer"


def test_what_does_not_answer_says_whether_it_runs(simulated: dict[str, SimulatedServer]) -> None:
    asks = TangoDevices()
    with pytest.raises(NoAnswerError) as caught:
        asks.attributes("sim/none/1")
    assert not caught.value.running
    tango.Database().add_device(_registered("sim/absent/1"))
    with pytest.raises(NoAnswerError, match="its server does not run") as caught:
        asks.attributes("sim/absent/1")
    assert not caught.value.running
    tango.Database().delete_device("sim/absent/1")


def _registered(name: str) -> tango.DbDevInfo:
    info = tango.DbDevInfo()
    info.server, info._class, info.name = "Simulated/absent", "Simulated", name
    return info


def test_a_database_that_is_frozen_is_told_within_seconds(tmp_path: Path) -> None:
    database = TangoDatabase(tmp_path).start()
    try:
        with database_in_use(database.host):
            asks = TangoDevices()
            assert asks.listed()
            with frozen(database.child), pytest.raises(NoAnswerError):
                asks.listed()
            wait_until(quiet(asks.listed, NoAnswerError), "it answers again", 30)
    finally:
        database.stop()
