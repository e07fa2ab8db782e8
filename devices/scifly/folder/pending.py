"""The files of one place: which are new, which are to be read now, which wait for what."""

import heapq
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from scifly.folder.stamp import Stamp
from scifly.place import WatchedPlace

HOT_FOR = 10.0  # seconds that a file that was read and is not whole is looked at often after it has changed
MOST_HOT = 500  # files that are looked at at a time
AGAIN = 10.0  # seconds until a file that could not be read is read again
READ_SHARE = 5.0  # a file that takes a second to read is read again after five at the earliest


@dataclass
class Pending:
    """A file that is not recorded yet.

    `since` and `changed` are in seconds of the loop's clock. `equal`: it was seen twice in this state;
    `closed`: its writer has closed it in this state; `eager`: it is read at first sight, whether it changes
    or not; `given`: it is being read in this state; `read`: it was; `endless`: its format does not tell its
    end; `last`: it is read a last time and recorded as it is; `wrong`: `reason` is more than that it is still
    written; `not_before`: when it may be read again.
    """

    stamp: Stamp
    since: float
    changed: float
    equal: bool = False
    closed: bool = False
    given: bool = False
    read: bool = False
    eager: bool = False
    endless: bool = False
    wrong: bool = False
    last: bool = False
    reason: str = "is new"
    not_before: float = 0.0

    @property
    def is_first_sight(self) -> bool:
        """Whether it was read while it may still change."""
        return self.eager and not (self.equal or self.closed)


class PlaceFiles:
    """The files of one place. `settled`: those that are recorded or are none of ours, in that state;
    `recorded`: those of them that are recorded or refused.

    `looked`: all of it was looked at since the start. `still`: seconds without a change after which a file
    without an end of its own is whole.
    """

    def __init__(self, place: WatchedPlace, settled: dict[Path, Stamp], still: float) -> None:
        self.place = place
        self.pending: dict[Path, Pending] = {}
        self.failed: dict[Path, str] = {}
        self.settled = settled
        self.recorded = set(settled)
        self.looked = False
        self._still = still
        self._rests: dict[Path, float] = {}
        self._unsure: dict[Path, Pending] = {}  # not seen twice in one state yet
        self._unfinished: dict[Path, Pending] = {}  # read, and not whole
        self._ready: list[tuple[int, str]] = []
        self._timed: list[tuple[float, str]] = []

    def see(
        self, path: Path, stamp: Stamp | None, now: float, *, closed: bool = False, eager: bool = False
    ) -> bool:
        """Take a file's state; return whether a pending file has vanished."""
        if stamp is None:
            self.settled.pop(path, None)
            self.recorded.discard(path)
            self.failed.pop(path, None)
            return self._pop(path) is not None
        one = self.pending.get(path)
        if one is None:
            if self.settled.get(path) == stamp:
                return False
            self.failed.pop(path, None)
            rest = self._rests.pop(path, 0.0)
            self.pending[path] = one = Pending(stamp, now, now, closed=closed, not_before=rest)
        elif one.stamp != stamp:
            one.stamp, one.changed, one.closed = stamp, now, closed
            one.equal = one.given = one.read = one.endless = one.wrong = one.last = False
            one.reason = one.reason if one.reason != "is new" else "is written"
        elif closed:
            one.closed = True
        one.eager = eager
        self._sort(path, one, now)
        return False

    def same(self, path: Path, now: float) -> None:
        """A pending file was seen again in the state that it had."""
        one = self.pending.get(path)
        if one is not None and not one.equal:
            one.equal = True
            self._sort(path, one, now)

    def next(self, now: float) -> Path | None:
        """Return the file to read next, by the server's mtime, and take it from the queue; None: none yet."""
        while self._timed and self._timed[0][0] <= now:
            path = Path(heapq.heappop(self._timed)[1])
            if path in self.pending:
                self._sort(path, self.pending[path], now)
        while self._ready:
            path = Path(heapq.heappop(self._ready)[1])
            if path in self.pending and self._due(self.pending[path]) <= now:
                self.pending[path].given = True
                return path
        return None

    def settle(self, path: Path, *, rest_until: float = 0.0) -> None:
        """A pending file is recorded, or is none of ours, in the state that was seen last.

        `rest_until`: when it may be read again should it change.
        """
        self.settled[path] = self.pending[path].stamp
        self._pop(path)
        if rest_until:
            self._rests[path] = rest_until

    def again(self, path: Path, stamp: Stamp, now: float) -> None:
        """Let a file be pending again that is settled in this state: a part of it is not recorded."""
        if self.settled.get(path) == stamp:
            del self.settled[path]
            self.see(path, stamp, now, closed=True)

    def fail(self, path: Path, reason: str) -> None:
        """A pending file is waited for no longer; a change brings it back."""
        self.settle(path)
        self.failed[path] = reason

    def retry(self, path: Path, now: float) -> bool:
        """Read a file that has failed again; tell whether there is such a file."""
        if self.failed.pop(path, None) is None:
            return False
        stamp = self.settled.pop(path)
        self.pending[path] = one = Pending(stamp, now, now, equal=True, reason="is tried again")
        self._sort(path, one, now)
        return True

    def read_last(self, path: Path, now: float) -> None:
        """Read a pending file again though it has not changed."""
        one = self.pending[path]
        one.last, one.equal, one.given, one.read = True, True, False, False
        self._sort(path, one, now)

    def wait(self, path: Path, reason: str, now: float, *, took: float = 0.0, endless: bool = False) -> None:
        """A pending file was read and is not whole: read it again when it has changed."""
        one = self.pending[path]
        one.given = False
        one.reason, one.read, one.endless, one.wrong = reason, True, endless, False
        one.not_before = now + READ_SHARE * took
        self._sort(path, one, now)

    def read_when_stable(self, path: Path, reason: str, now: float, *, took: float) -> None:
        """A pending file was read at first sight: read it again when it is closed or stays as it is."""
        one = self.pending[path]
        one.given = one.eager = one.wrong = False
        one.reason, one.not_before = reason, now + READ_SHARE * took
        self._sort(path, one, now)

    def try_again(self, path: Path, reason: str, now: float, *, read: bool = False) -> None:
        """A pending file could not be read (`read`) or recorded: try again after a while."""
        one = self.pending[path]
        one.given, one.read = False, read
        one.reason, one.wrong, one.not_before = reason, True, now + AGAIN
        self._sort(path, one, now)

    def hot(self, now: float) -> tuple[str, ...]:
        """Return the files to look at often: those not seen twice, and unfinished ones that just changed."""
        changing = (path for path, one in self._unfinished.items() if now - one.changed < HOT_FOR)
        return tuple(map(str, islice(chain(self._unsure, changing), MOST_HOT)))

    def waiting(self) -> tuple[str, ...]:
        """Return files that were read and are waited for, to be looked at each time."""
        return tuple(map(str, islice(self._unfinished, MOST_HOT)))

    def unfinished(self) -> list[tuple[Path, Pending]]:
        """Return the files that were read and are not whole."""
        return list(self._unfinished.items())

    def waits_since(self) -> float | None:
        """Return since when the file waits that is read next; None: none waits. Any thread may ask."""
        for _, name in self._ready[:MOST_HOT]:  # some may have been read since they were put there
            one = self.pending.get(Path(name))
            if one is not None and self._due(one) != float("inf"):
                return self._due(one)
        return None

    def _sort(self, path: Path, one: Pending, now: float) -> None:
        """Put a file where it waits to be read, if it does, and where it is looked at."""
        for where, belongs in (
            (self._unsure, not (one.read or one.equal or one.closed)),
            (self._unfinished, one.read),
        ):
            if belongs:
                where[path] = one
            else:
                where.pop(path, None)
        due = self._due(one)
        if due <= now:
            heapq.heappush(self._ready, (one.stamp.mtime_ns, str(path)))
        elif due != float("inf"):
            heapq.heappush(self._timed, (due, str(path)))

    def _pop(self, path: Path) -> Pending | None:
        for where in (self._unsure, self._unfinished):
            where.pop(path, None)
        return self.pending.pop(path, None)

    def _due(self, one: Pending) -> float:
        """Return when a file may be read, as far as is known now."""
        if one.given:
            return float("inf")
        if one.wrong:
            return one.not_before
        if one.endless:
            return max(one.changed + self._still, one.not_before)
        if one.read or not (one.equal or one.closed or one.eager):
            return float("inf")
        return max(one.changed, one.not_before)
