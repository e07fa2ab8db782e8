"""All processes of one demo: started by any thread, all stopped together."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Protocol

from scizoo.errors import ProcessError
from scizoo.facility.processes import Child, wait_until


class Stoppable(Protocol):
    """What can be stopped."""

    def stop(self) -> None:
        """Stop it."""


class Staff:
    """Keeps what was started; once `stop` has begun nothing more is taken."""

    def __init__(self) -> None:
        self._members: list[Stoppable] = []
        self._watched: list[Child] = []
        self._lock = threading.Lock()
        self._closed = False

    def take(self, member: Stoppable) -> None:
        """Keep something that is about to be started. Raises ProcessError when all is being stopped."""
        with self._lock:
            if self._closed:
                raise ProcessError("the demo is being stopped")
            self._members.append(member)

    def watch(self, *children: Child) -> None:
        """Take these processes, which a member stops, for ones that should be running."""
        with self._lock:
            self._watched += children

    def start(self, child: Child) -> Child:
        """Keep a process, watch it and start it."""
        self.take(child)
        self.watch(child)
        return child.start()

    def watched(self) -> list[Child]:
        """Return the processes that should be running."""
        with self._lock:
            return list(self._watched)

    def ended(self) -> list[Child]:
        """Return the processes that have ended and should be running."""
        with self._lock:
            return [] if self._closed else [one for one in self._watched if one.returncode is not None]

    def check(self, within: float = 0.0) -> None:
        """Raise ProcessError when a process that should be running has ended, or ends `within` seconds."""
        with suppress(ProcessError):
            wait_until(self.ended, "a process has ended", within)
        for one in self.ended():
            raise ProcessError(
                f"{one.name}: ended with exit code {one.returncode}; see {one.log}", one.tail()
            )

    def stop(self) -> None:
        """Stop all, those that were started last first, four at a time."""
        with self._lock:
            self._closed = True
            members = self._members[::-1]
        with ThreadPoolExecutor(4) as pool:
            for one in [pool.submit(member.stop) for member in members]:
                one.result()
