"""Recording processes that are killed while their scans become proprietary: nothing of them is anywhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.scicow.ingest import running_minicat
from support.scicow.run import Site
from support.scifish.secret_scans import OFFICE, late, run

KILLS = 20


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("minicat")


@pytest.fixture(scope="module")
def own_catalogue(store: Path) -> Iterator[str]:
    with running_minicat(store) as url:
        yield url


@pytest.mark.parametrize("transport", ["outbox", "kafka"])
def test_of_a_scan_that_became_proprietary_no_byte_stays_and_none_is_misfiled(
    transport: str, tmp_path: Path, own_catalogue: str, store: Path, request: pytest.FixtureRequest
) -> None:
    bootstrap = request.getfixturevalue("bootstrap") if transport == "kafka" else ""
    site = Site(tmp_path / "site", own_catalogue, bootstrap)
    site.office(OFFICE)
    with site.scicow() as scicow:
        found = run(site, scicow, KILLS, 1 if bootstrap else 2, [store])
    assert found.wrong == []
    assert found.kills == KILLS
    assert len(found.of("secret")) > 5
    assert len(found.of("own")) > 2
    assert late(found, site, 2.0) == [], "named two seconds before its process was killed"
