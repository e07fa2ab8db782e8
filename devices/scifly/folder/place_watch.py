"""The threads that watch one place: notification where it is proved, and looks in any case."""

import threading
from collections.abc import Callable, Set
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from scifish.common.text_forms import counted
from scifish.files.mount_guard import MountGuard
from scifly.folder.beat import HANGS
from scifly.folder.names import FileNames
from scifly.folder.notices import PROOF, Notices
from scifly.folder.scan import Look, Sweep
from scifly.folder.stamp import Stamp, stamp_of
from scifly.folder.sweeper import Sweeper

QUIET = 5.0  # seconds between two looks where inotify tells of changes: events may be lost
MISSED = 3  # changes that a look found and inotify did not tell: another host writes here
MOST_LOST = 4  # threads of a place that hang; with more, the place is left alone until one comes back


class Watching(Enum):
    """How a place is watched."""

    AUTO = "auto"
    INOTIFY = "inotify"
    SWEEP = "sweep"


@dataclass(frozen=True)
class Noticed:
    """inotify told of a file: its state now (None: it is gone); `closed`: its writer has finished for now."""

    path: str
    stamp: Stamp | None
    closed: bool


Found = Look | Noticed | str
"""What is posted; a text says why a look failed."""


class PlaceWatch:
    """Watches the files below `root`: `post` is called from threads of this object."""

    def __init__(
        self,
        root: Path,
        names: FileNames,
        post: Callable[[Found], None],
        *,
        period: float,
        watching: Watching = Watching.AUTO,
        hangs: float = HANGS,
        quiet: float = QUIET,
        proof: float = PROOF,
    ) -> None:
        self._quiet, self._proof = quiet, proof
        self.root = root
        self.reason = ""
        self._names = names
        self._post = post
        self._period = period
        self._watching = watching
        self._hangs = hangs
        self._guard = MountGuard(root)
        self._hung: dict[str, threading.Event] = {}
        self._notices: Notices | None = None
        self._noticed: set[str] = set()
        self._suspects: set[str] = set()
        self._missed = 0
        self._looked = False
        self._sweeper = self._new(Sweep(root, names, self._skip))
        self._sweeper.start()

    @property
    def mode(self) -> str:
        """How it is watched now, with the reason where that is not inotify."""
        if self._notices is not None:
            return Watching.INOTIFY.value
        return f"{Watching.SWEEP.value}: {self.reason}" if self.reason else Watching.SWEEP.value

    def heat(self, hot: tuple[str, ...], waiting: tuple[str, ...] = ()) -> None:
        """Look at the `hot` files often, and at those that are waited for each time."""
        self._sweeper.heat(hot, waiting)

    def check(self) -> tuple[str, ...]:
        """Give up a thread that hangs, for a new one that leaves out what it hangs at; return what hangs."""
        for path in [path for path, returned in self._hung.items() if returned.is_set()]:
            del self._hung[path]
        sweeper = self._sweeper
        if sweeper.beat.hangs(self._hangs) and len(self._hung) < MOST_LOST:
            sweeper.abandon()
            self._hung[sweeper.beat.at] = sweeper.returned
            self._sweeper = self._new(sweeper.sweep.copy())
            self._sweeper.start()
        return tuple(
            f"{path}: does not answer; what is below it is not watched until it does: check its file server"
            for path in self._hung
        )

    def hangs_at(self, path: Path) -> bool:
        """Tell whether a file is below what hangs."""
        return bool(self._hung) and self._sweeper.sweep.skipped(str(path))

    def rescan(self) -> None:
        """Look at all as if for the first time."""
        self._sweeper.abandon()
        self._looked = False
        if self._notices is not None:
            self._notices.stop()
            self._notices = None
        self._sweeper = self._new(Sweep(self.root, self._names, self._skip))
        self._sweeper.start()

    def stop(self) -> None:
        """Watch no more; returns at once."""
        self._sweeper.abandon()
        if self._notices is not None:
            self._notices.stop()

    def _skip(self) -> tuple[str, ...]:
        return tuple(self._hung)

    def _new(self, sweep: Sweep) -> Sweeper:
        return Sweeper(sweep, self._guard, self._take, period=self._period, before=self._listen)

    def _listen(self) -> None:
        """Begin to hear of changes, before the first look; called in the thread that looks."""
        if self._looked or self._hung or self._watching is Watching.SWEEP:
            return
        notices = Notices(self.root, self._names, self._notice, self._folders, self._proof)
        self.reason = notices.start()
        if not self.reason:
            self._notices = notices

    def _folders(self) -> None:
        self._sweeper.soon()

    def _notice(self, path: str, closed: bool) -> None:
        self._noticed.add(path)
        try:
            state = stamp_of(path)
        except OSError:  # a look at all finds and tells it
            return
        self._post(Noticed(path, state, closed))

    def _take(self, found: Look | str) -> None:
        """Pass a look on; where inotify is used, compare a look at all with what that told."""
        if isinstance(found, Look) and found.whole and self._notices is not None:
            self._compare({path for path, state in found.changed.items() if state is not None})
        self._sweeper.period = self._quiet if self._notices is not None else self._period
        self._looked = True
        self._post(found)

    def _compare(self, changed: Set[str]) -> None:
        """Trust inotify no more when it did not tell what was changed a look ago or before."""
        noticed, self._noticed = self._noticed, set()
        missed = self._suspects - noticed
        self._missed += len(missed)
        self._suspects = {path for path in changed - noticed if self._looked}
        if self._missed >= MISSED and self._notices is not None and self._watching is Watching.AUTO:
            self.reason = f"inotify missed {counted(self._missed, 'change')}, another host writes here"
            self._notices.stop()
            self._notices = None
            self._sweeper.soon()
