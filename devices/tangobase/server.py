"""Runs a Tango server that ends on SIGTERM and Ctrl-C, whatever the Tango database does."""

import logging
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tango.server import Device

LOG_LINE = "%(asctime)s %(levelname)s %(message)s"
ENDS_WITHIN = 8.0  # seconds from SIGTERM; the devices' own ends take up to 4
LOOKS_EVERY = 0.5  # seconds


def serve(device: "type[Device]") -> None:
    """Run the Tango server of a device class until SIGTERM; what happens is logged to stderr, a line each."""
    logging.basicConfig(level=logging.INFO, format=LOG_LINE)
    threading.Thread(target=_end_in_time, name="end in time", daemon=True).start()
    device.run_server()


def _end_in_time() -> None:
    """Exit when Tango does not: it tells the database first, and waits for ever for one that is frozen.

    What a device must not lose is on the disk before it answers, so a kill -9 would lose no more.
    """
    pause = threading.Event()
    while not _told_to_end():
        pause.wait(LOOKS_EVERY)
    pause.wait(ENDS_WITHIN)
    os._exit(0)


def _told_to_end() -> bool:
    import tango

    try:
        return bool(tango.Util.instance(False).is_svr_shutting_down())
    except tango.DevFailed:  # it has not begun yet
        return False
