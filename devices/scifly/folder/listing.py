"""What is in the folders below a root; a folder that has not changed costs a `stat`.

A new, renamed or deleted file changes its folder's mtime. A file server's mtime may be coarse, and a change
in the same tick unseen: a folder is read again until it has not changed for longer than a tick.
"""

import os
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from scifly.errors import UnreadableError
from scifly.folder.beat import Beat
from scifly.folder.names import FileNames

TICK = 2.0  # seconds, of the coarsest mtime (FAT)
SHARE = 20.0  # a folder that takes 50 ms to read is read again after 1 s; at once when it has changed
_AT_ONCE = 1000  # names that are taken from a folder before its server counts as one that answers


@dataclass
class _Folder:
    """What is known of a folder; `due`: when it is read again though its mtime is the same."""

    mtime_ns: int = -1
    changed: float = 0.0
    due: float = 0.0
    inodes: dict[str, int] = field(default_factory=dict)  # of all in it, by path
    folders: set[str] = field(default_factory=set)


class Listing:
    """The files below `root` with fitting names, without hidden folders, linked ones and `skip()`."""

    def __init__(
        self,
        root: Path,
        names: FileNames,
        beat: Beat,
        skip: Callable[[], Collection[str]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._root = str(root)
        self._names = names
        self._beat = beat
        self._skip = skip
        self._clock = clock
        self._folders: dict[str, _Folder] = {}
        self._denied: set[str] = set()
        self._odd: set[str] = set()

    def skipped(self, path: str) -> bool:
        """Tell whether a path is left out now."""
        skip = self._skip()
        return bool(skip) and any(path == one or path.startswith(f"{one}/") for one in skip)

    def changed(self, odd: dict[str, str]) -> list[str]:
        """Return the files that are new in their folders, replaced or gone.

        Puts into `odd` the names that are no regular files, and folders that cannot be listed, with the
        reason; empty: it is over. Raises UnreadableError when the root cannot be read.
        """
        found: list[str] = []
        waiting = [*self._due(), *self._denied]
        while waiting:
            path = waiting.pop()
            if not self.skipped(path):
                waiting += self._read(path, found, odd)
        return found

    def _due(self) -> list[str]:
        """Return the known folders that have changed, or are to be read again."""
        if self._root not in self._folders:
            return [self._root]
        found, now, skips = [], self._clock(), bool(self._skip())
        beat, stat = self._beat, os.stat  # each folder, each look: all that is not needed costs
        for path, folder in self._folders.items():
            if skips and self.skipped(path):
                continue
            beat(path)
            try:
                if stat(path).st_mtime_ns != folder.mtime_ns or now >= folder.due:
                    found.append(path)
            except OSError:
                found.append(path)
        return found

    def _read(self, path: str, found: list[str], odd: dict[str, str]) -> list[str]:
        """Read a folder; return those in it that are new."""
        folder = self._folders.get(path) or _Folder()
        self._beat(path)
        try:
            mtime_ns, begun = os.stat(path).st_mtime_ns, self._clock()  # noqa: PTH116 - as fast as can be
            seen, fresh, folders = self._look_into(path, folder.inodes)
        except OSError as error:
            self._cannot_be_read(path, error, found, odd)
            return []
        self._over(path, odd)
        self._folders[path] = folder
        if mtime_ns != folder.mtime_ns:
            folder.mtime_ns, folder.changed = mtime_ns, begun
        age = begun - folder.changed
        wait = max(age, SHARE * (self._clock() - begun))
        folder.due = begun + wait if age < TICK else float("inf")
        for gone in folder.inodes.keys() - seen.keys():
            del folder.inodes[gone]
            self._forget(gone, found, odd)
            if self._is_meant(gone):
                found.append(gone)
        for one, why in fresh.items():
            folder.inodes[one] = -1 if why else seen[one]  # a file in its place may get its number
            self._forget(one, found, odd)
            if why:
                self._odd.add(one)
                odd[one] = why
            elif why is not None:
                found.append(one)
        for one in folders:
            folder.inodes[one] = seen[one]
            self._folders.setdefault(one, _Folder())
        folder.folders = {one for one in folder.folders if one in seen and one not in fresh} | set(folders)
        return folders

    def _look_into(
        self, path: str, known: dict[str, int]
    ) -> tuple[dict[str, int], dict[str, str | None], list[str]]:
        """Return the inodes of all in it; of what is new why it is odd (None: not meant); new folders."""
        seen: dict[str, int] = {}
        fresh: dict[str, str | None] = {}
        folders: list[str] = []
        with os.scandir(path) as entries:
            while batch := list(islice(entries, _AT_ONCE)):
                self._beat()
                for entry in batch:
                    at = entry.path
                    seen[at] = inode = entry.inode()
                    if known.get(at) == inode:
                        continue
                    if not entry.is_dir(follow_symlinks=False):
                        fresh[at] = self._why_odd(entry)
                    elif entry.name.startswith("."):
                        fresh[at] = None
                    else:
                        folders.append(at)
        return seen, fresh, folders

    def _why_odd(self, entry: "os.DirEntry[str]") -> str | None:
        if not self._names.match(entry.name):
            return None
        if entry.is_file(follow_symlinks=False):
            return ""
        what = "is a link" if entry.is_symlink() else "is no regular file"
        return f"{what}; only regular files are read"

    def _cannot_be_read(self, path: str, error: OSError, found: list[str], odd: dict[str, str]) -> None:
        if path == self._root:
            raise UnreadableError(
                f"{path}: cannot be read ({error.strerror}); check the path, its rights and the mount"
            ) from error
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            self._forget_below(path, found)
            if path not in self._denied:
                self._denied.add(path)
                odd[path] = f"cannot be listed ({error.strerror}); give SciFly's account the right to read it"
            return
        self._forget(path, found, odd)
        above = self._folders.get(os.path.dirname(path))  # noqa: PTH120 - as fast as can be
        if above is not None:  # it may come back before that one is read
            above.inodes.pop(path, None)
            above.due = 0.0

    def _forget(self, path: str, found: list[str], odd: dict[str, str]) -> None:
        """Something is gone, or another thing than before is there."""
        self._over(path, odd)
        if path in self._folders:
            self._forget_below(path, found)

    def _over(self, path: str, odd: dict[str, str]) -> None:
        for known in (self._denied, self._odd):
            if path in known:
                known.remove(path)
                odd[path] = ""

    def _forget_below(self, path: str, found: list[str]) -> None:
        """Forget a folder with all below it; the files in it are to be looked at."""
        waiting = [path]
        while waiting:
            folder = self._folders.pop(waiting.pop(), None)
            if folder is not None:
                waiting += folder.folders
                found += filter(self._is_meant, folder.inodes)

    def _is_meant(self, path: str) -> bool:
        return self._names.match(os.path.basename(path))  # noqa: PTH119 - as fast as can be
