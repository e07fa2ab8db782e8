"""Counts what is under way in other threads, so that a process can wait for it at its end."""

import threading


class InFlight:
    """A counter that can be waited for."""

    def __init__(self) -> None:
        self._count = 0
        self._change = threading.Condition()

    def begin(self) -> None:
        """One more is under way."""
        with self._change:
            self._count += 1

    def done(self) -> None:
        """One less is under way."""
        with self._change:
            self._count -= 1
            self._change.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is under way, at most `seconds`; tell whether it is so."""
        with self._change:
            return self._change.wait_for(lambda: self._count <= 0, timeout=seconds)
