"""Work that comes back: the rounds through the quarantine, later checks, the test of the rights."""

import logging
import threading
from collections.abc import Callable

from scicow.errors import LoginRefused, ScicowError
from scicow.logs import Repeats
from sdm.errors import SdmError

logger = logging.getLogger(__name__)


class Periodic:
    """Calls `action` at the start and every `interval` seconds, in a thread of its own."""

    def __init__(self, name: str, interval: float, action: Callable[[threading.Event], None]) -> None:
        self._name = name
        self._interval = interval
        self._action = action
        self._repeats = Repeats()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask for the end."""
        self._stopping.set()

    def join(self, timeout: float) -> None:
        """Wait for the end; an action that waits for an answer is left behind."""
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._action(self._stopping)
            except Exception as error:  # noqa: BLE001 - a thread's outermost loop: it must come again
                self._failed(error)
            else:
                if self._repeats.ended(self._name):
                    logger.info("%s works again", self._name)
            self._stopping.wait(self._interval)

    def _failed(self, error: Exception) -> None:
        if isinstance(error, LoginRefused):
            return  # the keeper of the token says it, once for all
        expected = isinstance(error, ScicowError | SdmError | OSError)
        reason = str(error) if expected else f"defect of SciCow, please report it: {error!r}"
        if self._repeats.new(self._name, reason):
            logger.warning("%s failed", self._name, extra={"reason": reason, "note": "it is repeated"})
