"""What SciCow tells systemd, and that it needs none."""

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from scicow.systemd import notify, watchdog_interval


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_it(tmp_path: Path, abstract: bool) -> None:
    name = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0" + name if abstract else name)
        systemd.settimeout(5)
        notify("READY=1", {"NOTIFY_SOCKET": "@" + name if abstract else name})
        assert systemd.recv(100) == b"READY=1"


def test_a_systemd_that_reads_nothing_stops_nothing(tmp_path: Path) -> None:
    name = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(name)
        _fill(name)
        sender = threading.Thread(target=notify, args=("WATCHDOG=1", {"NOTIFY_SOCKET": name}), daemon=True)
        sender.start()
        sender.join(timeout=30)
        assert not sender.is_alive()


def _fill(name: str) -> None:
    """Send to a socket until it has no more room; each from a sender of its own, who has little room, too."""
    with suppress(BlockingIOError):
        while True:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.sendto(b"full", socket.MSG_DONTWAIT, name)


def test_without_systemd_nothing_happens(tmp_path: Path) -> None:
    notify("READY=1", {})
    notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "nobody")})


@pytest.mark.parametrize(
    ("given", "interval"),
    [
        ({"WATCHDOG_USEC": "120000000"}, 40.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": str(os.getpid())}, 40.0),
        ({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "1"}, None),
        ({}, None),
        *(({"WATCHDOG_USEC": wrong}, None) for wrong in ("", "0", "²", "٣", "-1", "1.5")),
    ],
)
def test_it_shows_life_three_times_as_often_as_needed(given: dict[str, str], interval: float | None) -> None:
    assert watchdog_interval(given) == interval
