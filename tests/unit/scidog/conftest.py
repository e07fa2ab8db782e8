from pathlib import Path

import pytest

from scidog import FolderStore
from support.scidog.store import Dog


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path)


@pytest.fixture
def dog(tmp_path: Path) -> Dog:
    return Dog(tmp_path)
