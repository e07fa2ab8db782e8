"""Opening files that other people may replace: only regular ones, no link followed, not blocked by a FIFO."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from scifish.errors import NotRegularError

FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def open_regular(path: str | Path, *, dir_fd: int | None = None, limit: int | None = None) -> BinaryIO:
    """Open a regular file of at most `limit` bytes, unbuffered; `path` is relative to the folder `dir_fd`.

    Raises NotRegularError for anything else, and OSError. Only the last part of the path is not followed:
    give `dir_fd` where the folders above are not to be trusted either.
    """
    _check(path, os.stat(path, dir_fd=dir_fd, follow_symlinks=False), None)  # a device may act when opened
    handle = os.open(path, FLAGS, dir_fd=dir_fd)
    try:
        _check(path, os.fstat(handle), limit)
        return os.fdopen(handle, "rb", buffering=0)
    except BaseException:
        os.close(handle)
        raise


def read_regular(path: str | Path, *, dir_fd: int | None = None, limit: int) -> bytes:
    """Return the content of a regular file of at most `limit` bytes. Raises NotRegularError, OSError."""
    with open_regular(path, dir_fd=dir_fd, limit=limit) as file:
        content = b""
        while part := file.read(limit + 1 - len(content)):
            content += part
    if len(content) > limit:  # it grew since it was opened
        raise _too_large(path, limit)
    return content


def _check(path: str | Path, found: os.stat_result, limit: int | None) -> None:
    if not stat.S_ISREG(found.st_mode):
        kind = next((words for is_kind, words in _KINDS if is_kind(found.st_mode)), "no regular file")
        raise NotRegularError(f"{path}: is {kind}, not a regular file; put the file itself there")
    if limit is not None and found.st_size > limit:
        raise _too_large(path, limit)


def _too_large(path: str | Path, limit: int) -> NotRegularError:
    return NotRegularError(f"{path}: is larger than {limit:,} bytes; it is not read")
