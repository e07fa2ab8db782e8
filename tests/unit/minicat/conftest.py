from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from minicat import Settings, User
from minicat.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
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
