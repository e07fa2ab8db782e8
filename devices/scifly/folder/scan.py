"""Finds files by looking at folders: no notification reaches us from what another host writes (NFS, SMB).

A new, renamed or deleted file changes its folder's mtime, so an unchanged folder is not read again. A change
in place does not: for that all known files are looked at in turn, a few at each look.
"""

import os
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from scifly.errors import UnreadableError
from scifly.folder.beat import Beat
from scifly.folder.names import FileNames
from scifly.folder.stamp import Stamp, stamp_of

READ_AGAIN = 3  # looks after a change: a server's mtime may be coarse, and a change in the same tick unseen
TURN = 0.0003  # seconds of processor time of a look for files whose folder has not changed
LONGEST_TURN = 0.02  # seconds that these may take by the clock: a file server answers in its own time


@dataclass(frozen=True)
class Look:
    """What a look found. `changed`: the new states (None: the file is gone); `same`: hot files that stayed.

    `odd` are names that match and are no regular files, and folders that cannot be listed, with the reason;
    empty: there is none any more. `whole`: of all folders, not
    of hot files only.
    """

    changed: dict[str, Stamp | None] = field(default_factory=dict)
    same: tuple[str, ...] = ()
    odd: dict[str, str] = field(default_factory=dict)
    whole: bool = True


@dataclass(frozen=True)
class _Folder:
    mtime_ns: int = -1
    looks: int = 0
    folders: tuple[str, ...] = ()
    files: dict[str, int] = field(default_factory=dict)  # path -> inode


class Sweep:
    """The files below `root` with fitting names, without hidden folders, linked ones and `skip()`."""

    def __init__(self, root: Path, names: FileNames, skip: Callable[[], Collection[str]] = tuple) -> None:
        self.root = root
        self._names = names
        self.beat = Beat()
        self._skip = skip
        self._folders: dict[str, _Folder] = {}
        self._stamps: dict[str, Stamp] = {}
        self._denied: dict[str, str] = {}
        self._turn: Iterator[str] = iter(())

    def copy(self) -> "Sweep":
        """Return one that knows the same, for another thread."""
        made = Sweep(self.root, self._names, self._skip)
        made._folders, made._stamps = dict(self._folders), dict(self._stamps)
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

    def look(self, hot: Collection[str] = (), turn: float = TURN) -> Look:
        """Look at all folders, at the `hot` files, and for `turn` seconds of processor time at others.

        Raises UnreadableError when `root` cannot be read.
        """
        changed: dict[str, Stamp | None] = {}
        odd: dict[str, str] = {}
        for path in self._listed(odd):
            self._check(path, changed)
        same = self.check(hot, changed)
        used, until = time.thread_time() + turn, time.perf_counter() + LONGEST_TURN
        for path in self._others():
            self._check(path, changed)
            if time.thread_time() > used or time.perf_counter() > until:
                break
        return Look(changed, same, odd)

    def check(self, hot: Collection[str], changed: dict[str, Stamp | None]) -> tuple[str, ...]:
        """Look at files only; put what changed into `changed`, return which stayed as they were."""
        return tuple(path for path in hot if path in self._stamps and not self._check(path, changed))

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
        if now is None:
            self._stamps.pop(path, None)
        else:
            self._stamps[path] = now
        changed[path] = now
        return True

    def _listed(self, odd: dict[str, str]) -> list[str]:
        """Return the files that are new in their folders, replaced or gone."""
        found: list[str] = []
        known, self._folders = self._folders, {}
        before_denied, self._denied = self._denied, {}
        waiting, skips = [str(self.root)], bool(self._skip())
        while waiting:
            path = waiting.pop()
            before = known.pop(path, None) or _Folder()
            folder = before if skips and self.skipped(path) else self._looked_at(path, before, odd)
            if folder is None:
                found.extend(before.files)
                continue
            self._folders[path] = folder
            waiting.extend(folder.folders)
            if folder is not before:
                found.extend(file for file, inode in folder.files.items() if before.files.get(file) != inode)
                found.extend(file for file in before.files if file not in folder.files)
        for gone in known.values():
            found.extend(gone.files)
        odd |= {path: why for path, why in self._denied.items() if path not in before_denied}
        odd |= {path: "" for path in before_denied if path not in self._denied}
        return found

    def _looked_at(self, path: str, folder: _Folder, odd: dict[str, str]) -> _Folder | None:
        self.beat(path)
        try:
            mtime_ns = os.stat(path).st_mtime_ns  # noqa: PTH116 - a Path for each costs more than the call
            changed = mtime_ns != folder.mtime_ns
            if not changed and folder.looks >= READ_AGAIN:
                return folder
            folders, files = self._content(path, odd)
        except OSError as error:
            if path == str(self.root):
                raise UnreadableError(
                    f"{path}: cannot be read ({error.strerror}); check the path, its rights and the mount"
                ) from error
            if not isinstance(error, FileNotFoundError | NotADirectoryError):
                why = f"cannot be listed ({error.strerror}); give SciFly's account the right to read it"
                self._denied[path] = why
            return None  # a folder that was deleted or closed meanwhile; it is looked for again
        return _Folder(mtime_ns, 0 if changed else folder.looks + 1, folders, files)

    def _content(self, path: str, odd: dict[str, str]) -> tuple[tuple[str, ...], dict[str, int]]:
        folders: list[str] = []
        files: dict[str, int] = {}
        with os.scandir(path) as entries:
            for entry in entries:
                self.beat()
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        folders.append(entry.path)
                elif self._names.match(entry.name):
                    if entry.is_file(follow_symlinks=False):
                        files[entry.path] = entry.inode()
                    else:
                        what = "is a link" if entry.is_symlink() else "is no regular file"
                        odd[entry.path] = f"{what}; only regular files are read"
        return tuple(folders), files

    def skipped(self, path: str) -> bool:
        """Tell whether a path is left out now."""
        skip = self._skip()
        return bool(skip) and any(path == one or path.startswith(f"{one}/") for one in skip)
