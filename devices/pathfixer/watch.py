"""A thread that looks after the active visit now and then, so that no client ever waits for it."""

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)
JOIN = 0.5  # seconds; a check that hangs in the network must not hold up the device's end


class Watch:
    """Calls `check` at once and then every `period` seconds until it is closed."""

    def __init__(self, period: float, check: Callable[[], None]) -> None:
        self._period = period
        self._check = check
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pathfixer-watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """End the thread."""
        self._closed.set()
        if self._thread.is_alive():
            self._thread.join(JOIN)

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._check()
            except Exception:  # the outermost loop: the watch must outlive whatever one check meets
                logger.exception("the check of the active visit failed; it is tried again")
            self._closed.wait(self._period)
