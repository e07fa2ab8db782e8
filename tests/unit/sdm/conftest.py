from pathlib import Path

import pytest

from sdm.offices.cache_store import CacheStore
from support.sdm.fakes import Clock, Office


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> CacheStore:
    return CacheStore(tmp_path / "cache")
