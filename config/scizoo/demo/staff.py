"""All processes of one demo: started by any thread, all stopped together."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from scizoo.errors import ProcessError
from scizoo.processes import Child


class Stoppable(Protocol):
    """What can be stopped."""

    def stop(self) -> None:
        """Stop it."""


class Staff:
    """Keeps what was started; once `stop` has begun nothing more is taken."""

    def __init__(self) -> None:
        self._members: list[Stoppable] = []
        self._lock = threading.Lock()
        self._closed = False

    def take(self, member: Stoppable) -> None:
        """Keep something that is about to be started. Raises ProcessError when all is being stopped."""
        with self._lock:
            if self._closed:
                raise ProcessError("the demo is being stopped")
            self._members.append(member)

    def start(self, child: Child) -> Child:
        """Keep a process and start it."""
        self.take(child)
        return child.start()

    def check(self) -> None:
        """Raise ProcessError when a process has ended that should be running."""
        ended = [one for one in self._members if isinstance(one, Child) and one.returncode is not None]
        if ended and not self._closed:
            one = ended[0]
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
