"""SciDog over MongoDB: what is active is served while the database is away, and nothing is lost."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import tango
from pymongo import MongoClient

from scizoo.facility.processes import wait_until
from support.mongo.server import Mongo
from support.scidog.store import DEVICE, configuration
from support.tango.servers import TangoServer, console

pytestmark = pytest.mark.mongo


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Mongo]:
    with Mongo(tmp_path / "mongo") as server:
        yield server


@pytest.fixture
def dog(database: Mongo, tango_host: str, tmp_path: Path) -> Iterator[TangoServer]:
    properties = {
        "Store": f"{database.uri}scidog",
        "StateFolder": str(tmp_path / "state"),
        "CheckPeriod": "0.2",
        "LookPeriod": "0.2",
    }
    server = TangoServer(
        [console("SciDog"), "test"], DEVICE, properties, tango_host=tango_host, log=tmp_path / "scidog.log"
    ).register("SciDog")
    yield server
    server.child.stop()


@pytest.mark.parametrize("end", [Mongo.kill, Mongo.stop], ids=["killed", "stopped"])
def test_a_database_that_goes_away_is_told_and_comes_back_by_itself(
    database: Mongo, dog: TangoServer, end: Callable[[Mongo], None]
) -> None:
    proxy = dog.start()
    proxy.set_timeout_millis(30_000)
    assert proxy.State() == tango.DevState.STANDBY
    assert proxy.Save(configuration(budget=1).model_dump_json()) == 1
    proxy.Configuration = "default"
    end(database)
    wait_until(lambda: proxy.State() == tango.DevState.ALARM, "it is noticed", 30)
    assert "SciDog goes on when it works again" in proxy.Status()
    with pytest.raises(tango.DevFailed, match="goes on when it works again"):
        proxy.Save(configuration(revision=1, budget=2).model_dump_json())
    dog.child.kill()
    proxy = dog.start()
    proxy.set_timeout_millis(30_000)
    assert '"budget":1.0' in proxy.Document
    assert proxy.State() == tango.DevState.ALARM
    database.start()
    wait_until(lambda: proxy.State() == tango.DevState.ON, "it goes on", 30)
    assert list(proxy.Revisions("default")) == [1]
    assert proxy.Save(configuration(revision=1, budget=2).model_dump_json()) == 2
    assert proxy.Revision == 2


def test_a_revision_that_the_database_rolled_back_is_told_and_its_number_not_given_again(
    database: Mongo, dog: TangoServer
) -> None:
    """What `w=1` risks: a replica without the newest revision becomes primary."""
    proxy = dog.start()
    proxy.set_timeout_millis(30_000)
    proxy.Save(configuration(budget=1).model_dump_json())
    proxy.Save(configuration(revision=1, budget=2).model_dump_json())
    proxy.Configuration = "default"
    with MongoClient[dict[str, object]](database.uri) as client:
        rolled_back = {"name": "default", "revision": 2}
        assert client["scidog"]["revisions"].delete_one(rolled_back).deleted_count == 1
    told = "default: revision 2 was in the store and is not any more (the newest there is 1)"
    wait_until(lambda: told in proxy.Status(), "it is noticed", 30)
    dog.child.kill()  # also by a SciDog that was started after it
    proxy = dog.start()
    proxy.set_timeout_millis(30_000)
    assert (proxy.State(), told in proxy.Status()) == (tango.DevState.ALARM, True)
    assert (proxy.Revision, '"budget":2.0' in proxy.Document) == (2, True)
    assert proxy.Save(configuration(revision=1, budget=2).model_dump_json()) == 3
    proxy.Init()
    assert (proxy.State(), proxy.Revision) == (tango.DevState.ON, 3)


def test_a_database_without_a_state_folder_is_a_fault(dog: TangoServer) -> None:
    tango.Database().put_device_property(DEVICE, {"StateFolder": [""]})
    proxy = dog.start()
    assert (proxy.State(), "StateFolder is empty" in proxy.Status()) == (tango.DevState.FAULT, True)
