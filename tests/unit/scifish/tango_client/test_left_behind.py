"""What C libraries print where the end of a process is cut short: once, as without us."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RECORDERS = Path(__file__).parents[4] / "recorders"
USED = f"""
import ctypes, os, subprocess, sys
sys.path.insert(0, {str(RECORDERS)!r})
from scifish.tango_client.threads import tango_threads
tango_threads.start(lambda: None, "one that may have been in PyTango")
libc = ctypes.CDLL(None)
say = libc.printf
say(b"by the parent\\n")  # into a buffer of C's, for the output is no terminal
"""
PARENT, BOTH = "by the parent\n", "by the parent\nby the child\n"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("if os.fork() == 0: os._exit(0)\nos.wait()", PARENT),
        ("subprocess.run(['true'], preexec_fn=os.setsid, check=True)", PARENT),
        (
            "libc.fflush(None)\nif os.fork() == 0:\n    say(b'by the child\\n')\n    sys.exit(0)\nos.wait()",
            BOTH,
        ),
    ],
    ids=["a child that ends at once", "a program with a preexec_fn", "a child that prints"],
)
def test_a_fork_prints_what_is_its_own(program: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", USED + program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONUNBUFFERED": ""},
    )
    assert (done.stdout, done.stderr) == (said, "")
