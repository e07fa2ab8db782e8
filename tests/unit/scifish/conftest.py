"""Settings in a folder of the test's own, and a recorder that knows its beamline."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from scifish.runtime import Runtime
from scifish.settings.model import SciFishSettings
from support.scifish.recorder import recorder, settings_in


@pytest.fixture
def settings(tmp_path: Path) -> SciFishSettings:
    return settings_in(tmp_path)


@pytest.fixture
def shared(settings: SciFishSettings) -> Iterator[Runtime]:
    with recorder(settings) as parts:
        yield parts
