"""An installed wheel with the devices' extra only: what a host of Tango servers has."""

from pathlib import Path

import pytest

from support.wheel import install_wheel


@pytest.fixture(scope="session")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the installed programs."""
    return install_wheel(wheel, tmp_path_factory.mktemp("installed"), "devices")
