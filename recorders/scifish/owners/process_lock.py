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

    inode: int
    byte: int


class ProcessLock:
    """The locks of all processes that own something in the outbox file `outbox`."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox

    def mine(self) -> str:
        """Return the mark of this process's lock, which is taken at the first call; empty: there can be none.

        The outbox must exist: whoever may write it may lock.
        """
        file = self._file()
        try:
            held = _mine.of(file, self._outbox)
        except OSError as error:
            self._warn(file, error)
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

    def _warn(self, file: Path, error: OSError) -> None:
        if file not in _warned:
            _warned.add(file)
            log.warning(
                "outbox %s: %s cannot be locked (%s); should this process be killed in a container, "
                "only a process in the same container ends its scans",
                self._outbox,
                file.name,
                error.strerror,
            )


class _Locks:
    """The locks of this process. A child of a fork lets go of them: they would hold as long as it lives.

    A fork waits for the guard, so that no child has a lock which is not known here. Files are opened without
    the guard: a disk that hangs holds up no fork.
    """

    def __init__(self) -> None:
        self._guard = threading.RLock()  # a signal's handler may fork in the thread that holds it
        self._forks = 0
        self._held: dict[Path, _Held] = {}
        self._descriptors: list[int] = []
        os.register_at_fork(
            before=self._before_fork, after_in_parent=self._guard.release, after_in_child=self._in_child
        )

    def of(self, file: Path, outbox: Path) -> _Held:
        """Return the lock in `file`, which is taken at the first call."""
        held = self._held.get(file)
        if held is not None and held.inode == _inode(file):
            return held
        taken = None
        while taken is None:
            taken = self._taken(file, outbox)
        return taken

    def _taken(self, file: Path, outbox: Path) -> _Held | None:
        """Lock a byte; None: there was a fork meanwhile, and its child has the descriptor too."""
        forks = self._forks
        descriptor = _opened(file, outbox)
        inode = os.fstat(descriptor).st_ino
        with self._guard:
            held = self._held.get(file)
            if held is not None and held.inode == inode:  # another thread was quicker
                os.close(descriptor)
                return held
            if forks != self._forks:
                os.close(descriptor)
                return None
            # The lock in a file that was removed is kept: that file's number must not come again
            held = self._held[file] = _Held(inode, self._locked(descriptor))
            return held

    def _locked(self, descriptor: int) -> int:
        self._descriptors.append(descriptor)
        byte = secrets.randbelow(_BYTES)
        try:
            fcntl.fcntl(descriptor, _TAKE, _flock(byte))
        except OSError:
            self._descriptors.remove(descriptor)
            os.close(descriptor)
            raise
        return byte

    def _before_fork(self) -> None:
        self._guard.acquire()
        self._forks += 1

    def _in_child(self) -> None:
        for descriptor in self._descriptors:
            with contextlib.suppress(OSError):  # somebody closed all files
                os.close(descriptor)
        self._descriptors.clear()
        self._held.clear()
        self._guard.release()


_mine = _Locks()
_warned: set[Path] = set()


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
