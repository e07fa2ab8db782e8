"""The lock by which a process is seen to live from every container of its host.

The kernel frees it at any death, and gives it to no child of a fork. One empty file beside the outbox carries
the locks of all processes, each on a byte of its own, so nothing is left over that has to be removed.
"""

import contextlib
import fcntl
import logging
import os
import secrets
import struct
from pathlib import Path

log = logging.getLogger(__name__)

SUFFIX = "-owners"
_FLOCK = "hhqqi4x"  # struct flock: type, whence, start, length, pid
_BYTES = 2**62

# Never closed: a process that closes any descriptor of a file loses its locks there.
_descriptors: dict[tuple[Path, int, int], int] = {}  # file, inode, flags -> descriptor
_bytes: dict[tuple[int, int], int] = {}  # process, inode -> the byte that it locks
_warned: set[Path] = set()


class ProcessLock:
    """The locks of all processes that own something in the outbox file `outbox`."""

    def __init__(self, outbox: Path) -> None:
        self._outbox = outbox

    def mine(self) -> str:
        """Return the mark of this process's lock, which is taken (again); empty: there can be none.

        The outbox must exist: whoever may write it may lock.
        """
        file = self._file()
        try:
            if not file.exists():
                _create(file, self._outbox)
            descriptor, inode = _opened(file, os.O_RDWR)
            byte = _bytes.setdefault((os.getpid(), inode), secrets.randbelow(_BYTES))
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except OSError as error:
            self._warn(file, error)
            return ""
        return f"{inode}:{byte}"

    def held(self, mark: str) -> bool | None:
        """Tell whether the process of `mark` lives; None: it cannot be told, the file is another one."""
        inode, _, byte = mark.partition(":")
        with contextlib.suppress(OSError, ValueError, struct.error):
            descriptor, there = _opened(self._file(), os.O_RDONLY)
            if there == int(inode):
                return _bytes.get((os.getpid(), there)) == int(byte) or _asked(descriptor, int(byte))
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


def _opened(file: Path, flags: int) -> tuple[int, int]:
    """Return a descriptor of the file that has this name now, and its inode."""
    inode = file.stat().st_ino
    with contextlib.suppress(OSError, KeyError):  # somebody closed all files, or there is none yet
        if os.fstat(descriptor := _descriptors[file, inode, flags]).st_ino == inode:
            return descriptor, inode
    descriptor = os.open(file, flags | os.O_CLOEXEC)
    inode = os.fstat(descriptor).st_ino
    _descriptors[file, inode, flags] = descriptor
    return descriptor, inode


def _create(file: Path, outbox: Path) -> None:
    """Make the file for the same accounts that may write the outbox, as SQLite does for its journal."""
    like = outbox.stat()
    with contextlib.suppress(FileExistsError):  # another process was quicker
        descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC | os.O_CREAT | os.O_EXCL, 0o600)
        with contextlib.suppress(PermissionError):  # only root may give a file away, and only root has to
            os.fchown(descriptor, like.st_uid, like.st_gid)
        os.fchmod(descriptor, like.st_mode & 0o666)
        os.close(descriptor)


def _asked(descriptor: int, byte: int) -> bool:
    asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)
    kind, *_ = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    return bool(kind != fcntl.F_UNLCK)
