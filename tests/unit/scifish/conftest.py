"""Settings in a folder of the test's own, and a recorder that knows its beamline."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scifish.runtime import Runtime
from scifish.settings.model import Settings
from support.scifish.recorder import recorder, settings_in


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def shared(settings: Settings) -> Iterator[Runtime]:
    with recorder(settings) as parts:
        yield parts
