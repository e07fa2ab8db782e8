"""A database that answers late holds up only who asks it; one that is too slow is told, and loses nothing."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tango

from scidog import Library, Reference
from scidog.errors import StoreError
from scidog.stores.mongo_store import MongoStore
from scizoo.facility.processes import HOST
from support.mongo.server import Mongo
from support.scidog.slow_relay import SlowRelay, slow_relay
from support.scidog.store import configuration
from support.tango.servers import TangoServer

pytestmark = pytest.mark.mongo
LATE = 0.5  # seconds
AT_ONCE = 0.3  # seconds; less than one answer of the database


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[SlowRelay]:
    with Mongo(tmp_path / "mongo") as database, slow_relay(database.port) as made:
        yield made


def test_reads_do_not_wait_for_a_slow_database(scidog: TangoServer, relay: SlowRelay, tmp_path: Path) -> None:
    properties: object = {
        "Store": [f"mongodb://{HOST}:{relay.port}/scidog"],
        "StateFolder": [str(tmp_path / "state")],
    }
    tango.Database().put_device_property(scidog.device, properties)  # type: ignore[arg-type]
    device = scidog.start()
    device.set_timeout_millis(60_000)
    assert device.Save(configuration(budget=1).model_dump_json()) == 1
    device.Configuration = "default"
    relay.delay = LATE
    with ThreadPoolExecutor(1) as pool:
        saving = pool.submit(device.Save, configuration(revision=1, budget=2).model_dump_json())
        reader, took = tango.DeviceProxy(scidog.device), []
        while not saving.done():
            begun = time.monotonic()
            assert '"budget":' in reader.Document
            took.append(time.monotonic() - begun)
        assert saving.result() == 2
    assert sorted(took)[int(len(took) * 0.99)] < AT_ONCE
    assert (device.Revision, device.State()) == (2, tango.DevState.ON)


def test_one_that_is_too_slow_is_told_and_what_it_took_is_there(relay: SlowRelay) -> None:
    store = MongoStore(f"mongodb://{HOST}:{relay.port}/scidog", works=1.0)
    library = Library(store)
    assert library.save(configuration(budget=1)) == 1
    relay.delay = 3.0
    with pytest.raises(StoreError, match=r"no answer within 1 s.*SciDog goes on when it works again"):
        library.save(configuration(revision=1, budget=2))
    relay.delay = 0.0
    saved = library.save(configuration(revision=1, budget=2))
    assert library.revisions("default") == [1, saved] == [1, 2]
    assert library.load(Reference("default")).budget == 2
    store.close()
