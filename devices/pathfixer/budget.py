"""Work that may hang (the office over the network, a file system), within the time a client may wait."""

import threading
from collections.abc import Callable
from typing import TypeVar

from pathfixer.errors import Late
from scifish.threads.deadline import Start, answer_within, start_daemon

Result = TypeVar("Result")


class Budget:
    """Runs one piece of work at a time, in its own thread, and waits for it for a limited time."""

    def __init__(self, start: Start = start_daemon) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._running = ""

    def run(self, what: str, job: Callable[[], Result], seconds: float) -> Result:
        """Return the job's result or raise its error; raises Late when it takes longer and goes on alone."""
        with self._lock:
            if self._running:
                raise Late(
                    f"{self._running} is still being tried; nothing was changed, write again in a moment"
                )
            self._running = what

        ended = threading.Event()

        def work() -> Result:
            try:
                return job()
            finally:
                ended.set()
                with self._lock:
                    self._running = ""

        try:
            return answer_within(seconds, work, what=what, start=self._start)
        except TimeoutError:
            if ended.is_set():  # the job's own
                raise
            raise Late(
                f"{what} took longer than {seconds:.1f} s (user office or file system); nothing was "
                "changed, it goes on in the background: write again in a moment"
            ) from None
        except RuntimeError:  # no thread could be started
            with self._lock:
                self._running = ""
            raise
