from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sdm import ProposalsSettings
from sdm.testing.simulator import Simulator
from support.scicat.catalogue import Catalogue, minicat
from support.scicat.fault_proxy import fault_proxy
from support.sdm.offices import TOKEN, ZONE, entry, write_proposals
from support.sdm.sources import DuoSource, FileSource, ScicatSource, Source

SUMMER = {"beamline": "demo", "begin": "2026-07-01 08:00:00", "end": "2026-07-04 08:00:00"}
WINTER = {"beamline": "b303a", "begin": "2027-01-11 08:00:00", "end": "2027-01-14 20:30:00"}


@pytest.fixture
def entries() -> list[dict[str, Any]]:
    return [
        entry("20260001", beamlines=["demo", "b303a"], visits=[SUMMER, WINTER], abstract="Å, µ and 文"),
        entry("20260003", code="IN", visits=[SUMMER]),
    ]


@pytest.fixture
def proposals(tmp_path: Path, entries: list[dict[str, Any]]) -> Path:
    return write_proposals(tmp_path / "proposals.yaml", *entries)


@pytest.fixture
def simulator(proposals: Path) -> Iterator[Simulator]:
    with Simulator(proposals, TOKEN, zone=ZONE) as running:
        yield running


@pytest.fixture(scope="session")
def scicat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalogue]:
    with minicat(tmp_path_factory.mktemp("minicat"), "--database", ":memory:") as (running, _):
        yield running


@pytest.fixture(params=["file", "duo", "scicat"])
def source(request: pytest.FixtureRequest, tmp_path: Path, entries: list[dict[str, Any]]) -> Iterator[Source]:
    """Each source in turn; all know the same proposals."""
    made: Source
    if request.param == "file":
        made = FileSource(tmp_path)
        made.write(*entries)
        yield made
    elif request.param == "duo":
        made = DuoSource(tmp_path, request.getfixturevalue("simulator"))
        made.write(*entries)
        yield made
    else:
        catalogue: Catalogue = request.getfixturevalue("scicat")
        with fault_proxy(catalogue.url) as proxy, catalogue.login() as admin:
            made = ScicatSource(tmp_path, proxy, admin)
            made.write(*entries)
            yield made


@pytest.fixture
def settings(source: Source) -> ProposalsSettings:
    return source.settings
