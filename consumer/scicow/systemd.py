"""Reports to systemd that this process is ready and alive (sd_notify). Without systemd it does nothing."""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress

_OFTEN = 3  # signs of life in the time that systemd allows without one


def notify(state: str, environment: Mapping[str, str] = os.environ) -> None:
    """Send a state such as ``READY=1``; a systemd that is not there, or does not listen, stops nothing.

    A socket that nobody reads fills up: what has no room there is lost, for waiting would stop the loop.
    """
    address = environment.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(state.encode(), socket.MSG_DONTWAIT, address)


def watchdog_interval(environment: Mapping[str, str] = os.environ) -> float | None:
    """Return the seconds between two signs of life; None when systemd waits for none from this process."""
    allowed, whose = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", str(os.getpid()))
    waits = allowed.isascii() and allowed.isdigit() and int(allowed) > 0
    return int(allowed) / 1e6 / _OFTEN if waits and whose == str(os.getpid()) else None
