"""The loop that looks, records and tells, in a thread of its own."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import tango

from scifly.errors import LedgerError
from scifly.ledger import Ledger
from scifly.path_follower import PathFollower
from scifly.published import PublishedState, published
from scifly.recorder import Recorder
from scifly.rules import Fly
from scifly.settings import SciFlySettings

log = logging.getLogger(__name__)
ENDS_WITHIN = 2.0  # seconds, less than Tango lets a device wait for its lock


class Watcher:
    """Looks every `settings.interval` seconds; `tell` is called with what is known after each look."""

    def __init__(
        self, settings: SciFlySettings, recorder: Recorder, tell: Callable[[PublishedState], None]
    ) -> None:
        self._settings = settings
        self._tell = tell
        self._last_file = ""
        self._recorded = 0
        self._failure: str | None = None
        self._stop = threading.Event()
        self._follower = PathFollower(settings.path_device)
        self._ledger = Ledger(settings.ledger)
        self._fly = Fly(self._ledger, recorder, settings.habits, self._note)
        self._thread = threading.Thread(target=self._run, name="scifly watcher", daemon=True)
        self._before: Watcher | None = None

    def start(self, before: "Watcher | None" = None) -> "Watcher":
        """Begin to look, when the watcher `before`, which was stopped, has ended: one at a time records."""
        self._before = before
        self._follower.start()
        self._thread.start()
        return self

    def stop(self) -> None:
        """End; a recording under way is finished.

        Returns when the threads have ended, or after `ENDS_WITHIN` seconds each: a process that exits while a
        thread is inside Tango is aborted, and a server that was asked to stop must exit with 0.
        """
        self._stop.set()
        self._follower.stop()
        self._thread.join(ENDS_WITHIN)
        self._follower.join(ENDS_WITHIN)

    def clear(self) -> None:
        """Forget the problems that are over."""
        self._fly.events.clear()

    def _run(self) -> None:
        if self._before is not None:
            self._before._thread.join()
            self._before = None
        with tango.EnsureOmniThread():
            while not self._stop.is_set():
                self._look()
                self._stop.wait(self._settings.interval)
        self._ledger.close()

    def _look(self) -> None:
        try:
            if self._follower.known:
                self._fly.follow(self._follower.place)
            self._fly.look()
            self._failure = None
        except LedgerError as error:
            self._failure = str(error)
        except Exception as error:  # the loop must go on: the next look may do better
            log.exception("a look failed")
            self._failure = f"{type(error).__name__}: {error}; report this, the log has more"
        if not self._stop.is_set() and (self._follower.known or self._follower.problem):
            self._told()

    def _told(self) -> None:
        try:
            self._tell(self._published())
        except Exception:  # what cannot be told (Tango is ending) must not end the watching
            log.exception("what is known cannot be told; it is tried again after the next look")

    def _published(self) -> PublishedState:
        problems = [one for one in (self._failure, self._follower.problem) if one]
        return published(self._fly, self._last_file, self._recorded, tuple(problems))

    def _note(self, path: Path) -> None:
        self._last_file = str(path)
        self._recorded += 1
