from collections.abc import Iterator
from pathlib import Path

import pytest

from scizoo.facility.tango import tango_database
from support.scidog.store import DEVICE
from support.tango.servers import TangoServer, console


@pytest.fixture(scope="session")
def tango_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with tango_database(tmp_path_factory.mktemp("database")) as host:
        yield host


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    return folder


@pytest.fixture
def scidog(tango_host: str, store: Path, tmp_path: Path) -> Iterator[TangoServer]:
    """A registered SciDog that the test starts; its store is `store`."""
    server = TangoServer(
        [console("SciDog"), "test"],
        DEVICE,
        {"Store": str(store), "CheckPeriod": "0.2"},
        tango_host=tango_host,
        log=tmp_path / "scidog.log",
    ).register("SciDog")
    yield server
    server.child.stop()
