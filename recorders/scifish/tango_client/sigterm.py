"""Keeps what SIGTERM does to this process: Tango's first subscription takes it, to end with code 255.

It does so at once, and then waits for the device: so a thread looks, and gives SIGTERM back in milliseconds.
`signal.signal` could not, it works in the main thread only.
"""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any

_ENOUGH = 1024  # bytes for a `struct sigaction` of any platform
_LOOK = 0.001  # seconds between two looks


class _Sigterm:
    """What SIGTERM did before Tango took it, which it does once in a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0
        self._before: Any = None
        self._action = b""
        self._given_back = False

    @contextlib.contextmanager
    def kept(self) -> Iterator[None]:
        """Keep it while a subscription is made; several may be made at the same time."""
        with self._lock:
            if not self._inside:
                self._before, self._action = signal.getsignal(signal.SIGTERM), _current()
            self._inside += 1
        if not self._given_back:
            with contextlib.suppress(RuntimeError):  # no thread is left: it is given back at the end
                threading.Thread(target=self._look, name="scifish sigterm", daemon=True).start()
        try:
            yield
        finally:
            self._give_back()
            with self._lock:
                self._inside -= 1

    def _look(self) -> None:
        pause = threading.Event()
        while self._inside and not self._given_back:
            self._give_back()
            pause.wait(_LOOK)

    def _give_back(self) -> None:
        with self._lock:
            mine = signal.getsignal(signal.SIGTERM) is self._before  # else this process has chosen anew
            if mine and _current() != self._action:
                _libc().sigaction(signal.SIGTERM, self._action, None)
                self._given_back = True


def _current() -> bytes:
    import ctypes

    action = ctypes.create_string_buffer(_ENOUGH)
    _libc().sigaction(signal.SIGTERM, None, action)
    return action.raw


def _libc() -> Any:
    import ctypes

    return ctypes.CDLL(None)


sigterm_kept = _Sigterm().kept
