"""What `scicow check` finds at minicat or the real SciCat that SCICAT_URL names."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scicow.backend.permissions import check_rights, link_rights, missing_rights
from scicow.backend.traits import PROBE, create_probe, remove_probe, traits_of
from scicow.cli.check import checks
from scicow.scicat.client import ScicatClient
from scicow.settings.catalogue import IngestSettings
from scicow.settings.model import SciCowSettings
from support.scicow.ingest import Place, owner, scicat_settings

TRAITS = ["conditional patch", "merge-patch", "counts reset", "encoded keys", "SI values"]


@pytest.fixture
def settings(place: Place, tmp_path: Path) -> SciCowSettings:
    url, account = place
    (tmp_path / "proposals.yaml").write_text("{}")
    return SciCowSettings.model_validate(
        {
            "source": "outbox",
            "outbox": {"path": tmp_path / "outbox.sqlite"},
            "scicat": {"url": url, "username": account.username, "password": account.password},
            "proposals": {"source": "file", "zone": "UTC", "file": {"path": tmp_path / "proposals.yaml"}},
        }
    )


@pytest.fixture
def client(place: Place, tmp_path: Path) -> Iterator[ScicatClient]:
    with ScicatClient(scicat_settings(place[0], tmp_path, place[1].username, place[1].password)) as made:
        yield made


def test_all_is_well_with_an_admins_account(settings: SciCowSettings) -> None:
    found = list(checks(settings))
    assert [(part, problem) for part, problem, _ in found if problem] == []
    told = {part: text for part, _, text in found}
    assert told["rights"] == "create, read back, patch"
    assert told["links"] == "may make proposals, samples, instruments"
    assert [part for part in told if part.startswith("trait ")] == [f"trait {one}" for one in TRAITS]


def test_an_admin_has_all_rights_and_leaves_nothing_behind(client: ScicatClient) -> None:
    for _ in range(2):
        assert all(right.ok for right in check_rights(client, IngestSettings()))
    assert missing_rights(link_rights(client, IngestSettings())) == []
    assert client.dataset(PROBE) is None


def test_the_traits_are_the_same_at_a_probe_that_was_left_behind(client: ScicatClient) -> None:
    first = traits_of(client, IngestSettings())
    create_probe(client, IngestSettings())
    assert traits_of(client, IngestSettings()) == first
    assert not [one for one in first if one.wrong]
    assert {one.name: one.there for one in first}["merge-patch"]
    assert client.dataset(PROBE) is None


def test_a_scicow_that_starts_takes_no_probe_from_a_check(client: ScicatClient) -> None:
    first = traits_of(client, IngestSettings())
    with ThreadPoolExecutor(1) as other:
        starting = other.submit(lambda: [check_rights(client, IngestSettings()) for _ in range(10)])
        while not starting.done():
            assert traits_of(client, IngestSettings()) == first
    assert all(not missing_rights(one) for one in starting.result())


def test_an_account_that_may_not_remove_shares_the_probe(
    client: ScicatClient, place: Place, tmp_path: Path
) -> None:
    """It leaves the probe behind, which another SciCow may remove at any moment."""
    if (found := owner()) is None:
        pytest.skip("needs SCICAT_INGESTOR_USER and SCICAT_INGESTOR_PASSWORD")
    account, group = found
    settings = IngestSettings(rights_group=group)
    (home := tmp_path / "owner").mkdir()
    with (
        ScicatClient(scicat_settings(place[0], home, account.username, account.password)) as poor,
        ThreadPoolExecutor(1) as other,
    ):
        first = traits_of(poor, settings)
        assert not [one for one in first if one.wrong]
        assert client.dataset(PROBE) is not None
        starting = other.submit(lambda: [check_rights(client, settings) for _ in range(5)])
        while not starting.done():
            assert missing_rights(check_rights(poor, settings)) == []
            assert traits_of(poor, settings) == first
        assert all(not missing_rights(one) for one in starting.result())
    create_probe(client, settings)
    remove_probe(client, settings)
