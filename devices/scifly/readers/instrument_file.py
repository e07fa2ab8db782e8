"""A file as a reader gets it: regular, opened without following links, with limits and a deadline."""

import io
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from scifly.errors import UnreadableError
from scifly.folder.beat import Beat
from scifly.folder.stamp import Stamp

MAX_READ = 1 << 24  # bytes that a reader may ask for at once
LONGEST_LINE = 1 << 18  # bytes; of a longer line its begin and its end are kept
TAIL = 1 << 10  # bytes that are kept of a long line's end
DEADLINE = 60.0  # seconds to read one file
HEAD = 512  # bytes of a file that are enough to guess its format
_BUFFER = 1 << 17


class InstrumentFile(io.BufferedReader):
    """A regular file, as long as it was when it was opened.

    Reading more than `MAX_READ` bytes at once, or later than its deadline, raises UnreadableError: so
    memory and time are bounded, whatever a header says. Errors of the file system are UnreadableError, too.
    """

    def __init__(
        self, path: Path, descriptor: int, seconds: float = DEADLINE, beat: Beat | None = None
    ) -> None:
        self.path = path
        state = os.fstat(descriptor)
        self.stamp = Stamp(state.st_size, state.st_mtime_ns)
        super().__init__(_Limited(path, descriptor, self.stamp.size, seconds, beat or Beat()), _BUFFER)

    @property
    def size(self) -> int:
        """Bytes of the file when it was opened."""
        return self.stamp.size

    def head(self) -> bytes:
        """Return the first bytes, and stand at the begin again."""
        self.seek(0)
        found = self.read(HEAD)
        self.seek(0)
        return found

    def read(self, size: int | None = -1, /) -> bytes:
        """Return `size` bytes, fewer at the file's end."""
        wanted = size if size is not None and size >= 0 else max(0, self.size - self.tell())
        if wanted > MAX_READ:
            raise UnreadableError(
                f"{self.path}: {wanted} bytes were asked for at once, the limit is {MAX_READ}; its header is "
                "damaged, or its reader is to be corrected"
            )
        return super().read(wanted)

    def lines(self, longest: int = LONGEST_LINE) -> Iterator[bytes]:
        """Return the lines with their ends; of one that is too long its begin and its end, joined."""
        while line := self.readline(longest):
            if len(line) < longest or line.endswith(b"\n"):
                yield line
                continue
            tail = b""
            while more := self.readline(longest):
                tail = (tail + more)[-TAIL:]
                if more.endswith(b"\n"):
                    break
            yield line[: longest - TAIL] + tail


def open_regular(
    path: Path, root: Path | None = None, *, seconds: float = DEADLINE, beat: Beat | None = None
) -> InstrumentFile:
    """Open a regular file; below `root`, no folder may be a link either. `beat` hears of each read.

    Raises FileNotFoundError; UnreadableError for a link, a pipe or another thing that is no file, and for
    what may not be read. It never waits for the other end of a pipe.
    """
    try:
        descriptor = _descriptor(path, root)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise UnreadableError(f"{path}: is no regular file; only those are read: move it elsewhere")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableError(
            f"{path}: cannot be read ({error.strerror}); links are not followed, else check its rights"
        ) from error
    return InstrumentFile(path, descriptor, seconds, beat)


def _descriptor(path: Path, root: Path | None) -> int:
    """Open folder after folder: one that somebody replaces by a link meanwhile is not followed."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    if root is None:
        return os.open(path, flags)
    *folders, name = path.relative_to(root).parts
    at = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            below = os.open(folder, flags | os.O_DIRECTORY, dir_fd=at)
            os.close(at)
            at = below
        return os.open(name, flags, dir_fd=at)
    finally:
        os.close(at)


class _Limited(io.RawIOBase):
    """The bytes of a descriptor up to a size, until a moment."""

    def __init__(self, path: Path, descriptor: int, size: int, seconds: float, beat: Beat) -> None:
        self._path = path
        self._descriptor = descriptor
        self._size = size
        self._at = 0
        self._seconds = seconds
        self._beat = beat
        self._until = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: "memoryview[int]", /) -> int:  # type: ignore[override]  # narrower
        if time.monotonic() > self._until:
            raise UnreadableError(
                f"{self._path}: reading it takes longer than {self._seconds:g} s; is it damaged?"
            )
        self._beat(str(self._path))
        wanted = memoryview(buffer)[: max(0, self._size - self._at)]
        try:
            got = os.preadv(self._descriptor, [wanted], self._at) if wanted else 0
        except OSError as error:
            raise UnreadableError(
                f"{self._path}: cannot be read ({error.strerror}); check its disk or its mount"
            ) from error
        self._at += got
        return got

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()
