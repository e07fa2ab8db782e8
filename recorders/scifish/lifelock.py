"""The lock by which a process is seen to live from every container of its host.

The kernel frees it at any death. One empty file beside the outbox carries the locks of all processes, each on
a byte of its own, so nothing is left over that somebody would have to remove.
"""

import contextlib
import fcntl
import logging
import os
import secrets
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

SUFFIX = "-owners"
# Linux's F_OFD_GETLK and F_OFD_SETLK: a Python that was built on an older system has no names for them
_ASK, _TAKE = 36, 37
_FLOCK = "hhqqi4x"  # struct flock: type, whence, start, length, pid
_BYTES = 2**62


@dataclass(frozen=True)
class _Held:
    """A lock of this process; its descriptor stays open for the process's life."""

    descriptor: int
    inode: int
    byte: int


class LifeLock:
    """The locks of all processes that own something in the outbox file `outbox`."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox

    def mine(self) -> str:
        """Return the mark of this process's lock, which is taken at the first call; empty: there can be none.

        The outbox must exist: whoever may write it may lock.
        """
        file = self._file()
        with _guard:
            try:
                held = _locks.get(file)
                if held is None or held.inode != _inode(file):
                    held = _locks[file] = _taken(file, self._outbox)
            except OSError as error:
                self._say(file, error)
                return ""
        return f"{held.inode}:{held.byte}"

    def held(self, mark: str) -> bool | None:
        """Tell whether the process of `mark` lives; None: it cannot be told, the file is another one."""
        inode, _, byte = mark.partition(":")
        with contextlib.suppress(OSError, ValueError, struct.error), _reading(self._file()) as descriptor:
            if os.fstat(descriptor).st_ino == int(inode):
                return _asked(descriptor, int(byte))
        return None

    def _file(self) -> Path:
        real = self._outbox.resolve()  # SQLite's own files stand beside the link's target too
        return real.with_name(real.name + SUFFIX)

    def _say(self, file: Path, error: OSError) -> None:
        if file not in _said:
            _said.add(file)
            log.warning(
                "outbox %s: %s cannot be locked (%s); should this process be killed in a container, "
                "only a process in the same container ends its scans",
                self._outbox,
                file.name,
                error.strerror,
            )


_guard = threading.Lock()
_locks: dict[Path, _Held] = {}
_said: set[Path] = set()


def _taken(file: Path, outbox: Path) -> _Held:
    """Lock a byte. The lock in a file that was removed is kept: that file's number must not come again."""
    descriptor = _opened(file, outbox)
    byte = secrets.randbelow(_BYTES)
    try:
        fcntl.fcntl(descriptor, _TAKE, _flock(byte))
    except OSError:
        os.close(descriptor)
        raise
    return _Held(descriptor, os.fstat(descriptor).st_ino, byte)


def _opened(file: Path, outbox: Path) -> int:
    try:
        return os.open(file, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        with contextlib.suppress(FileExistsError):  # another process was quicker
            return _created(file, outbox)
    return os.open(file, os.O_RDWR | os.O_CLOEXEC)


def _created(file: Path, outbox: Path) -> int:
    """Make the file for the same accounts that may write the outbox, as SQLite does for its journal."""
    like = outbox.stat()
    descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC | os.O_CREAT | os.O_EXCL, 0o600)
    with contextlib.suppress(PermissionError):  # only root may give a file away, and only root has to
        os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, like.st_mode & 0o666)
    return descriptor


def _asked(descriptor: int, byte: int) -> bool:
    kind, *_ = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, _ASK, _flock(byte)))
    return bool(kind != fcntl.F_UNLCK)


def _flock(byte: int) -> bytes:
    return struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)


@contextlib.contextmanager
def _reading(file: Path) -> Iterator[int]:
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _inode(file: Path) -> int | None:
    try:
        return file.stat().st_ino
    except FileNotFoundError:
        return None


def _after_fork() -> None:
    """A child lets go of its parent's locks, which would hold as long as it lives."""
    global _guard  # noqa: PLW0603 - the parent's may have been held by a thread that is not here
    _guard = threading.Lock()
    for held in _locks.values():
        os.close(held.descriptor)
    _locks.clear()


os.register_at_fork(after_in_child=_after_fork)
