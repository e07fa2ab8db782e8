"""The mount guard: a root is written to only while it is the file system that was mounted, never its bare
mount point.

With a marker (the name of a file that only the mounted file system has) the marker decides, also after a
restart. Without one the device number of the first look counts: a mount that goes is refused, one that comes
is taken, and so is the same one when it comes back with another number, as NFS mounts do: the same root
inode, at the same place, with the same file system id.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from scifish.errors import NotMountedError


class MountIdentity(NamedTuple):
    """The file system below a folder: its device, its id, the inode that is mounted, and how far above.

    `mounted` is False where nothing is mounted on the way: the folder is in the host's own root. An id of 0
    is what a file system gives that has none, such as NFS.
    """

    device: int
    id: int
    inode: int
    depth: int
    mounted: bool


class MountGuard:
    """Guards one root; keep one for the life of the process. It looks at nothing before it is asked."""

    def __init__(self, root: Path, marker: str = "") -> None:
        self.root = root
        self.marker = marker
        self._known: MountIdentity | None = None
        self._lock = threading.Lock()

    def check(self) -> None:
        """Raise NotMountedError unless the root is there and is the mounted one."""
        with self.opened():
            pass

    @contextmanager
    def opened(self) -> Iterator[int]:
        """Give a handle (O_PATH) of the checked root: what is made relative to it is in that file system.

        Raises NotMountedError.
        """
        try:
            handle = os.open(self.root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise NotMountedError(
                f"{self.root}: the data root is no directory that can be opened ({error.strerror}); mount "
                "it, or correct the root"
            ) from error
        try:
            self._check(handle)
            yield handle
        finally:
            os.close(handle)

    def _check(self, handle: int) -> None:
        try:
            if self.marker:
                self._check_marker(handle)
            else:
                self._check_device(_identity(handle))
        except OSError as error:
            raise NotMountedError(
                f"{self.root}: cannot be looked at ({error.strerror}); check the mount and its rights"
            ) from error

    def _check_marker(self, handle: int) -> None:
        try:
            os.stat(self.marker, dir_fd=handle, follow_symlinks=False)
        except FileNotFoundError:
            raise NotMountedError(
                f"{self.root}: is not the mounted data root, the marker file {self.marker} is not in it; "
                "mount it, or make the marker once where it is mounted. Nothing is written there"
            ) from None

    def _check_device(self, found: MountIdentity) -> None:
        with self._lock:
            known = self._known
            if known is None or _is_same(known, found):
                self._known = found
                return
        raise NotMountedError(
            f"{self.root}: {_words(known, found)}; mount it again, or restart this program after a change "
            "that is meant. Nothing is written there"
        )


@cache
def guard_for(root: Path, marker: str = "") -> MountGuard:
    """Return the guard of a root, the same one in the whole process."""
    return MountGuard(root, marker)


def _is_same(known: MountIdentity, found: MountIdentity) -> bool:
    """Tell whether it is the same file system, the same one mounted again, or the first that is mounted."""
    if known[:2] == found[:2] or not known.mounted:  # a device number alone is given again
        return True
    return found.mounted and known[1:] == found[1:]


def _words(known: MountIdentity, found: MountIdentity) -> str:
    if not found.mounted:
        return f"is not mounted any more (it was device {_number(known)}), only its mount point is there"
    return f"another file system is there (device {_number(found)}) than before (device {_number(known)})"


def _number(of: MountIdentity) -> str:
    return f"{os.major(of.device)}:{os.minor(of.device)}"


def _identity(handle: int) -> MountIdentity:
    """Go up from the root to where its file system is mounted, by handles."""
    number = os.fstatvfs(handle).f_fsid
    below = os.dup(handle)
    depth = 0
    try:
        here = os.fstat(below)
        while True:
            above = os.open("..", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=below)
            os.close(below)
            below, up = above, os.fstat(above)
            if up.st_dev != here.st_dev or up.st_ino == here.st_ino:
                mounted = up.st_dev != here.st_dev
                break
            here, depth = up, depth + 1
        return MountIdentity(here.st_dev, number, here.st_ino, depth, mounted)
    finally:
        os.close(below)
