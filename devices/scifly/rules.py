"""SciFly's rules without Tango: watches places and records what is complete, each acquisition once."""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone, tzinfo
from pathlib import Path

from scifish.common.clock import iso, utcnow
from scifly.errors import IncompleteError, LedgerError, RecorderError, UnreadableError
from scifly.folder.pending import PlaceWatch
from scifly.ledger import Ledger
from scifly.place import WatchedPlace
from scifly.readers.instrument_file import open_regular
from scifly.readers.registry import Reader, read, readers
from scifly.readers.times import began_and_ended
from scifly.recorder import FoundAcquisition, Recorder

MAX_EVENTS = 100
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Habits:
    """How SciFly watches: file patterns, looks until a file is stable, seconds; the writer's time zone."""

    patterns: tuple[str, ...] = ("*.txt",)
    stable_looks: int = 3
    patience: float = 600.0
    linger: float = 600.0
    zone: tzinfo | None = None
    readers: Mapping[str, Reader] = field(default_factory=readers)


class Fly:
    """Watches the active place, and those that were left while files in them were in progress."""

    def __init__(
        self, ledger: Ledger, recorder: Recorder, habits: Habits, recorded: Callable[[Path], None]
    ) -> None:
        self._ledger = ledger
        self._recorder = recorder
        self._habits = habits
        self._recorded = recorded
        self._watches: dict[WatchedPlace, PlaceWatch] = {}
        self._conditions: list[str] = []
        self.events: deque[str] = deque(maxlen=MAX_EVENTS)
        self.active: WatchedPlace | None = None
        self._resume()

    @property
    def pending(self) -> int:
        """How many files are seen and not recorded yet."""
        return sum(len(watch.pending) for watch in self._watches.values())

    @property
    def conditions(self) -> tuple[str, ...]:
        """What is wrong now, a line each."""
        return tuple(self._conditions)

    def follow(self, place: WatchedPlace | None) -> None:
        """Make a place the active one; the one before is watched until its files are settled."""
        if place == self.active:
            return
        if place is None:
            self._ledger.leave()
        else:
            self._ledger.enter(place)
            self._watches = {
                known: watch for known, watch in self._watches.items() if known.path != place.path
            }
            self._add(place)
        self.active = place

    def look(self) -> None:
        """Look at all places once and record what is complete."""
        self._conditions = []
        left = self._ledger.places()
        for place, watch in list(self._watches.items()):
            self._look_at(watch)
            if self._is_over(watch, left.get(place)):
                del self._watches[place]
                self._ledger.forget(place)

    def _resume(self) -> None:
        for place, left_at in self._ledger.places().items():
            self._add(place)
            if left_at is None:
                self.active = place

    def _add(self, place: WatchedPlace) -> None:
        settled = self._ledger.settled(place.path)
        self._watches[place] = PlaceWatch(place, self._habits.patterns, self._habits.stable_looks, settled)

    def _is_over(self, watch: PlaceWatch, left_at: float | None) -> bool:
        if watch.place == self.active:
            return False
        waited = time.time() - (left_at or 0.0)
        return waited > self._habits.linger and (not watch.pending or waited > self._habits.patience)

    def _look_at(self, watch: PlaceWatch) -> None:
        try:
            ready = watch.look()
        except UnreadableError as error:
            self._conditions.append(str(error))
            return
        for path in watch.vanished:
            self._tell(f"{path}: vanished before it was complete; it is not recorded")
        for path in ready:
            self._try(watch, path)
        self._conditions += self._complaints(watch)

    def _try(self, watch: PlaceWatch, path: Path) -> None:
        """Record a file that is stable; what hinders it is the reason that it waits for."""
        try:
            self._record(watch, path)
        except FileNotFoundError:
            return  # the next look finds that it has vanished
        except IncompleteError as error:
            watch.wait(path, str(error), until_changed=True)
        except (UnreadableError, RecorderError) as error:
            watch.wait(path, str(error), until_changed=False)
        except LedgerError:
            raise
        except Exception as error:  # one strange file must not hold up the others
            log.exception("%s cannot be read", path)
            what = f"{path}: cannot be read: {type(error).__name__}: {error}; report this, the log has more"
            watch.wait(path, what, until_changed=False)

    def _record(self, watch: PlaceWatch, path: Path) -> None:
        stamp = watch.pending[path].stamp
        _check_name(path)
        with open_regular(path, watch.place.path) as file:
            found = read(file, self._habits.readers)
        if found is None:
            if stamp.size == 0:
                raise IncompleteError("it is empty")
            watch.settle(path)
            return
        _, acquisition = found
        if acquisition.missing:
            raise IncompleteError(acquisition.missing)
        began, ended = began_and_ended(acquisition, stamp, self._habits.zone)
        ticket = self._ledger.begin(
            path, stamp, acquisition.first_time.isoformat() if acquisition.first_time else ""
        )
        refused = self._recorder.record(
            FoundAcquisition(path, stamp, acquisition, watch.place, began, ended, ticket)
        )
        self._ledger.settle(path)
        watch.settle(path)
        if refused:
            self._tell(f"{path}: was not recorded: {refused}")
            return
        for problem in acquisition.problems:
            self._tell(f"{path}: was recorded, but {problem}")
        self._recorded(path)

    def _complaints(self, watch: PlaceWatch) -> list[str]:
        now = time.time()
        return [
            one.reason
            if one.wrong
            else f"{path}: waits since {_when(one.since)}: {one.reason or 'it changes'}"
            for path, one in watch.pending.items()
            if one.wrong or now - one.since > self._habits.patience
        ]

    def _tell(self, text: str) -> None:
        self.events.append(f"{iso(utcnow())} {text}")


def _check_name(path: Path) -> None:
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise UnreadableError(f"{path}: its name is not UTF-8 text; rename it") from error


def _when(seconds: float) -> str:
    return iso(datetime.fromtimestamp(seconds, timezone.utc))
