"""The shipped catalogue as a process, a faulty way to it, and a second pair of eyes on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scicow.ingest.ingest import Ingestor
from scicow.scicat.client import ScicatClient
from support.scicat.fault_proxy import FaultProxy, fault_proxy
from support.scicow import ingest as scicow_ingest
from support.scicow.ingest import Place, ingestor, running_minicat, scicat_settings


@pytest.fixture(scope="session")
def minicat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_minicat(tmp_path_factory.mktemp("minicat")) as url:
        yield url


@pytest.fixture
def proxy(minicat: str) -> Iterator[FaultProxy]:
    with fault_proxy(minicat) as proxy:
        yield proxy


@pytest.fixture
def cow(proxy: FaultProxy, tmp_path: Path) -> Iterator[Ingestor]:
    """SciCow's ingest, on that way."""
    with ingestor(proxy.url, tmp_path) as made:
        yield made


@pytest.fixture
def catalogue(minicat: str, tmp_path: Path) -> Iterator[ScicatClient]:
    """A second client, which looks at what the ingest has made, and edits as a person does."""
    folder = tmp_path / "eyes"
    folder.mkdir()
    with ScicatClient(scicat_settings(minicat, folder)) as client:
        yield client


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The SciCat that SCICAT_URL names, else the shipped catalogue."""
    with scicow_ingest.catalogue(tmp_path_factory.mktemp("scicat")) as found:
        yield found


@pytest.fixture
def way(place: Place) -> Iterator[FaultProxy]:
    """A way to that catalogue on which requests are counted."""
    with fault_proxy(place[0]) as proxy:
        yield proxy


@pytest.fixture
def eyes(place: Place, tmp_path: Path) -> Iterator[ScicatClient]:
    """A second client there, which looks at what the ingest has made, and edits as a person does."""
    url, account = place
    (tmp_path / "eyes").mkdir()
    with ScicatClient(scicat_settings(url, tmp_path / "eyes", account.username, account.password)) as client:
        yield client
