from collections.abc import Iterator
from pathlib import Path

import pytest

from sdm import ProposalsSettings
from sdm.testing.simulator import Simulator
from support.sdm.offices import TOKEN, ZONE, entry, office_settings, write_proposals

SUMMER = {"beamline": "demo", "begin": "2026-07-01 08:00:00", "end": "2026-07-04 08:00:00"}
WINTER = {"beamline": "b303a", "begin": "2027-01-11 08:00:00", "end": "2027-01-14 20:30:00"}


@pytest.fixture
def proposals(tmp_path: Path) -> Path:
    return write_proposals(
        tmp_path / "proposals.yaml",
        entry("20260001", beamlines=["demo", "b303a"], visits=[SUMMER, WINTER], abstract="Å, µ and 文"),
        entry("20260003", code="IN", visits=[SUMMER]),
    )


@pytest.fixture
def simulator(proposals: Path) -> Iterator[Simulator]:
    with Simulator(proposals, TOKEN, zone=ZONE) as running:
        yield running


@pytest.fixture(params=["file", "duo", "scicat"])
def settings(request: pytest.FixtureRequest, simulator: Simulator, tmp_path: Path) -> ProposalsSettings:
    """Settings of each source in turn; all know the same proposals."""
    return office_settings(str(request.param), simulator, tmp_path)
