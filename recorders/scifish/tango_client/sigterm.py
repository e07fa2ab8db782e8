"""Keeps the effect of SIGTERM: Tango's first subscription installs a handler that exits with code 255.

Tango does so only where SIGTERM has its default effect. So a handler of ours is installed meanwhile, which
ends the process as the default does: it calls C's `raise`, and by then the signal has its default again
(`sysv_signal`). `signal.signal` cannot be used: it works in the main thread only.
"""

import contextlib
import ctypes
import signal
import threading
from collections.abc import Iterator
from typing import Any

_ENOUGH = 1024  # bytes for a `struct sigaction`, which begins with the handler


class _Sigterm:
    """Replaces the default while subscriptions are made, also several at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Keep it while a subscription is made."""
        with self._lock:
            self._inside += 1
            _replace(signal.SIG_DFL, _ends())
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    _replace(_ends(), signal.SIG_DFL)


def _replace(present: int, other: int) -> None:
    """Let SIGTERM have another handler, unless it has not the `present` one: this process chose its own."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "sysv_signal") and _handler(libc) == present:
        libc.sysv_signal(signal.SIGTERM, ctypes.c_void_p(other))


def _ends() -> int:
    return ctypes.cast(getattr(ctypes.CDLL(None), "raise"), ctypes.c_void_p).value or 0


def _handler(libc: Any) -> int:
    action = ctypes.create_string_buffer(_ENOUGH)
    libc.sigaction(signal.SIGTERM, None, action)
    return ctypes.c_void_p.from_buffer(action).value or 0


sigterm_kept = _Sigterm().kept
