"""The loop between the threads that look and read, the rules, and the device."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

import tango

from scifly.errors import LedgerError
from scifly.explain import explained
from scifly.folder.place_watch import Found, PlaceWatch
from scifly.path_follower import PathFollower
from scifly.place import WatchedPlace
from scifly.published import PublishedState, published
from scifly.readers.reading import FileReading, ReadFile
from scifly.recording.ledger import Ledger
from scifly.recording.recorder import Recorder
from scifly.rules import Fly
from scifly.settings import SciFlySettings

log = logging.getLogger(__name__)
ENDS_WITHIN = 2.0  # seconds, less than Tango lets a device wait for its lock
TURN = 0.25  # seconds that a turn of the loop waits for something to do
TELL = 0.5  # seconds between two times that what is known is told
CHECK = 0.05  # seconds between two looks after the threads
EXPIRE = 1.0  # seconds between two looks for what has waited too long
MOST_AT_ONCE = 1000  # things that are taken in one turn


class Follower(Protocol):
    """Knows the active place; see `PathFollower`."""

    known: bool
    place: WatchedPlace | None
    problem: str | None

    def start(self) -> object:
        """Begin to follow."""

    def stop(self) -> None:
        """End following; returns at once."""

    def join(self, seconds: float) -> None:
        """Wait for the end."""


class Watcher:
    """Records what is found; `tell` is called with what is known when it changes, at most every `TELL` s."""

    def __init__(
        self,
        settings: SciFlySettings,
        recorder: Recorder,
        tell: Callable[[PublishedState], None],
        follower: Follower | None = None,
    ) -> None:
        self._settings = settings
        self._tell = tell
        self._last_file = self._last_dataset = ""
        self._recorded = 0
        self._failure: str | None = None
        self._stop = threading.Event()
        self._inbox: queue.SimpleQueue[Callable[[float], None] | None] = queue.SimpleQueue()
        self._follower = follower or PathFollower(settings.path_device)
        self._ledger = Ledger(settings.ledger)
        self._fly = Fly(self._ledger, recorder, settings.habits, self._note)
        self._names = settings.habits.names
        self._watches: dict[WatchedPlace, PlaceWatch] = {}
        self._readings: dict[WatchedPlace, FileReading] = {}
        self._known: tuple[object, ...] = ()
        self._hung: tuple[str, ...] = ()
        self._turned = time.monotonic()
        self._expired = self._checked = self._told_at = 0.0
        self._before: Watcher | None = None
        self._thread = threading.Thread(target=self._run, name="scifly watcher", daemon=True)

    def start(self, before: "Watcher | None" = None) -> "Watcher":
        """Begin, when the watcher `before`, which was stopped, has ended: one at a time records."""
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
        self._inbox.put(None)
        self._follower.stop()
        self._thread.join(ENDS_WITHIN)
        self._follower.join(ENDS_WITHIN)

    def clear(self) -> None:
        """Forget the problems that are over."""
        self._fly.clear()

    def enable(self, *, enabled: bool) -> None:
        """Record, or let what is found wait."""
        self._fly.switch(enabled=enabled)
        self._inbox.put(None)

    def rescan(self) -> None:
        """Look at all that is there as if for the first time; what was recorded is not recorded again."""
        self._inbox.put(self._rescan)

    def retry(self, path: Path | None) -> None:
        """Read a file that was given up again; None: all of them."""
        self._inbox.put(lambda now: self._fly.retry(path, now))

    def backfill(self, place: WatchedPlace) -> None:
        """Record what lies in a folder. Raises PlaceError when it is watched already."""
        self._fly.watched.check_backfill(place)
        self._inbox.put(lambda _: self._fly.watched.backfill(place))

    def explain(self, path: Path) -> list[str]:
        """Return what would be done with a file, and why."""
        return explained(path, self._fly, self._settings.habits)

    @property
    def lag(self) -> float:
        """Seconds by which the watching is behind: of the loop, or of the file that waits to be read."""
        now = time.monotonic()
        waits = self._fly.waits_since()
        return max(0.0, now - self._turned - TURN, now - waits if waits is not None else 0.0)

    def _run(self) -> None:
        if self._before is not None:
            self._before._thread.join()
            self._before = None
        with tango.EnsureOmniThread():
            while not self._stop.is_set():
                self._turn()
        for place in list(self._watches):
            self._unwatch(place)
        self._ledger.close()

    def _turn(self) -> None:
        """Do what there is to do, and wait a moment for more."""
        try:
            self._take()
            if self._follower.known:
                self._fly.follow(self._follower.place)
            self._watch_places()
            self._heat()
            self._check_threads()
            self._fly.record(time.monotonic())
            self._read_next()
            if time.monotonic() - self._expired > EXPIRE:
                self._expired = time.monotonic()
                self._fly.expire(self._expired)
            self._failure = None
        except LedgerError as error:
            self._failure = str(error)
        except Exception as error:  # the loop must go on: the next turn may do better
            log.exception("a turn failed")
            self._failure = f"{type(error).__name__}: {error}; report this, the log has more"
        self._turned = time.monotonic()
        if not self._stop.is_set() and (self._follower.known or self._follower.problem):
            self._publish()

    def _take(self) -> None:
        """Take what the threads have found."""
        try:
            act = self._inbox.get(timeout=TURN)
            for _ in range(MOST_AT_ONCE):
                if act is not None:
                    act(time.monotonic())
                act = self._inbox.get_nowait()
        except queue.Empty:
            return

    def _watch_places(self) -> None:
        for place in set(self._watches) - set(self._fly.places):
            self._unwatch(place)
        for place in set(self._fly.places) - set(self._watches):
            habits = self._settings.habits
            self._watches[place] = watch = PlaceWatch(
                place.path,
                self._names,
                partial(self._found, place),
                period=habits.interval,
                watching=habits.watching,
            )
            self._readings[place] = FileReading(place.path, partial(self._read, place), watch.hangs_at)

    def _rescan(self, now: float) -> None:
        self._fly.rescan()
        for watch in self._watches.values():
            watch.rescan()

    def _unwatch(self, place: WatchedPlace) -> None:
        self._watches.pop(place).stop()
        self._readings.pop(place).stop()

    def _check_threads(self) -> None:
        """Give up threads that hang, and name what hangs."""
        now = time.monotonic()
        if now - self._checked < CHECK:
            return
        self._checked = now
        hung: list[str] = []
        for place, watch in self._watches.items():
            hung += watch.check()
            for path in self._readings[place].check():
                self._fly.hangs(place, path, now)
        self._hung = tuple(hung)

    def _heat(self) -> None:
        """Have what was just found looked at again soon: each turn, for a look at all comes much later."""
        now = time.monotonic()
        for place, watch in self._watches.items():
            files = self._fly.places[place]
            watch.heat(files.hot(now), files.waiting())

    def _read_next(self) -> None:
        now = time.monotonic()
        for place, reading in self._readings.items():
            while reading.has_room and (job := self._fly.next(place, now)) is not None:
                reading.read(*job)

    def _found(self, place: WatchedPlace, found: Found) -> None:
        self._inbox.put(lambda now: self._fly.found(place, found, now))

    def _read(self, place: WatchedPlace, found: ReadFile) -> None:
        self._inbox.put(lambda now: self._fly.read(place, found, now))

    def _publish(self) -> None:
        now = time.monotonic()
        known = (self._fly.changes, self._failure, self._hung, self._follower.problem, self._mode())
        if now - self._told_at < TELL or known == self._known:
            return
        self._told_at, self._known = now, known
        try:
            self._tell(self._published())
        except Exception:  # what cannot be told (Tango is ending) must not end the watching
            log.exception("what is known cannot be told; it is tried again")

    def _published(self) -> PublishedState:
        problems = [one for one in (self._failure, self._follower.problem) if one]
        return published(
            self._fly,
            (*problems, *self._hung),
            last_file=self._last_file,
            last_dataset=self._last_dataset,
            recorded=self._recorded,
            mode=self._mode(),
        )

    def _mode(self) -> str:
        watch = self._watches.get(self._fly.active) if self._fly.active else None
        return watch.mode if watch else ""

    def _note(self, path: Path, pid: str) -> None:
        self._last_file, self._last_dataset = str(path), pid
        self._recorded += 1
