"""Work that may hang (the office over the network, a file system), within the time a client may wait."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from pathfixer.errors import Late

Result = TypeVar("Result")


class Budget:
    """Runs one piece of work at a time, in its own thread, and waits at most `seconds` for it."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._running: tuple[str, threading.Thread] | None = None

    def run(self, what: str, job: Callable[[], Result]) -> Result:
        """Return the job's result or raise its error; raises Late when it takes longer and goes on alone."""
        if self._running and self._running[1].is_alive():
            raise Late(
                f"{self._running[0]} is still being tried; nothing was changed, write again in a moment"
            )
        future: Future[Result] = Future()
        thread = threading.Thread(target=_fulfil, args=(future, job), name=what, daemon=True)
        self._running = (what, thread)
        thread.start()
        if not wait([future], self._seconds).done:
            raise Late(
                f"{what} took longer than {self._seconds:g} s (user office or file system); nothing was "
                "changed, it goes on in the background: write again in a moment"
            )
        thread.join()
        return future.result()


def _fulfil(future: Future[Result], job: Callable[[], Result]) -> None:
    try:
        future.set_result(job())
    except BaseException as error:  # noqa: BLE001 - it is raised again in the thread that waits
        future.set_exception(error)
