"""Lets a process end, with its own exit code, although a thread of ours hangs inside PyTango.

Until Python 3.14, a thread that asks for the GIL while Python finalizes is unwound. C++ allows that in no
destructor, and PyTango takes the GIL again in one: `std::terminate`, SIGABRT. The exit code cannot be known
beforehand (no hook of Python is told that of `SystemExit`), so that `os._exit` is no way out.
"""

import contextlib
import signal
import sys


def leave_threads_behind() -> None:
    """From now on a thread that C++ would terminate sleeps until the process is gone, as with Python 3.14."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):  # another C++ library: nothing is known to help
        libc = ctypes.CDLL(None)
        ctypes.CDLL("libstdc++.so.6")._ZSt13set_terminatePFvvE(libc.pause)  # std::set_terminate
        libc.signal(signal.SIGABRT, libc.pause)  # a callback of an event is unwound through a `catch (...)`
    end_without_destructors()


def end_without_destructors() -> None:
    """Let `exit` end the process at once, with its code: C++'s destructors wait for threads that hang."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):  # a C library without `on_exit`
        libc = ctypes.CDLL(None)
        libc.fflush(ctypes.c_void_p.in_dll(libc, "stdout"))
        libc.on_exit(libc._exit, None)


def still_interrupted() -> None:
    """Let Ctrl-C that ends this process be its end, as its parent sees it, and not the exit code 1.

    Python forgets it when a thread runs `exec` or `eval` meanwhile, as each import of a namedtuple does.
    """
    if getattr(sys, "last_type", None) is KeyboardInterrupt and not hasattr(sys, "ps1"):
        with contextlib.suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")  # noqa: S102 - what is run so is what Python remembers
