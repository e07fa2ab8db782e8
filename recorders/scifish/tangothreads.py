"""The threads of ours that may be inside PyTango, or importing it: a process waits for them at its exit.

One that comes back from PyTango while Python finalizes would end the process with SIGABRT.
"""

import atexit
import os
import threading
import time
from collections.abc import Callable

from scifish.leftbehind import end_without_destructors, leave_threads_behind

ENDS = "this process ends"
FORKED = (
    "this process is a fork of one that uses Tango, and both would read from the same connections: "
    "start it by multiprocessing's method `spawn`"
)


class TangoThreads:
    """Starts threads, and knows which of them run. They are daemons: what hangs for ever holds up nobody."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._running: set[threading.Thread] = set()
        self._used = False
        self._refusal: str | None = None

    @property
    def refusal(self) -> str | None:
        """Why no thread may enter PyTango in this process; None: it may."""
        return self._refusal

    def start(self, work: Callable[[], object], name: str) -> None:
        """Run `work` in a thread. Raises RuntimeError with the reason why there is none."""
        thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
        with self._change:
            if self._refusal is not None:
                raise RuntimeError(self._refusal)
            self._running.add(thread)
            self._used = True
        try:
            thread.start()
        except RuntimeError:
            self._ended(thread)
            raise

    def leave(self) -> None:
        """The process ends: start no more, and let no thread that hangs keep it or change its exit code."""
        with self._change:
            self._refusal = self._refusal or ENDS
        if self._running:
            leave_threads_behind()

    def wait(self, until: float) -> bool:
        """Wait until none runs, at most until the monotonic time `until`; tell whether it is so."""
        with self._change:
            return self._change.wait_for(lambda: not self._running, max(0.0, until - time.monotonic()))

    def forget(self) -> None:
        """In a child of a fork: its parent's threads are not here, nor are those that Tango relies on."""
        self._change = threading.Condition()  # a thread that is not here may have held the parent's
        self._running = set()
        if self._used:
            self._refusal = FORKED
            end_without_destructors()

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
