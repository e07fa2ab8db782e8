"""The exit of a process that records with several settings at once."""

import time

from scifish.runtime import close_runtimes, runtime
from scifish.settings.model import SciFishSettings
from support.clock import SLOW

WAIT = 1.0
MANY = 16


def test_an_exit_takes_one_exit_wait_in_all() -> None:
    """What is read for a scan's end hangs in each: sixteen half seconds would be eight."""
    close_runtimes()
    shared = [
        runtime(SciFishSettings(mode="null", orchestrator=f"{one}", exit_wait=WAIT)) for one in range(MANY)
    ]
    for one in shared:
        one.readings.begin()
    begun = time.monotonic()
    close_runtimes()
    assert time.monotonic() - begun < WAIT + SLOW
