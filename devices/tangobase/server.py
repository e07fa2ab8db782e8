"""Runs a Tango server that ends on SIGTERM and Ctrl-C, whatever the Tango database does."""

import logging
import os
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tango.server import Device

LOG_LINE = "%(asctime)s %(levelname)s %(message)s"
ENDS_WITHIN = 8.0  # seconds from SIGTERM; the devices' own ends take up to 4
TANGO_ENDS_WITHIN = 1.0  # seconds after the devices' own ends
LOOKS_EVERY = 0.5  # seconds

living: set[str] = set()
"""The names of this process's devices that have begun and not ended."""


def serve(device: "type[Device]") -> None:
    """Run the Tango server of a device class until SIGTERM; what happens is logged to stderr, a line each."""
    logging.basicConfig(level=logging.INFO, format=LOG_LINE)
    threading.Thread(target=_end_in_time, name="end in time", daemon=True).start()
    device.run_server()


def _end_in_time() -> None:
    """Exit when Tango does not: it waits for a database that is frozen, and for our calls to other devices.

    What a device must not lose is on the disk before it answers, so a kill -9 would lose no more.
    """
    pause = threading.Event()
    while not _told_to_end():
        pause.wait(LOOKS_EVERY)
    until = time.monotonic() + ENDS_WITHIN
    while living and time.monotonic() < until:
        pause.wait(LOOKS_EVERY / 10)
    pause.wait(min(TANGO_ENDS_WITHIN, until - time.monotonic()))
    os._exit(0)


def _told_to_end() -> bool:
    import tango

    try:
        return bool(tango.Util.instance(False).is_svr_shutting_down())
    except tango.DevFailed:  # it has not begun yet
        return False
