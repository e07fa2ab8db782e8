"""What the integration tests of several parts use."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.kafka.secure import SecureKafka, secure_kafka
from support.wheel import build_wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    """A broker with TLS, passwords and rights."""
    with secure_kafka(tmp_path_factory.mktemp("secured")) as running:
        yield running
