from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from minicat import Settings, User, make_app
from minicat.store import DocumentStore
from support.scicat.minicat_inprocess import InProcess, in_process


@pytest.fixture
def store() -> Iterator[DocumentStore]:
    store = DocumentStore()
    yield store
    store.close()


@pytest.fixture
def settings() -> Settings:
    users = (
        User(username="admin", password=SecretStr("right"), groups=("admin",)),
        User(username="ada", password=SecretStr("word"), groups=("g1",), email="ada@example.org"),
    )
    return Settings(users=users)


@pytest.fixture
def proposal() -> Callable[..., dict[str, Any]]:
    def make(**fields: Any) -> dict[str, Any]:
        return {"ownerGroup": "g1", "proposalId": "1", "email": "a@b.org", "title": "t", **fields}

    return make


@pytest.fixture
def client(settings: Settings, store: DocumentStore) -> Iterator[InProcess]:
    """An administrator's client of the application, without a socket."""
    with in_process(make_app(settings, store)) as client:
        client.login()
        yield client
