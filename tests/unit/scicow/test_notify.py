"""What SciCow tells systemd, and that it needs none."""

import socket
from pathlib import Path

import pytest

from scicow.notify import notify, watchdog_interval


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_it(tmp_path: Path, abstract: bool) -> None:
    name = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0" + name if abstract else name)
        systemd.settimeout(5)
        notify("READY=1", {"NOTIFY_SOCKET": "@" + name if abstract else name})
        assert systemd.recv(100) == b"READY=1"


def test_without_systemd_nothing_happens(tmp_path: Path) -> None:
    notify("READY=1", {})
    notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "nobody")})


@pytest.mark.parametrize(
    ("given", "interval"),
    [({"WATCHDOG_USEC": "120000000"}, 40.0), ({}, None), ({"WATCHDOG_USEC": ""}, None)],
)
def test_it_shows_life_three_times_as_often_as_needed(given: dict[str, str], interval: float | None) -> None:
    assert watchdog_interval(given) == interval
