"""Services of tests: one that runs already and an environment variable names, or one of our own."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from scizoo.facility.kafka import Kafka
from scizoo.facility.service import LocalService
from support.mongo.server import Mongo


def kafka(folder: Path) -> AbstractContextManager[str]:
    """Give the address of a broker: the one that SCIZOO_KAFKA names, else one of our own in `folder`."""
    return named_or_own("SCIZOO_KAFKA", lambda: Kafka(folder), lambda broker: str(broker.bootstrap))


def mongo(folder: Path) -> AbstractContextManager[str]:
    """Give the URI of a server: the one that SCIZOO_MONGODB names, else one of our own in `folder`."""
    return named_or_own("SCIZOO_MONGODB", lambda: Mongo(folder), lambda server: str(server.uri))


@contextmanager
def named_or_own(
    variable: str, own: Callable[[], LocalService], address: Callable[[Any], str]
) -> Iterator[str]:
    """Give the address that an environment variable names, else that of a service of our own."""
    named = os.environ.get(variable)
    if named:
        yield named
        return
    with own() as service:
        yield address(service)
