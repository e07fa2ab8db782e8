"""SIGTERM while Tango's first subscription is made, which would take it: the end is that of any process."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scizoo.facility.processes import wait_until
from support.scifish.exits import ExitHost, busy_loops, codes, errors, program, run
from support.tango.servers import TangoServer

TIMES = int(os.environ.get("SCIZOO_EXIT_RUNS", "0")) or 6
pytestmark = pytest.mark.timeout(1200)


@pytest.fixture
def host(tango_host: str, pathfixer: TangoServer, scidog: TangoServer, tmp_path: Path) -> ExitHost:
    pathfixer.proxy.Proposal = "20260001"
    return ExitHost(tmp_path, tango_host, context_timeout=10)


def taken(pid: int) -> bool:
    """Tell whether a handler of the process takes SIGTERM, be it Tango's or ours."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    [mask] = [line.split()[1] for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(int(mask, 16) >> (signal.SIGTERM - 1) & 1)


def while_taken(ready: Path) -> Callable[[int], None]:
    """Return what sends SIGTERM as soon as something takes it: in the middle of the first subscription."""

    def send(pid: int) -> None:
        end = time.monotonic() + 60
        while not taken(pid) and not ready.exists() and time.monotonic() < end:
            pass  # a subscription takes milliseconds
        os.kill(pid, signal.SIGTERM)

    return send


def within_a_second(pid: int) -> None:
    """Send SIGTERM at a random moment of the first second after the process has begun to use Tango."""
    wait_until(lambda: "libtango" in Path(f"/proc/{pid}/maps").read_text(encoding="ascii"), "PyTango", 60)
    moment = time.monotonic() + random.random()
    wait_until(lambda: time.monotonic() > moment, "the moment", 60)
    os.kill(pid, signal.SIGTERM)


def test_sigterm_in_the_first_subscription(host: ExitHost, tmp_path: Path) -> None:
    ready = [tmp_path / f"ready{one}" for one in range(TIMES)]
    found = [run(program("waits", one), host.env, while_taken(one)) for one in ready]
    assert codes(found) == {143: TIMES}, errors(found, 143)


def test_sigterm_at_any_moment_of_the_first_second(host: ExitHost, tmp_path: Path) -> None:
    with busy_loops(2):
        found = [
            run(program("waits", tmp_path / f"ready{one}"), host.env, within_a_second) for one in range(TIMES)
        ]
    assert codes(found) == {143: TIMES}, errors(found, 143)
