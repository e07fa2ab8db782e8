"""Clients that read a device's attributes without a pause, while a test does something with it."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import tango

CLIENTS = 4
LEAST = 100  # reads of each client, or the test has shown nothing


@contextmanager
def many_readers(device: str, names: Sequence[str]) -> Iterator[None]:
    """Let clients read these attributes meanwhile; raises the error of one whose read has failed."""
    done = threading.Event()

    def read(_: int) -> int:
        number = 0
        with tango.EnsureOmniThread():
            proxy = tango.DeviceProxy(device)
            while not done.is_set():
                for name in names:
                    proxy.read_attribute(name)
                    number += 1
        return number

    with ThreadPoolExecutor(CLIENTS) as pool:
        reading = pool.map(read, range(CLIENTS))
        try:
            yield
        finally:
            done.set()
        assert min(reading) > LEAST
