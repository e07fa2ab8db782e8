"""The threads of ours that may be inside PyTango, or importing it: a process waits for them at its exit.

One that comes back from PyTango while Python finalizes would end the process with SIGABRT.
"""

import atexit
import os
import threading
import time
from collections.abc import Callable

from scifish.leftbehind import leave_threads_behind


class TangoThreads:
    """Starts threads, and knows which of them run. They are daemons: what hangs for ever holds up nobody."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._running: set[threading.Thread] = set()
        self._closed = False

    def start(self, work: Callable[[], object], name: str) -> None:
        """Run `work` in a thread. Raises RuntimeError: this host has no thread left, or the process ends."""
        thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
        with self._change:
            if self._closed:
                raise RuntimeError("this process ends")
            self._running.add(thread)
        try:
            thread.start()
        except RuntimeError:
            self._ended(thread)
            raise

    def leave(self) -> None:
        """The process ends: start no more, and let no thread that hangs keep it or change its exit code."""
        with self._change:
            self._closed = True
        if self._running:
            leave_threads_behind()

    def wait(self, until: float) -> bool:
        """Wait until none runs, at most until the monotonic time `until`; tell whether it is so."""
        with self._change:
            return self._change.wait_for(lambda: not self._running, max(0.0, until - time.monotonic()))

    def forget(self) -> None:
        """In a child of a fork: its parent's threads are not here, and one may have held the lock."""
        self._change = threading.Condition()
        self._running, self._closed = set(), False

    def _run(self, work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            self._ended(threading.current_thread())

    def _ended(self, thread: threading.Thread) -> None:
        with self._change:
            self._running.discard(thread)
            self._change.notify_all()


tango_threads = TangoThreads()
atexit.register(tango_threads.leave)
os.register_at_fork(after_in_child=tango_threads.forget)
