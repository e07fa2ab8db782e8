from pathlib import Path

import pytest

from pathfixer.authority.authority import PathAuthority
from pathfixer.settings import Properties, open_authority
from support.pathfixer.desk import Desk
from support.sdm.offices import entry, write_proposals, write_settings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def authority(tmp_path: Path, root: Path) -> PathAuthority:
    write_proposals(
        tmp_path / "proposals.yaml",
        entry("20260001"),
        entry("20260002", category="staff", group=None, visits=[]),
    )
    config = write_settings(tmp_path / "sdm.yaml")
    return open_authority(Properties("Demo", str(root), str(config), "0o2750", 12.0))


@pytest.fixture
def desk(authority: PathAuthority, tmp_path: Path) -> Desk:
    made = Desk(authority, tmp_path)
    made.changes.begin(None, 30)
    return made
