from collections.abc import Iterator

import pytest

from support.elogy import Elogy, elogy


@pytest.fixture(autouse=True)
def _traits() -> None:
    """Replace the one of SciCat's contract: a logbook needs no catalogue."""


@pytest.fixture(scope="session")
def server() -> Iterator[Elogy]:
    with elogy() as server:
        yield server


@pytest.fixture
def book(server: Elogy) -> Iterator[Elogy]:
    """The logbook server; what a test made is archived after it."""
    yield server
    server.clean()
