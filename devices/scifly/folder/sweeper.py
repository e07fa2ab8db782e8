"""Looks at one place again and again, in a thread that may be lost."""

import logging
import threading
import time
from collections.abc import Callable

from scifish.errors import NotMountedError
from scifish.files.mount_guard import MountGuard
from scifish.threads.deadline import start_daemon
from scifly.errors import UnreadableError
from scifly.folder.scan import Look, Sweep

log = logging.getLogger(__name__)
HOT = 0.05  # seconds between two looks at the files that have just changed


class Sweeper:
    """Calls `post` with each look's result, or with why it failed, from a thread of its own.

    `hot` are the files to look at between the looks at all; `period` is in seconds. A thread that hangs is
    given up by `abandon`: should it come back, it tells `returned` and ends.
    """

    def __init__(
        self,
        sweep: Sweep,
        guard: MountGuard,
        post: Callable[[Look | str], None],
        *,
        period: float,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        self.sweep = sweep
        self.beat = sweep.beat
        self.hot: tuple[str, ...] = ()
        self._waiting: tuple[str, ...] = ()
        self.period = period
        self.returned = threading.Event()
        self._guard = guard
        self._post = post
        self._before = before
        self._wake = threading.Event()
        self._soon = False
        self._over = False

    def start(self) -> "Sweeper":
        """Begin to look."""
        start_daemon(self._run, f"scifly looks at {self.sweep.root}")
        return self

    def soon(self) -> None:
        """Look at all soon: a folder has come or gone."""
        self._soon = True
        self._wake.set()

    def heat(self, hot: tuple[str, ...], waiting: tuple[str, ...]) -> None:
        """Look at the `hot` files often, and at those that are waited for each time."""
        is_new = not self.hot
        self.hot, self._waiting = hot, waiting
        if is_new and hot:
            self._wake.set()

    def abandon(self) -> None:
        """Look no more; a look under way is not waited for, and its result is dropped."""
        self._over = True
        self._wake.set()

    def _run(self) -> None:
        self.beat(str(self.sweep.root))
        self._before()
        following = last = time.monotonic()
        while not self._over:
            now = time.monotonic()
            if now >= following:
                self._pass_on(self._look())
                following, last = now + self.period, time.monotonic()
            elif self.hot and now >= last + HOT:  # two looks say little when no time is between them
                self._pass_on(self._hot_look())
                last = time.monotonic()
            self.beat.rest()
            due = min(following, last + HOT) if self.hot else following
            if self._wake.wait(max(0.0, due - time.monotonic())):
                self._wake.clear()
            if self._soon:
                self._soon = False
                following = min(following, now + HOT)
        self.returned.set()

    def _pass_on(self, found: Look | str) -> None:
        if not self._over:
            self._post(found)

    def _look(self) -> Look | str:
        if self.sweep.skipped(str(self.sweep.root)):
            return Look()  # a thread hangs there: that is told
        self.beat(str(self.sweep.root))
        try:
            self._guard.check()
            # files that are gone with their mount have not vanished
            look = self.sweep.look({*self.hot, *self._waiting}, are_gone=self._guard.check)
        except (UnreadableError, NotMountedError) as error:
            return str(error)
        except Exception as error:  # the thread must go on: the next look may do better
            log.exception("a look at %s failed", self.sweep.root)
            return f"{self.sweep.root}: {type(error).__name__}: {error}; report this, the log has more"
        return look

    def _hot_look(self) -> Look:
        """Look at the hot files; one that is gone is left to a look at all, which asks the mount guard."""
        return self.sweep.look_at([path for path in self.hot if self.sweep.is_there(path)])
