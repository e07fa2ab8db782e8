"""Tasks that one thread runs in order: none can break or delay the caller."""

import logging
import threading
from collections import deque
from collections.abc import Callable

from scifish.tango_client.threads import tango_threads

Task = Callable[[], None]
_log = logging.getLogger(__name__)


class TaskThread:
    """Runs tasks one after another. The thread starts with the first and ends when none is left.

    Sardana aborts a macro by raising an exception in its thread, at any line: there it must not be caught,
    and here it cannot arrive.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._waiting: deque[tuple[str, Task, threading.Event]] = deque()
        self._running = False

    def send(self, what: str, task: Task) -> threading.Event:
        """Queue a task; returns at once. The event is set when it has been done, or has failed."""
        done = threading.Event()
        with self._lock:
            self._waiting.append((what, task, done))
            if not self._running:
                tango_threads.start(self._run, self._name)
                self._running = True
        return done

    def _run(self) -> None:
        while (following := self._next()) is not None:
            what, task, done = following
            try:
                task()
            except Exception:  # noqa: BLE001 - the thread's outermost loop: the next task is done all the same
                _log.exception("%s: %s failed; the scan goes on", self._name, what)
            finally:
                done.set()

    def _next(self) -> tuple[str, Task, threading.Event] | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._running = False
            return None
