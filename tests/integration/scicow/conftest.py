"""A broker and a catalogue for SciCow's tests, each started once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.running_services import kafka
from support.scicow.ingest import running_minicat
from support.scicow.run import Site


@pytest.fixture(scope="session")
def bootstrap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with kafka(tmp_path_factory.mktemp("kafka")) as address:
        yield address


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_minicat(tmp_path_factory.mktemp("catalogue")) as url:
        yield url


@pytest.fixture
def site(tmp_path: Path, catalogue: str, bootstrap: str) -> Site:
    return Site(tmp_path / "site", catalogue, bootstrap)


@pytest.fixture
def outbox_site(tmp_path: Path, catalogue: str) -> Site:
    return Site(tmp_path / "site", catalogue)
