"""The account's rights, tried out at the shipped catalogue."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scicow.backend.permissions import check_rights, missing_rights
from scicow.backend.traits import PROBE
from scicow.scicat.client import ScicatClient
from scicow.settings.catalogue import IngestSettings
from sdm.errors import LoginRefused
from support.scicow.ingest import running_minicat, scicat_settings


@pytest.fixture(scope="module")
def minicat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One of its own: what other tests see is no business of the probe dataset."""
    with running_minicat(tmp_path_factory.mktemp("minicat")) as url:
        yield url


def client(url: str, folder: Path, username: str) -> ScicatClient:
    return ScicatClient(scicat_settings(url, folder, username=username))


def test_an_admin_has_all_rights_and_leaves_nothing_behind(minicat: str, tmp_path: Path) -> None:
    with client(minicat, tmp_path, "ingestor") as scicat:
        rights = check_rights(scicat, IngestSettings())
        assert [(right.name, right.ok) for right in rights] == [
            ("create", True),
            ("read back", True),
            ("patch", True),
            ("remove", True),
        ]
        assert scicat.dataset(PROBE) is None


def test_an_account_that_is_only_privileged_is_told_what_it_lacks(minicat: str, tmp_path: Path) -> None:
    with client(minicat, tmp_path, "privileged") as scicat:
        missing = missing_rights(check_rights(scicat, IngestSettings()))
        assert [right.name for right in missing] == ["read back", "patch"]
        assert "ADMIN_GROUPS" in missing[0].advice
        assert "only privileged" in missing[0].advice
        again = check_rights(scicat, IngestSettings())  # the probe is there: created before, so allowed
        assert again[0].ok
    with client(minicat, tmp_path, "ingestor") as admin:
        left = admin.dataset(PROBE)
    assert left is not None
    assert not left.get("scientificMetadata")  # with some, two SciCows that start can end SciCat's master


def test_a_plain_visitor_may_not_create(minicat: str, tmp_path: Path) -> None:
    with client(minicat, tmp_path, "visitor") as scicat:
        missing = missing_rights(check_rights(scicat, IngestSettings()))
    assert [right.name for right in missing] == ["create"]
    assert "CREATE_DATASET_WITH_PID_GROUPS" in missing[0].advice


def test_an_account_with_the_owner_groups_as_roles_passes_with_such_a_group(
    minicat: str, tmp_path: Path
) -> None:
    with client(minicat, tmp_path, "ingestor") as admin:
        if admin.dataset(PROBE) is not None:
            admin.delete_dataset(PROBE)
    with client(minicat, tmp_path, "owner") as scicat:
        rights = check_rights(scicat, IngestSettings(rights_group="20260001-group"))
        assert missing_rights(rights) == []
        assert [right.name for right in rights if not right.ok] == ["remove"]


def test_a_pid_that_the_site_refuses_is_named(minicat: str, tmp_path: Path) -> None:
    with client(minicat, tmp_path, "ingestor") as scicat:
        missing = missing_rights(check_rights(scicat, IngestSettings(pid_prefix="20.500.1/")))
    assert "ingest.pid_prefix" in missing[0].advice
    assert "20.500.1/" in missing[0].advice


def test_several_scicows_may_start_at_once(minicat: str, tmp_path: Path) -> None:
    with client(minicat, tmp_path, "ingestor") as scicat, ThreadPoolExecutor(2) as pool:
        for found in pool.map(lambda _: check_rights(scicat, IngestSettings()), range(6)):
            assert missing_rights(found) == []


def test_a_wrong_password_is_no_question_of_rights(minicat: str, tmp_path: Path) -> None:
    with client(minicat, tmp_path, "nobody") as scicat, pytest.raises(LoginRefused):
        check_rights(scicat, IngestSettings())
