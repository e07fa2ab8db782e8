"""Where a thread is that touches a watched file system: a server that is gone answers never."""

import time

HANGS = 10.0  # seconds at one place after which a thread is given up


class Beat:
    """A thread says before each call that may hang what it is about; who waits for it sees since when."""

    def __init__(self) -> None:
        self.at = ""
        self._since: float | None = None

    def __call__(self, at: str | None = None) -> None:
        """Go on, at `at` (None: at the same)."""
        self.at = self.at if at is None else at
        self._since = time.monotonic()

    def rest(self) -> None:
        """Have nothing to do: nothing can hang."""
        self._since = None

    def hangs(self, limit: float) -> bool:
        """Tell whether the thread is at one place for longer than `limit` seconds."""
        since = self._since
        return since is not None and time.monotonic() - since > limit
