"""Finds files by looking at folders: no notification reaches us from what another host writes (NFS, SMB).

A new, renamed or deleted file changes its folder's mtime, so an unchanged folder is not read again.
"""

import os
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from scifly.errors import UnreadableError

READ_AGAIN = 3  # looks after a change: a server's mtime may be coarse, and a change in the same tick unseen


@dataclass(frozen=True)
class Stamp:
    """A state of a file: size in bytes and the file server's mtime."""

    size: int
    mtime_ns: int


@dataclass
class _Folder:
    mtime_ns: int = -1
    looks: int = 0
    folders: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()


class Sweep:
    """The files below `root` whose names match `patterns`, without hidden folders and linked ones."""

    def __init__(self, root: Path, patterns: tuple[str, ...]) -> None:
        self.root = root
        self._patterns = patterns
        self._folders: dict[Path, _Folder] = {}

    def files(self) -> list[Path]:
        """Return the matching files of the folders that had to be read: at first all, then changed ones.

        Raises UnreadableError when `root` is not there.
        """
        found: list[Path] = []
        known, self._folders = self._folders, {}
        waiting = [self.root]
        while waiting:
            path = waiting.pop()
            before = known.get(path) or _Folder()
            folder = self._looked_at(path, before)
            if folder is None:
                continue
            self._folders[path] = folder
            waiting.extend(folder.folders)
            if folder is not before:
                found.extend(folder.files)
        return found

    def _looked_at(self, path: Path, folder: _Folder) -> _Folder | None:
        try:
            mtime_ns = path.stat().st_mtime_ns
            changed = mtime_ns != folder.mtime_ns
            if not changed and folder.looks >= READ_AGAIN:
                return folder
            folders, files = self._content(path)
        except OSError as error:
            if path == self.root:
                raise UnreadableError(
                    f"{path}: cannot be read ({error.strerror}); check the path, its rights and the mount"
                ) from error
            return None  # a folder that was deleted or closed meanwhile; it is looked for again
        return _Folder(mtime_ns, 0 if changed else folder.looks + 1, folders, files)

    def _content(self, path: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
        folders: list[Path] = []
        files: list[Path] = []
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        folders.append(Path(entry.path))
                elif any(
                    fnmatch(entry.name.lower(), one.lower()) for one in self._patterns
                ) and entry.is_file(follow_symlinks=False):
                    files.append(Path(entry.path))
        return tuple(folders), tuple(files)


def stamp(path: Path) -> Stamp | None:
    """Return a file's size and mtime; None: it is not there any more."""
    try:
        state = path.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be looked at ({error.strerror}); check its rights") from error
    return Stamp(state.st_size, state.st_mtime_ns)
