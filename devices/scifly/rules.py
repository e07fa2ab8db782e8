"""SciFly's rules without Tango and without threads: what is seen, read and recorded, each acquisition once.

A loop tells what its threads have found and read; every method returns at once, but for a recording.
`now` is in seconds of a clock that never goes back.
"""

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path

from scifish.common.clock import iso, utcnow
from scifly.errors import LedgerError, RecorderError
from scifly.folder.pending import Pending, PlaceFiles
from scifly.folder.place_watch import Noticed
from scifly.folder.scan import Look
from scifly.instruments import Habits, Rule
from scifly.place import WatchedPlace
from scifly.readers.acquisition import Acquisition
from scifly.readers.reading import ReadFile
from scifly.readers.registry import Reader
from scifly.recording.file_record import FileRecords, ReadAcquisition, Recorded
from scifly.recording.ledger import Ledger
from scifly.recording.places import Places
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
        self._habits = habits
        self._recorded = recorded
        self.watched = Places(ledger, habits.still)
        self._troubles: dict[WatchedPlace, str] = {}
        self._records = FileRecords(ledger, recorder, habits.zone)
        self.ignored: dict[Path, str] = {}
        self.events: deque[str] = deque(maxlen=MAX_EVENTS)
        self.enabled = True
        self.changes = 0  # grows with whatever may be told

    @property
    def places(self) -> dict[WatchedPlace, PlaceFiles]:
        """The places that are watched, with their files."""
        return self.watched.all

    @property
    def active(self) -> WatchedPlace | None:
        """The place where acquisitions are written now."""
        return self.watched.active

    @property
    def pending(self) -> dict[Path, Pending]:
        """The files that are seen and not recorded yet."""
        return dict(self.watched.each_pending())

    @property
    def failed(self) -> dict[Path, str]:
        """The files that are not waited for any more, and why."""
        return {path: why for files in self.places.values() for path, why in files.failed.items()}

    @property
    def conditions(self) -> tuple[str, ...]:
        """What is wrong now, a line each."""
        troubles = [why for place, why in self._troubles.items() if place in self.places]
        return (*troubles, *(one.reason for _, one in self.watched.each_pending() if one.wrong))

    def switch(self, *, enabled: bool) -> None:
        """Record from now on, or let what is found wait."""
        self.enabled = enabled
        self.changes += 1

    def follow(self, place: WatchedPlace | None) -> None:
        """Make a place the active one; the one before is watched until its files are settled.

        Raises LedgerError.
        """
        self.changes += self.watched.follow(place)

    def found(self, place: WatchedPlace, found: Look | Noticed | str, now: float) -> None:
        """Take what was found at a place; a text says why a look failed."""
        files = self.places.get(place)
        if files is None:
            return
        says_something = not isinstance(found, Look) or found.changed or found.same or found.odd
        if says_something or place in self._troubles or not files.looked:
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
        """Take what reading a file gave; `record` records what is whole."""
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
        elif pending.is_first_sight and not (found.acquisition and found.acquisition.grows):
            why = found.acquisition.missing if found.acquisition else ""
            files.read_when_stable(found.path, why or "is written", now, took=found.took)
            self._begin(files, found)
        elif found.acquisition is None:
            self._unknown(files, found, now)
        elif found.acquisition.missing and not (pending.last and found.acquisition.data_format):
            files.wait(found.path, found.acquisition.missing, now, took=found.took)
            self._begin(files, found)
        elif (
            not (found.acquisition.has_end or found.acquisition.grows)
            and now - pending.changed < self._habits.still
        ):
            files.wait(found.path, "may still be written", now, took=found.took, endless=True)
            self._begin(files, found)
        else:
            self._add(files, self._as_read(files, found.path, found.acquisition), now)

    def _add(self, files: PlaceFiles, read: ReadAcquisition, now: float) -> None:
        """Let a file be recorded, or those of its spectra that are new or have grown."""
        if read.rule.instrument.group != "spectrum" or not read.acquisition.spectra:
            self._records.add(read)
            return
        for one in read.by_spectrum(files.settled):
            self._records.add(one)
        files.settle(read.path, rest_until=now + GROWS_EVERY)

    def _begin(self, files: PlaceFiles, found: ReadFile) -> None:
        """Let the dataset of a file begin that is still written, where its rule says so."""
        one = found.acquisition
        is_written = one is not None and one.data_format and (one.missing or not one.has_end)
        if one is not None and is_written and self._begins_when_seen(found.path):
            self._records.begin(self._as_read(files, found.path, one))

    def _begins_when_seen(self, path: Path) -> bool:
        return self._rule(path).instrument.begin == "seen" and not self._records.has_begun(path)

    def _as_read(self, files: PlaceFiles, path: Path, acquisition: Acquisition) -> ReadAcquisition:
        stamp = files.pending[path].stamp
        return ReadAcquisition(path, stamp, acquisition, files.place, self._rule(path))

    def record(self, now: float) -> None:
        """Record what was read and is whole, and begin what is not."""
        if not self.enabled:
            return
        for one in self._records.record(self._is_as_read):
            self.changes += 1
            self._done(one, now)

    def _is_as_read(self, one: ReadAcquisition) -> bool:
        files = self.places.get(one.place)
        if one.spectrum is not None:
            return files is not None
        pending = files.pending.get(one.path) if files is not None else None
        return pending is not None and pending.stamp == one.stamp  # else it is read again

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
        for files in self.places.values():
            for path, one in files.unfinished():
                if not one.endless and now - one.changed > self._rule(path).patience:
                    self._give_up(files, path, one, now)
        for files in self.watched.drop_over(self._habits.linger, self._habits.patience):
            for path in files.pending:
                self._records.abandon(path, "its path was left before it was complete")

    def _give_up(self, files: PlaceFiles, path: Path, one: Pending, now: float) -> None:
        """End the wait for a file: with a report, and recorded as it is where the rule says so."""
        rule = self._rule(path)
        why = one.reason.removeprefix(f"{path}: ")
        if rule.instrument.incomplete == "record" and not one.wrong and not one.last:
            files.read_last(path, now)
            self.report(f"{path}: is recorded as it is, unchanged for {rule.patience:g} s: {why}")
        else:
            files.fail(path, why)
            self._records.abandon(path, why)
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

    def _looked(self, files: PlaceFiles, look: Look, now: float) -> None:
        self._troubles.pop(files.place, None)
        files.looked = True
        for name, stamp in look.changed.items():
            self._see(files, Path(name), Noticed(name, stamp, closed=False), now)
        for name in look.same:
            files.same(Path(name), now)
        for name, why in look.odd.items():
            self._ignore(Path(name), why)

    def _see(self, files: PlaceFiles, path: Path, seen: Noticed, now: float) -> None:
        if seen.stamp and path in files.recorded and self._rule(path).instrument.trigger == "new":
            files.settled[path] = seen.stamp
        eager = self._begins_when_seen(path)
        vanished = files.see(path, seen.stamp, now, closed=seen.closed, eager=eager)
        if seen.stamp is None or path in files.pending:
            self.ignored.pop(path, None)
        if vanished:
            self._records.abandon(path, "vanished before it was complete")
            self.report(f"{path}: vanished before it was complete; it is not recorded")

    def _unknown(self, files: PlaceFiles, found: ReadFile, now: float) -> None:
        if found.stamp is not None and found.stamp.size == 0:
            files.wait(found.path, "is empty", now)
        else:
            self._ignore(found.path, NO_READER)
            files.settle(found.path)
            self._records.abandon(found.path, NO_READER)

    def _ignore(self, path: Path, why: str) -> None:
        self.ignored.pop(path, None)
        if why:
            self.ignored[path] = why
        if len(self.ignored) > MAX_IGNORED:
            self.ignored.pop(next(iter(self.ignored)))

    def _done(self, recorded: Recorded, now: float) -> None:
        one, outcome = recorded.file, recorded.outcome
        if recorded.begun:
            if outcome is not None:
                self.report(f"{one.path}: its dataset has not begun: {outcome}")
            return
        files = self.places[one.place]
        if isinstance(outcome, RecorderError | LedgerError):
            files.again(one.path, one.stamp, now)
            if one.path in files.pending:
                files.try_again(one.path, str(outcome), now)
            return
        if one.spectrum is not None:
            files.settled[one.key] = one.spectrum.stamp
        else:
            files.settle(one.path, rest_until=now + GROWS_EVERY if one.acquisition.grows else 0.0)
        files.recorded.add(one.path)
        if outcome:
            self.report(f"{one.path}: was not recorded: {outcome}")
            return
        for problem in one.acquisition.problems:
            self.report(f"{one.path}: was recorded, but {problem}")
        self._recorded(one.path, recorded.pid)

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

    def waits_since(self) -> float | None:
        """Return since when the file waits that is read next; None: none waits."""
        found = [since for files in self.places.values() if (since := files.waits_since()) is not None]
        return min(found, default=None)
