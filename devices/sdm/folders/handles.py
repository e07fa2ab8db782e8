"""Folders by their handles: no step goes by a path that may be turned elsewhere, and no link is followed."""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sdm.errors import NameRefused, StorageError

BEGUN = 0o700  # the rights of a folder that is being made: nobody but its maker may enter
_FLAGS = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_IN_THE_WAY = frozenset({errno.ELOOP, errno.ENOTDIR})
_NO_LOCKS = frozenset(
    {errno.ENOLCK, errno.EOPNOTSUPP, errno.EBADF, errno.EINVAL, errno.ENOSYS}
)  # as NFS answers
_LOCK_TIME = 1.0  # seconds


def open_folder(parent: int, name: str, where: str) -> int:
    """Return a handle of the folder `name` in `parent`; only to pass where it may not be read.

    Raises FileNotFoundError, and StorageError for a link, a file and what may not be entered.
    """
    try:
        try:
            return os.open(name, os.O_RDONLY | _FLAGS, dir_fd=parent)
        except PermissionError:
            return os.open(name, os.O_PATH | _FLAGS, dir_fd=parent)
    except FileNotFoundError:
        raise
    except OSError as error:
        if error.errno in _IN_THE_WAY:
            raise StorageError(f"{where}: is there but is no directory; move it away") from None
        raise StorageError(f"{where}: cannot be opened ({error.strerror}); check its rights") from error


def make_folder(parent: int, name: str, where: str) -> bool:
    """Make a folder that only its maker may enter; return whether it was missing. Raises StorageError."""
    try:
        os.mkdir(name, BEGUN, dir_fd=parent)
    except FileExistsError:
        return False
    except OSError as error:
        raise StorageError(
            f"{where}: cannot be created ({error.strerror}); check the rights and the space of "
            "the folder above"
        ) from error
    return True


def refuse_twin(parent: int, name: str, where: str) -> None:
    """Remove a folder that was begun beside one whose name differs only in case. Raises NameRefused for it.

    It is looked for after the folder was made: of two that are made at once, none stays.
    """
    twin = next((one for one in _names(parent) if one != name and one.lower() == name.lower()), None)
    if twin is not None:
        os.rmdir(name, dir_fd=parent)
        raise NameRefused(
            f"{where}: {twin!r} is there, which is the same name on Windows; use that one, or another name"
        )


def is_begun(handle: int, owner: int) -> bool:
    """Return whether a folder was begun and not finished: it is closed, empty, and its maker's."""
    found = os.fstat(handle)
    closed = stat.S_IMODE(found.st_mode) & 0o777 == BEGUN
    mine = found.st_uid == os.geteuid() or (os.geteuid() == 0 and found.st_uid == owner)
    return closed and mine and not _names(handle)


def is_same(parent: int, name: str, handle: int) -> bool:
    """Return whether `name` in `parent` still is the folder of the handle."""
    try:
        return os.path.samestat(os.stat(name, dir_fd=parent, follow_symlinks=False), os.fstat(handle))
    except OSError:
        return False


@contextmanager
def exclusive(handle: int) -> Iterator[None]:
    """Hold the folder's lock, so that two processes do not finish it at once; for a limited time only.

    Nobody's lock may stop us, and where the file system has none, the same steps twice do no harm.
    """
    locked = _lock(handle)
    try:
        yield
    finally:
        if locked:
            fcntl.flock(handle, fcntl.LOCK_UN)


def _lock(handle: int) -> bool:
    until = time.monotonic() + _LOCK_TIME
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.005)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                raise
            return False
        else:
            return True


def _names(handle: int) -> list[str]:
    """Return what is in a folder; where it may not be read, nothing can be said of it."""
    try:
        return os.listdir(handle)
    except PermissionError:
        return []
    except OSError as error:
        if error.errno != errno.EBADF:  # a handle only to pass
            raise
        return []
