"""A Tango database with simulated devices for the tests that read attributes."""

from collections.abc import Iterator

import pytest

from scizoo.tangodb import tango_database
from support.beamline import SimulatedServer, simulated_servers


@pytest.fixture(scope="session")
def tango_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with tango_database(tmp_path_factory.mktemp("tango")) as host:
        yield host


@pytest.fixture(scope="session")
def beamline(
    tango_host: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, SimulatedServer]]:
    """Three servers: `healthy` is left alone, `other` may be frozen, `victim` may be killed and restarted."""
    folder = tmp_path_factory.mktemp("devices")
    with simulated_servers(folder, tango_host, healthy=4, other=2, victim=1) as servers:
        yield servers
