"""What the integration tests of several parts use."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from support.browser import start
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


@pytest.fixture(scope="session")
def browsers() -> Iterator[Callable[[str], Browser]]:
    """Each browser, started when it is asked for; a process may have one Playwright."""
    started: dict[str, Browser] = {}
    with ExitStack() as stack:
        playwright = stack.enter_context(sync_playwright())

        def browser(name: str) -> Browser:
            if name not in started:
                started[name] = start(playwright, name)
                stack.callback(started[name].close)
            return started[name]

        yield browser
