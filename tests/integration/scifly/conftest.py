from collections.abc import Iterator
from pathlib import Path

import pytest

from scizoo.facility.tango import tango_database
from support.tango.chain import Chain, chain


@pytest.fixture(scope="session")
def tango_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with tango_database(tmp_path_factory.mktemp("database")) as host:
        yield host


@pytest.fixture
def beamline(tmp_path: Path, tango_host: str) -> Iterator[Chain]:
    with chain(tmp_path, tango_host) as made:
        yield made
