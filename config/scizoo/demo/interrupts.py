"""Ctrl-C, SIGTERM and SIGHUP while work is done in another thread.

An exception from a signal's handler would be lost when Tango's C++ happens to be in the main thread, so the
main thread does nothing but wait here. It wakes up at times: the kernel may give a signal to any thread (to
one that starts another, on a busy host), and Python calls the handler only when the main thread goes on.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from threading import Event
from types import FrameType
from typing import Any, TypeVar, cast

from scifish.tango_client.threads import tango_threads

Result = TypeVar("Result")
LOOK_EVERY = 0.5  # seconds
NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruptible:
    """Work in a thread of its own, which an interruption leaves behind."""

    def __init__(self) -> None:
        # Its `put` may be called in a signal's handler, whatever the main thread is doing.
        self._outcomes: SimpleQueue[tuple[Any, BaseException | None]] = SimpleQueue()
        self._idle = Event()
        self._idle.set()

    def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns or raise what it raises; KeyboardInterrupt when a signal comes first."""
        self.check()
        self._idle.clear()
        tango_threads.start(lambda: self._work(work), "demo")
        while True:
            with suppress(Empty):
                result, error = self._outcomes.get(timeout=LOOK_EVERY)
                if error is not None:
                    raise error
                return cast("Result", result)

    def wait(self, look: Callable[[], None], every: float = LOOK_EVERY) -> None:
        """Wait for a signal; call `look` meanwhile."""
        while True:
            with suppress(Empty):
                self._outcomes.get(timeout=every)
                return
            look()

    def leave(self, within: float) -> None:
        """Wait until the work that was left behind has ended, at most `within` seconds."""
        self._idle.wait(within)

    def check(self) -> None:
        """Raise KeyboardInterrupt when a signal has come that nobody waited for."""
        with suppress(Empty):
            _result, error = self._outcomes.get_nowait()
            if isinstance(error, KeyboardInterrupt):
                raise error

    def interrupt(self, _number: int, _frame: FrameType | None) -> None:
        """Take a signal."""
        self._outcomes.put((None, KeyboardInterrupt()))

    def _work(self, work: Callable[[], Any]) -> None:
        try:
            self._outcomes.put((work(), None))
        except BaseException as error:  # noqa: BLE001 - it is raised again in the main thread
            self._outcomes.put((None, error))
        finally:
            self._idle.set()


@contextmanager
def interruptible() -> Iterator[Interruptible]:
    """Take the signals meanwhile; Ctrl-C too, which a shell's background job would ignore.

    Raises KeyboardInterrupt at the end for one that came when nobody waited.
    """
    work = Interruptible()
    before = {number: signal.signal(number, work.interrupt) for number in NUMBERS}
    try:
        yield work
        work.check()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
