"""A circuit breaker: after failures in a row nothing is sent for a while, then one probe decides."""

import random
import threading
import time
from collections.abc import Callable

from scicow.errors import CatalogueUnavailable
from scicow.settings.catalogue import BreakerSettings
from scifish.common.backoff import back_off
from scifish.common.text_forms import counted


class Breaker:
    """Closed (all pass), open (none pass), half open (one probe passes). Thread-safe; never blocks.

    The caller asks with `admit` before a request, and reports with `succeeded` or `failed` after it, always.
    """

    def __init__(
        self,
        settings: BreakerSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._draw = draw
        self._lock = threading.Lock()
        self._failures = 0
        self._openings = 0
        self._open_until: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Tell whether requests are held back at the moment."""
        return self._open_until is not None

    def admit(self) -> None:
        """Let a request pass. Raises CatalogueUnavailable with the seconds to wait while it is open."""
        with self._lock:
            if self._open_until is None:
                return
            remaining = self._open_until - self._clock()
            if remaining <= 0 and not self._probing:
                self._probing = True
                return
            wait = max(remaining, self._settings.pause / 2)
        raise CatalogueUnavailable(
            f"SciCat failed {counted(self._settings.failures, 'time')} in a row; nothing is sent for a while",
            retry_after=wait,
        )

    def succeeded(self) -> None:
        """Report an answer of a server that works, whatever it was: the circuit is closed."""
        with self._lock:
            self._failures = self._openings = 0
            self._open_until = None
            self._probing = False

    def failed(self) -> None:
        """Report that no usable answer came; failures of requests sent before it opened do not prolong it."""
        with self._lock:
            self._failures += 1
            opens = self._open_until is None and self._failures >= self._settings.failures
            if opens or self._probing:
                self._open_until = self._clock() + self._pause()
                self._openings += 1
                self._probing = False

    def _pause(self) -> float:
        return back_off(
            self._openings + 1, first=self._settings.pause, longest=self._settings.longest, draw=self._draw
        )
