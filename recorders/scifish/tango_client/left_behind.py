"""Lets a process end, with its own exit code, although a thread of ours hangs inside PyTango.

Until Python 3.14, a thread that asks for the GIL while Python finalizes is unwound, through C++ that does not
expect it: SIGABRT or worse. The exit code cannot be known beforehand (no hook of Python is told that of
`SystemExit`), so that `os._exit` is no way out.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path

_LONGEST = 0.1  # seconds until a thread is seen to wait


def leave_threads_behind(threads: Iterable[threading.Thread]) -> None:
    """Stop threads where they wait, until the process is gone: a signal lets each sleep in its handler."""
    import ctypes

    libc = ctypes.CDLL(None)
    libc.signal(signal.SIGRTMAX, libc.pause)
    for thread in threads:
        native = thread.native_id
        if thread.ident is None or native in (None, threading.get_native_id()):
            continue  # none of the system's: gevent's are the main thread itself
        until = time.monotonic() + _LONGEST
        while not _waits(native) and time.monotonic() < until:
            time.sleep(0.005)  # one that runs may hold a lock of C's
        if thread.is_alive():
            signal.pthread_kill(thread.ident, signal.SIGRTMAX)
    end_without_destructors()


def _waits(native: int | None) -> bool:
    try:
        stat = Path(f"/proc/{os.getpid()}/task/{native}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return True
    return stat.rpartition(") ")[2][:1] == "S"


def end_without_destructors() -> None:
    """Let `exit` end the process at once, with its code: C++'s destructors wait for threads that hang.

    What C has buffered Python itself writes, when it finalizes.
    """
    import ctypes

    with contextlib.suppress(OSError, AttributeError):  # a C library without `on_exit`
        libc = ctypes.CDLL(None)
        libc.on_exit(libc._exit, None)


def still_interrupted() -> None:
    """Let Ctrl-C that ends this process be its end, as its parent sees it, and not the exit code 1.

    Python forgets it when a thread runs `exec` or `eval` meanwhile, as each import of a namedtuple does.
    """
    if getattr(sys, "last_type", None) is KeyboardInterrupt and not hasattr(sys, "ps1"):
        with contextlib.suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")  # noqa: S102 - what is run so is what Python remembers
