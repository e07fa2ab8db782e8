"""Work that may hang (the office over the network, a file system), within the time a client may wait."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import partial
from typing import TypeVar

from pathfixer.errors import Late
from scifish.threads.deadline import Start, start_daemon

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

        answer: Future[Result] = Future()
        try:
            self._start(lambda: self._work(job, answer), f"pathfixer: {what}")
        except RuntimeError:  # no thread could be started
            self._end()
            raise
        wait([answer], max(0.0, until - time.monotonic()))
        with self._free:
            if not answer.done():
                self._is_late = True
                self._free.notify_all()
                raise Late(
                    f"{what} took longer than {seconds:.1f} s (user office or file system); nothing was "
                    "changed, it goes on in the background: write again in a moment"
                )
        return answer.result()

    def _work(self, job: Callable[[], Result], answer: "Future[Result]") -> None:
        tell: Callable[[], None]
        try:
            tell = partial(answer.set_result, job())
        except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
            tell = partial(answer.set_exception, error)
        self._end(tell)

    def _end(self, tell: Callable[[], None] = lambda: None) -> None:
        """Let the next one begin; whether this one is late is decided once, together with its answer."""
        with self._free:
            tell()
            self._running, self._is_late = "", False
            self._free.notify_all()
