"""Keeps what SIGTERM does to this process: Tango's first subscription takes it, to end with code 255."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

_ENOUGH = 1024  # bytes for a `struct sigaction` of any platform


class _Sigterm:
    """What SIGTERM did before Tango took it; `signal.signal` could not restore it outside the main thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before: Any = None
        self._action: Any = None

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        import ctypes

        libc = ctypes.CDLL(None)
        with self._lock:
            if not self._inside:  # another thread's subscription may have taken it already
                self._before = signal.getsignal(signal.SIGTERM)
                self._action = ctypes.create_string_buffer(_ENOUGH)
                libc.sigaction(signal.SIGTERM, None, self._action)
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if signal.getsignal(signal.SIGTERM) is self._before:  # else this process has chosen anew
                    libc.sigaction(signal.SIGTERM, self._action, None)


sigterm_kept = _Sigterm().kept
