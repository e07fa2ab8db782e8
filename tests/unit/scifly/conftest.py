from pathlib import Path

import pytest

from scifly import Habits
from support.scifly.folders import Beamline


@pytest.fixture
def beamline(tmp_path: Path) -> Beamline:
    return Beamline(tmp_path, Habits(linger=0.0))
