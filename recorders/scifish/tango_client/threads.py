"""The threads of ours that may be inside PyTango, or importing it: a process waits for them at its exit.

One that comes back from PyTango while Python finalizes would end the process with SIGABRT.
"""

import atexit
import os
import threading
import time
from collections.abc import Callable

from scifish.tango_client.left_behind import end_without_destructors, leave_threads_behind, still_interrupted

GRACE = 0.05  # seconds for a thread that has come back, and needs the GIL to end
ENDS = "this process ends"
FORKED = (
    "this process is a fork of one that uses Tango, and both would read from the same connections: "
    "start it by multiprocessing's method `spawn`"
)


class TangoThreads:
    """Starts threads, and knows which of them run. They are daemons: what hangs for ever holds up nobody."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._refusal: str | None = None
        self._used = False

    @property
    def refusal(self) -> str | None:
        """Why no thread may enter PyTango in this process; None: it may."""
        return self._refusal

    def start(self, work: Callable[[], object], name: str) -> None:
        """Run `work` in a thread. Raises RuntimeError with the reason why there is none."""
        with self._lock:
            if self._refusal is not None:
                raise RuntimeError(self._refusal)
            thread = threading.Thread(target=work, name=name, daemon=True)
            thread.start()
            self._threads = [*self._running(), thread]
            self._used = True

    def wait(self, until: float) -> bool:
        """Wait until none runs, at most until the monotonic time `until`; tell whether it is so.

        A thread runs until its last object is gone: also the end of a proxy is a call of PyTango.
        """
        for thread in self._running():
            if thread is not threading.current_thread():
                thread.join(max(0.0, until - time.monotonic()))
        return not self._running()

    def leave(self) -> None:
        """The process ends: start no more, and let no thread that hangs keep it or change its exit code."""
        with self._lock:
            self._refusal = self._refusal or ENDS
        if not self.wait(time.monotonic() + GRACE):
            leave_threads_behind(self._running())
        still_interrupted()

    def forget(self) -> None:
        """In a child of a fork: its parent's threads are not here, nor are those that Tango relies on."""
        self._lock = threading.Lock()  # a thread that is not here may have held the parent's
        self._threads = []
        if self._used:
            self._refusal = FORKED
            end_without_destructors()

    def _running(self) -> list[threading.Thread]:
        return [thread for thread in self._threads if thread.is_alive()]


tango_threads = TangoThreads()
atexit.register(tango_threads.leave)
os.register_at_fork(after_in_child=tango_threads.forget)
