from pathlib import Path

import pytest

from support.scidog.store import Dog, Folder


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def dog(tmp_path: Path) -> Dog:
    return Dog(tmp_path)
