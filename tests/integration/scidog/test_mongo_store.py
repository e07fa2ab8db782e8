"""MongoDB is a store as the folder is; a server that is killed, hangs or is silent loses nothing."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.errors import AutoReconnect

from scidog import Library, Reference
from scidog.errors import InvalidConfigurationError, RevisionConflictError, StoreError
from scidog.stores.mongo_store import MongoStore
from scizoo.facility.processes import HOST, free_port
from support.mongo.server import Mongo
from support.running_services import mongo
from support.scidog.any_store import Open, StoreSuite
from support.scidog.store import configuration
from support.tango.beamline import freeze
from tangobase.errors import PropertyError

pytestmark = pytest.mark.mongo


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with mongo(tmp_path_factory.mktemp("mongo")) as uri:
        yield uri


class Opened:
    """Opens stores of one database, and closes them."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._stores: list[MongoStore] = []
        self._lock = threading.Lock()

    def __call__(self) -> MongoStore:
        store = MongoStore(self.uri)
        with self._lock:
            self._stores.append(store)
        return store

    def close(self) -> None:
        for store in self._stores:
            store.close()


@pytest.fixture
def opened(server: str, request: pytest.FixtureRequest) -> Iterator[Opened]:
    database = f"test{abs(hash(request.node.nodeid))}"
    stores = Opened(f"{server}{database}?w=1")
    yield stores
    stores.close()
    with MongoClient[dict[str, object]](server) as client:
        client.drop_database(database)


class TestMongo(StoreSuite):
    @pytest.fixture
    def opened(self, opened: Open) -> Open:
        return opened


@pytest.mark.parametrize("end", [Mongo.kill, Mongo.stop], ids=["killed", "stopped"])
def test_a_server_that_ends_loses_nothing_that_was_saved(
    tmp_path: Path, end: Callable[[Mongo], None]
) -> None:
    with Mongo(tmp_path) as server:
        store = MongoStore(f"{server.uri}scidog")
        library = Library(store)
        assert library.save(configuration(budget=1)) == 1
        end(server)
        with pytest.raises(
            StoreError, match=r"^mongodb://127.*: cannot be read \(.*SciDog goes on when it works"
        ):
            library.save(configuration(revision=1, budget=2))
        server.start()
        assert library.revisions("default") == [1]
        assert library.save(configuration(revision=1, budget=2)) == 2
        store.close()


def test_a_number_whose_answer_is_lost_is_ours_when_it_is_there(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened()
    collection = store._collection
    insert = collection.insert_one

    def lost(document: dict[str, object]) -> None:
        insert(document)
        raise AutoReconnect("connection closed")

    monkeypatch.setattr(store, "_collection", _Other(collection, insert_one=lost))
    assert Library(store).save(configuration(budget=1)) == 1
    assert Library(opened()).load(Reference("default")).budget == 1


class _Other:
    """An object with some of its methods replaced."""

    def __init__(self, inner: object, **replaced: object) -> None:
        self._inner = inner
        self.__dict__.update(replaced)

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)


def test_a_server_that_takes_connections_and_never_answers_is_told_in_time() -> None:
    with socket.socket() as silent:
        silent.bind((HOST, 0))
        silent.listen()
        uri = f"mongodb://alice:secret@{HOST}:{silent.getsockname()[1]}/scidog"
        store = MongoStore(uri, answers=0.3)
        with pytest.raises(StoreError, match=r"no server answers within 0\.3 s") as caught:
            store.check()
        store.close()
    assert "secret" not in str(caught.value)


def test_a_server_that_hangs_is_told_in_time_and_works_again(tmp_path: Path) -> None:
    with Mongo(tmp_path) as server:
        store = MongoStore(f"{server.uri}scidog", works=1.0)
        library = Library(store)
        library.save(configuration(budget=1))
        freeze(server.child)
        with pytest.raises(StoreError, match=r"no (server )?answer"):
            library.save(configuration(revision=1, budget=2))
        os.kill(server.child.pid, signal.SIGCONT)
        saved = library.save(
            configuration(revision=1, budget=2)
        )  # the first may have come after all: the same
        assert library.revisions("default") == [1, saved] == [1, 2]
        store.close()


def test_a_damaged_revision_is_told(opened: Opened, server: str) -> None:
    library = Library(opened())
    library.save(configuration())
    with MongoClient[dict[str, object]](opened.uri) as client:
        revisions = client.get_default_database()["revisions"]
        revisions.update_one({"name": "default"}, {"$set": {"configuration": "{"}})
    with pytest.raises(InvalidConfigurationError, match="revision 1 of default is damaged"):
        Library(opened()).load(Reference("default"))


@pytest.mark.parametrize("uri", ["mongodb://", "mongodb://host:port/", "mongodb://a/b?w=x&nothing=1&ssl=2"])
def test_an_address_that_is_none_is_a_wrong_property(uri: str) -> None:
    with pytest.raises(PropertyError, match="the property Store is mongodb://"):
        MongoStore(uri)


@pytest.mark.parametrize(
    ("query", "concern"), [("", {"w": "majority", "j": True, "wtimeout": 5000}), ("?w=1", {"w": 1})]
)
def test_the_write_concern_is_the_addresss_or_the_majority(query: str, concern: dict[str, object]) -> None:
    store = MongoStore(f"mongodb://{HOST}:{free_port()}/scidog{query}")
    assert store._collection.write_concern.document == concern
    store.close()


def test_twenty_editors_lose_nothing(opened: Opened) -> None:
    """Each repeats its change on what is newest until it is saved."""
    Library(opened()).save(configuration())

    def edit(editor: int) -> None:
        library = Library(opened())
        for number in range(3):
            item = {"attribute": f"a/b/c/e{editor}n{number}"}
            while True:
                now = library.load(Reference("default"))
                items = [*now.items, item]
                try:
                    library.save(configuration(revision=now.revision, items=items), author=f"e{editor}")
                except RevisionConflictError:
                    continue
                break

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(edit, range(20)))
    found = Library(opened()).load(Reference("default"))
    assert len({item.attribute for item in found.items}) == 60
    assert found.revision == 61
