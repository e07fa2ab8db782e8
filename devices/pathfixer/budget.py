"""Work that may hang (the office over the network, a file system), within the time a client may wait."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from pathfixer.errors import Late
from scifish.threads.deadline import Start, answer_within, start_daemon

Result = TypeVar("Result")


class Budget:
    """Runs one piece of work at a time, in its own thread, and waits for it for a limited time.

    Who comes meanwhile has its turn next; who comes after a late one, which may hang for ever, is refused.
    """

    def __init__(self, start: Start = start_daemon) -> None:
        self._start = start
        self._free = threading.Condition()
        self._running = ""
        self._is_late = False

    def run(self, what: str, job: Callable[[], Result], seconds: float) -> Result:
        """Return the job's result or raise its error; raises Late when it takes longer and goes on alone."""
        until = time.monotonic() + seconds
        with self._free:
            self._free.wait_for(lambda: self._is_late or not self._running, seconds)
            if self._running:
                raise Late(
                    f"{self._running} is still being tried; nothing was changed, write again in a moment"
                )
            self._running, self._is_late = what, False

        ended = threading.Event()

        def work() -> Result:
            try:
                return job()
            finally:
                with self._free:
                    ended.set()
                    self._end()

        try:
            return answer_within(max(0.0, until - time.monotonic()), work, what=what, start=self._start)
        except TimeoutError:
            with self._free:
                if ended.is_set():  # the job's own
                    raise
                self._is_late = True
                self._free.notify_all()
            raise Late(
                f"{what} took longer than {seconds:.1f} s (user office or file system); nothing was "
                "changed, it goes on in the background: write again in a moment"
            ) from None
        except RuntimeError:  # no thread could be started
            with self._free:
                self._end()
            raise

    def _end(self) -> None:
        self._running, self._is_late = "", False
        self._free.notify_all()
