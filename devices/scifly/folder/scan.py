"""Finds files by looking at folders: no notification reaches us from what another host writes (NFS, SMB).

New, renamed and deleted files are found by their folders. A change in place does not change a folder: for
that all known files are looked at in turn, a few at each look.
"""

import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scifly.folder.beat import Beat
from scifly.folder.listing import Listing
from scifly.folder.names import FileNames
from scifly.folder.stamp import Stamp, stamp_of

TURN = 0.0003  # seconds of processor time of a look for files whose folder has not changed
LONGEST_TURN = 0.02  # seconds that these may take by the clock: a file server answers in its own time


@dataclass(frozen=True)
class Look:
    """What a look found. `changed`: the new states (None: the file is gone); `same`: hot files that stayed.

    `odd` are names that match and are no regular files, and folders that cannot be listed, with the reason;
    empty: there is none any more. `whole`: of all folders, not of hot files only.
    """

    changed: dict[str, Stamp | None] = field(default_factory=dict)
    same: tuple[str, ...] = ()
    odd: dict[str, str] = field(default_factory=dict)
    whole: bool = True


class Sweep:
    """The files below `root` with fitting names, without hidden folders, linked ones and `skip()`."""

    def __init__(
        self,
        root: Path,
        names: FileNames,
        skip: Callable[[], Collection[str]] = tuple,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.root = root
        self._names = names
        self.beat = Beat()
        self._skip = skip
        self._clock = clock
        self._stamps: dict[str, Stamp] = {}
        self._turn: Iterator[str] = iter(())
        self._listing = self._listed_anew()
        self._is_over = True  # the last look came to its end

    def copy(self) -> "Sweep":
        """Return one that knows what this one has told, for another thread."""
        made = Sweep(self.root, self._names, self._skip, self._clock)
        made._stamps, made._is_over = dict(self._stamps), False
        return made

    @property
    def files(self) -> int:
        """How many files are known."""
        return len(self._stamps)

    def is_there(self, path: str) -> bool:
        """Tell whether a file is still there, as far as one may see."""
        self.beat(path)
        try:
            return stamp_of(path) is not None
        except OSError:
            return True

    def look(
        self,
        hot: Collection[str] = (),
        turn: float = TURN,
        are_gone: Callable[[], None] = lambda: None,
    ) -> Look:
        """Look at all folders, at the `hot` files, and for `turn` seconds of processor time at others.

        `are_gone` is called when files are gone; what it raises says that they are not. A look that does not
        come to its end has told nothing: the next one finds all that it found.
        Raises UnreadableError when `root` cannot be read.
        """
        changed: dict[str, Stamp | None] = {}
        odd: dict[str, str] = {}
        if not self._is_over:
            self._listing = self._listed_anew()
        others = self._others() if self._is_over else iter(list(self._stamps))
        was_over, self._is_over = self._is_over, False
        for path in self._listing.changed(odd):
            self._check(path, changed)
        same = self._same(hot, changed)
        used, until = time.thread_time() + turn, time.perf_counter() + LONGEST_TURN
        for path in others:
            self._check(path, changed)
            if was_over and (time.thread_time() > used or time.perf_counter() > until):
                break
        if None in changed.values():
            are_gone()
        self._keep(changed)
        self._is_over = True
        return Look(changed, same, odd)

    def look_at(self, files: Collection[str]) -> Look:
        """Look at files only."""
        changed: dict[str, Stamp | None] = {}
        same = self._same(files, changed)
        self._keep(changed)
        return Look(changed, same, whole=False)

    def skipped(self, path: str) -> bool:
        """Tell whether a path is left out now."""
        return self._listing.skipped(path)

    def _listed_anew(self) -> Listing:
        return Listing(self.root, self._names, self.beat, self._skip, self._clock)

    def _same(self, files: Collection[str], changed: dict[str, Stamp | None]) -> tuple[str, ...]:
        """Put what changed into `changed`, return which stayed as they were."""
        return tuple(
            path
            for path in files
            if path in self._stamps and not self.skipped(path) and not self._check(path, changed)
        )

    def _others(self) -> Iterator[str]:
        """Return each known file once, from where the last look ended."""
        for _ in range(len(self._stamps)):
            path = next(self._turn, None)
            if path is None:
                self._turn = iter(list(self._stamps))
                path = next(self._turn)
            yield path

    def _check(self, path: str, changed: dict[str, Stamp | None]) -> bool:
        """Look at one file; tell whether it has changed."""
        if self.skipped(path):
            return False
        self.beat(path)
        try:
            now = stamp_of(path)
        except OSError:  # no right to look: reading it says so
            now = Stamp(-1, -1)
        if now == self._stamps.get(path):
            return False
        changed[path] = now
        return True

    def _keep(self, changed: dict[str, Stamp | None]) -> None:
        """Know what is told."""
        for path, now in changed.items():
            if now is None:
                self._stamps.pop(path, None)
            else:
                self._stamps[path] = now
