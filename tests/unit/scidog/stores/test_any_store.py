"""The folder is a store as all others are."""

from pathlib import Path

import pytest

from scidog import FolderStore
from support.scidog.any_store import Open, StoreSuite


class TestFolder(StoreSuite):
    @pytest.fixture
    def opened(self, tmp_path: Path) -> Open:
        return lambda: FolderStore(tmp_path)
