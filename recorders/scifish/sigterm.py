"""Keeps what SIGTERM does to this process: Tango's first subscription takes it, to end with code 255."""

import contextlib
import signal
from collections.abc import Iterator

_ENOUGH = 1024  # bytes for a `struct sigaction` of any platform


@contextlib.contextmanager
def sigterm_kept() -> Iterator[None]:
    """Give SIGTERM back to who had it before; `signal.signal` cannot, it works in the main thread only."""
    import ctypes

    libc, action = ctypes.CDLL(None), ctypes.create_string_buffer(_ENOUGH)
    before = signal.getsignal(signal.SIGTERM)
    libc.sigaction(signal.SIGTERM, None, action)
    try:
        yield
    finally:
        if signal.getsignal(signal.SIGTERM) is before:  # else this process has chosen anew meanwhile
            libc.sigaction(signal.SIGTERM, action, None)
