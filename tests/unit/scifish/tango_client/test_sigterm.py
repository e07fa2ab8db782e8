"""What SIGTERM does to a process while a subscription is made, and afterwards: what it does without us."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

RECORDERS = Path(__file__).parents[4] / "recorders"
KEPT = f"""
import os, signal, sys, threading
sys.path.insert(0, {str(RECORDERS)!r})
from scifish.tango_client.sigterm import sigterm_kept
def end():
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(60)
"""
OWN = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"
IGNORED = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
INSIDE = "with sigterm_kept():\n    end()"
TWO = "with sigterm_kept():\n    with sigterm_kept():\n        pass\n    end()"
AFTER = "with sigterm_kept():\n    pass\nend()"
CHOSEN = f"with sigterm_kept():\n    {OWN}end()"
SENT = "os.kill(os.getpid(), signal.SIGTERM)\n"
NOT_ENDED = f"{SENT}with sigterm_kept():\n    {SENT}sys.exit(3)"


@pytest.mark.parametrize(
    ("program", "code"),
    [
        (INSIDE, -signal.SIGTERM),
        (TWO, -signal.SIGTERM),
        (AFTER, -signal.SIGTERM),
        (OWN + INSIDE, 9),
        (OWN + AFTER, 9),
        (CHOSEN, 9),
        (IGNORED + NOT_ENDED, 3),
    ],
    ids=["inside", "of two", "after", "its own, inside", "its own, after", "chosen meanwhile", "ignored"],
)
def test_sigterm_does_what_it_does_without_us(program: str, code: int) -> None:
    done = subprocess.run([sys.executable, "-c", KEPT + program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (code, "")


def test_tango_finds_it_taken_and_gives_it_back() -> None:
    """The handler of its first subscription is not there, neither meanwhile nor afterwards."""
    program = f"""{KEPT}
import tango
from scifish.tango_client.sigterm import _ends, _handler
import ctypes
libc = ctypes.CDLL(None)
device = tango.DeviceProxy("tango://127.0.0.1:1/a/b/c#dbase=no")
with sigterm_kept():
    try:
        device.subscribe_event("x", tango.EventType.CHANGE_EVENT, print)
    except tango.DevFailed:
        print(_handler(libc) == _ends())
print(_handler(libc) == signal.SIG_DFL)
"""
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (0, "True\nTrue\n")
