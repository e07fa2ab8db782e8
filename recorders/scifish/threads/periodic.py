"""A thread that checks something periodically, so that no client of a device waits for the check."""

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)
JOIN = 0.5  # seconds; a look that hangs in the network must not hold up the device's end


class PeriodicThread:
    """Calls `look` every `period` seconds until it is closed, for the first time `after` seconds."""

    def __init__(self, period: float, look: Callable[[], None], after: float = 0.0) -> None:
        self._period = period
        self._look = look
        self._after = after
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> "PeriodicThread":
        """Begin."""
        self._thread.start()
        return self

    def close(self) -> None:
        """End the thread; it may be the one that calls."""
        self._closed.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(JOIN)

    def _run(self) -> None:
        pause = self._after
        while not self._closed.wait(pause):
            pause = self._period
            try:
                self._look()
            except Exception:  # the outermost loop: the watch must outlive whatever one look meets
                logger.exception("a look failed; it is tried again")
