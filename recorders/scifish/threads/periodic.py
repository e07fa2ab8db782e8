"""A thread that checks something periodically, so that no client of a device waits for the check."""

import logging
import threading
from collections.abc import Callable

from scifish.common.log_once import LogOnce

logger = logging.getLogger(__name__)
JOIN = 0.5  # seconds; a look that hangs in the network must not hold up the device's end


class PeriodicThread:
    """Calls `look` every `period` seconds until it is closed, for the first time `after` seconds.

    What it raises is a defect: it is logged once, until a look works again. `closed`: an event that ends it,
    with others.
    """

    def __init__(
        self,
        period: float,
        look: Callable[[], None],
        after: float = 0.0,
        *,
        name: str = "watch",
        closed: threading.Event | None = None,
    ) -> None:
        self._period = period
        self._look = look
        self._after = after
        self._name = name
        self._closed = closed or threading.Event()
        self._once = LogOnce(logger)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> "PeriodicThread":
        """Begin."""
        self._thread.start()
        return self

    def close(self, seconds: float = JOIN) -> None:
        """End the thread, which may be the one that calls; wait for it, at most `seconds`."""
        self._closed.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(seconds)

    def _run(self) -> None:
        pause = self._after
        while not self._closed.wait(pause):
            pause = self._period
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - the outermost loop: it must outlive whatever a look meets
                text = f"{self._name} failed and is tried again; please report it: {error!r}"
                self._once.report(text, text, trace=True)
            else:
                self._once.over(f"{self._name} works again")
