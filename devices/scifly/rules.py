"""SciFly's rules without Tango and without threads: what is seen, read and recorded, each acquisition once.

A loop tells what its threads have found and read; every method returns at once, but for a recording.
`now` is in seconds of a clock that never goes back.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path

from scifish.common.clock import iso, utcnow
from scifly.errors import LedgerError, PlaceError, RecorderError
from scifly.folder.pending import Pending, PlaceFiles
from scifly.folder.place_watch import Noticed
from scifly.folder.scan import Look
from scifly.instruments import Habits, Rule
from scifly.place import WatchedPlace
from scifly.readers.reading import ReadFile
from scifly.readers.registry import Reader
from scifly.recording.file_record import record_once
from scifly.recording.ledger import Ledger
from scifly.recording.recorder import Recorder

MAX_EVENTS = 100
MAX_IGNORED = 1000
GROWS_EVERY = 60.0  # seconds between two records of a file that grows for a day
NO_READER = "no reader knows its format; a reader for it can be added"


class Fly:
    """The files of the active place, and of those that were left while files in them were in progress."""

    def __init__(
        self, ledger: Ledger, recorder: Recorder, habits: Habits, recorded: Callable[[Path, str], None]
    ) -> None:
        self._ledger = ledger
        self._recorder = recorder
        self._habits = habits
        self._recorded = recorded
        self._troubles: dict[WatchedPlace, str] = {}
        self.places: dict[WatchedPlace, PlaceFiles] = {}
        self.ignored: dict[Path, str] = {}
        self.events: deque[str] = deque(maxlen=MAX_EVENTS)
        self.active: WatchedPlace | None = None
        self.enabled = True
        self.changes = 0  # grows with whatever may be told
        self._resume()

    @property
    def pending(self) -> dict[Path, Pending]:
        """The files that are seen and not recorded yet."""
        return {path: one for files in self.places.values() for path, one in files.pending.items()}

    @property
    def failed(self) -> dict[Path, str]:
        """The files that are not waited for any more, and why."""
        return {path: why for files in self.places.values() for path, why in files.failed.items()}

    @property
    def conditions(self) -> tuple[str, ...]:
        """What is wrong now, a line each."""
        return (*self._troubles.values(), *(one.reason for one in self.pending.values() if one.wrong))

    def switch(self, *, enabled: bool) -> None:
        """Record from now on, or let what is found wait."""
        self.enabled = enabled
        self.changes += 1

    def follow(self, place: WatchedPlace | None) -> None:
        """Make a place the active one; the one before is watched until its files are settled.

        Raises LedgerError.
        """
        if place is not None and place in self.places:
            files = self.places[place]
            files.place = replace(files.place, samples=files.place.samples | place.samples)
        if place == self.active:
            return
        self.changes += 1
        if place is None:
            self._ledger.leave()
        else:
            self._ledger.enter(place)
            for known in [one for one in self.places if one.path == place.path]:
                self._drop(known)
            self._add(place)
        self.active = place

    def found(self, place: WatchedPlace, found: Look | Noticed | str, now: float) -> None:
        """Take what was found at a place; a text says why a look failed."""
        files = self.places.get(place)
        if files is None:
            return
        if not isinstance(found, Look) or found != Look() or place in self._troubles or not files.looked:
            self.changes += 1
        if isinstance(found, str):
            self._troubles[place] = found
        elif isinstance(found, Noticed):
            self._see(files, Path(found.path), found, now)
        else:
            self._looked(files, found, now)

    def next(self, place: WatchedPlace, now: float) -> tuple[Path, Mapping[str, Reader]] | None:
        """Return the file of a place to read next, and by which readers; None: there is none now."""
        path = self.places[place].next(now) if self.enabled else None
        return None if path is None else (path, self._rule(path).readers)

    def read(self, place: WatchedPlace, found: ReadFile, now: float) -> None:
        """Take what reading a file gave, and record it when it is whole."""
        files = self.places.get(place)
        if files is None or found.path not in files.pending:
            return
        self.changes += 1
        pending = files.pending[found.path]
        pending.stamp = found.stamp or pending.stamp
        if found.gone:
            self._see(files, found.path, Noticed(str(found.path), None, closed=True), now)
        elif found.error:
            files.try_again(found.path, found.error, now, read=True)
        elif found.acquisition is None:
            self._unknown(files, found, now)
        elif found.acquisition.missing and not (pending.last and found.acquisition.data_format):
            files.wait(found.path, found.acquisition.missing, now, took=found.took)
        elif (
            not (found.acquisition.has_end or found.acquisition.grows)
            and now - pending.changed < self._habits.still
        ):
            files.wait(found.path, "may still be written", now, took=found.took, endless=True)
        else:
            self._try(files, found, now)

    def hangs(self, place: WatchedPlace, path: Path, now: float) -> None:
        """Reading a file does not come to an end; it is tried again when its thread has come back."""
        files = self.places.get(place)
        if files is not None and path in files.pending:
            self.changes += 1
            files.try_again(path, f"{path}: reading it does not end; check its file server", now)

    def expire(self, now: float) -> None:
        """Give up the files that have been incomplete for too long, and the places that are over.

        Raises LedgerError.
        """
        left = self._ledger.places() if len(self.places) > (self.active is not None) else {}
        for place, files in list(self.places.items()):
            for path, one in list(files.pending.items()):
                if one.read and not one.endless and now - one.changed > self._rule(path).patience:
                    self._give_up(files, path, one, now)
            if self._is_over(files, left.get(place)):
                self._drop(place)
                self._ledger.forget(place)

    def _give_up(self, files: PlaceFiles, path: Path, one: Pending, now: float) -> None:
        """End the wait for a file: with a report, and recorded as it is where the rule says so."""
        rule = self._rule(path)
        why = one.reason.removeprefix(f"{path}: ")
        if rule.instrument.incomplete == "record" and not one.wrong and not one.last:
            files.read_last(path, now)
            self.report(f"{path}: is recorded as it is, unchanged for {rule.patience:g} s: {why}")
        else:
            files.fail(path, why)
            self.report(f"{path}: is given up, unchanged for {rule.patience:g} s: {why}")

    def _rule(self, path: Path) -> Rule:
        return self._habits.rule_of(path.name) or self._habits.rules[0]

    def clear(self) -> None:
        """Forget the events."""
        self.events.clear()
        self.changes += 1

    def report(self, text: str) -> None:
        """Keep an event for people."""
        self.changes += 1
        self.events.append(f"{iso(utcnow())} {text}")

    def _resume(self) -> None:
        for place, left_at in self._ledger.places().items():
            self._add(place)
            if left_at is None:
                self.active = place

    def _add(self, place: WatchedPlace) -> None:
        self.places[place] = PlaceFiles(place, self._ledger.settled(place.path), self._habits.still)

    def _drop(self, place: WatchedPlace) -> None:
        self.places.pop(place)
        self._troubles.pop(place, None)

    def _is_over(self, files: PlaceFiles, left_at: float | None) -> bool:
        if files.place == self.active:
            return False
        waited = time.time() - (left_at or 0.0)
        has_nothing = files.looked and not files.pending
        return waited > self._habits.linger and (has_nothing or waited > self._habits.patience)

    def _looked(self, files: PlaceFiles, look: Look, now: float) -> None:
        self._troubles.pop(files.place, None)
        files.looked = True
        for name, stamp in look.changed.items():
            self._see(files, Path(name), Noticed(name, stamp, closed=False), now)
        for name in look.same:
            files.same(Path(name), now)
        for name, what in look.odd.items():
            self._ignore(Path(name), f"{what}; only regular files are read")

    def _see(self, files: PlaceFiles, path: Path, seen: Noticed, now: float) -> None:
        if seen.stamp and path in files.recorded and self._rule(path).instrument.trigger == "new":
            files.settled[path] = seen.stamp
        vanished = files.see(path, seen.stamp, now, closed=seen.closed)
        if seen.stamp is None or path in files.pending:
            self.ignored.pop(path, None)
        if vanished:
            self.report(f"{path}: vanished before it was complete; it is not recorded")

    def _unknown(self, files: PlaceFiles, found: ReadFile, now: float) -> None:
        if found.stamp is not None and found.stamp.size == 0:
            files.wait(found.path, "is empty", now)
        else:
            self._ignore(found.path, NO_READER)
            files.settle(found.path)

    def _ignore(self, path: Path, why: str) -> None:
        self.ignored.pop(path, None)
        self.ignored[path] = why
        if len(self.ignored) > MAX_IGNORED:
            self.ignored.pop(next(iter(self.ignored)))

    def _try(self, files: PlaceFiles, found: ReadFile, now: float) -> None:
        try:
            self._record(files, found, now)
        except (LedgerError, RecorderError) as error:
            files.try_again(found.path, str(error), now)

    def _record(self, files: PlaceFiles, found: ReadFile, now: float) -> None:
        path, acquisition, stamp = found.path, found.acquisition, files.pending[found.path].stamp
        if acquisition is None:
            return
        pid, refused = record_once(
            self._ledger,
            self._recorder,
            (path, stamp, acquisition),
            files.place,
            zone=self._habits.zone,
            rule=self._rule(path),
        )
        files.settle(path, rest_until=now + GROWS_EVERY if acquisition.grows else 0.0)
        files.recorded.add(path)
        if refused:
            self.report(f"{path}: was not recorded: {refused}")
            return
        for problem in acquisition.problems:
            self.report(f"{path}: was recorded, but {problem}")
        self._recorded(path, pid)

    def retry(self, path: Path | None, now: float) -> None:
        """Read a file that was given up again; None: all of them."""
        self.changes += 1
        for files in self.places.values():
            for one in [path] if path is not None else list(files.failed):
                files.retry(one, now)

    def rescan(self) -> None:
        """Take what is found next as if it was new, but for what was recorded."""
        for path in self.ignored:
            for files in self.places.values():
                files.settled.pop(path, None)
        self.ignored.clear()
        self.changes += 1

    def backfill(self, place: WatchedPlace) -> None:
        """Record what lies in a folder, as a place that was left. Raises PlaceError, LedgerError."""
        self.check_backfill(place)
        self._ledger.enter_left(place)
        self._add(place)

    def check_backfill(self, place: WatchedPlace) -> None:
        """Raise PlaceError when a folder, or one below or above it, is watched already."""
        for known in list(self.places):
            if known.path == place.path or known.path in place.path.parents:
                raise PlaceError(f"{place.path}: is watched already; Rescan looks at all of it")
            if place.path in known.path.parents:
                raise PlaceError(f"{place.path}: {known.path} in it is watched; name the folders beside it")

    def waits_since(self) -> float | None:
        """Return since when the file waits that is read next; None: none waits."""
        found = [since for files in self.places.values() if (since := files.waits_since()) is not None]
        return min(found, default=None)

    def pending_texts(self, now: float, limit: int) -> Iterator[str]:
        """Return what waits for what, a line each."""
        began = time.time() - now
        for path, one in islice(self.pending.items(), limit):
            since = datetime.fromtimestamp(round(began + one.since), timezone.utc)
            yield f"{path}: {one.reason.removeprefix(f'{path}: ')} (since {iso(since)})"
