"""Reads the files of one place, one after another, in a thread that may be lost."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from scifish.threads.deadline import start_daemon
from scifly.errors import IncompleteError, UnreadableError
from scifly.folder.beat import HANGS, Beat
from scifly.folder.stamp import Stamp
from scifly.readers.acquisition import Acquisition
from scifly.readers.instrument_file import open_regular
from scifly.readers.registry import Reader, read

log = logging.getLogger(__name__)
AHEAD = 50  # files of a place that are given to its thread before they are read
MOST_LOST = 4  # threads of a place that hang; with more, nothing of it is read until one comes back


_Job = tuple[Path, Mapping[str, Reader]]


@dataclass(frozen=True)
class ReadFile:
    """What reading a file gave: an acquisition, or why there is none (`error`), or none of ours (neither).

    `stamp` is the state in which it was read, None when it could not be opened; `gone`: it is not there.
    """

    path: Path
    stamp: Stamp | None = None
    reader: str = ""
    acquisition: Acquisition | None = None
    error: str = ""
    gone: bool = False
    took: float = 0.0


def read_now(path: Path, root: Path, readers: Mapping[str, Reader], beat: Beat | None = None) -> ReadFile:
    """Read a file; every failure is in the result."""
    begin = time.monotonic()
    stamp: Stamp | None = None
    try:
        path.name.encode()
        with open_regular(path, root, beat=beat) as file:
            stamp = file.stamp
            found = read(file, readers)
    except FileNotFoundError:
        return ReadFile(path, gone=True)
    except UnicodeEncodeError:
        return ReadFile(path, stamp, error=f"{path}: its name is not UTF-8 text; rename it")
    except IncompleteError as error:
        acquisition = Acquisition("", path.stem, {}, missing=str(error))
        return ReadFile(path, stamp, acquisition=acquisition, took=time.monotonic() - begin)
    except UnreadableError as error:
        return ReadFile(path, stamp, error=str(error))
    except Exception as error:  # a reader of another package may raise anything: one file must not stop all
        log.exception("%s cannot be read", path)
        why = f"{path}: cannot be read: {type(error).__name__}: {error}; report this, the log has more"
        return ReadFile(path, stamp, error=why)
    took = time.monotonic() - begin
    return ReadFile(path, stamp, took=took) if found is None else ReadFile(path, stamp, *found, took=took)


class FileReading:
    """Reads files of one place below `root`; `post` is called with each result, in a thread.

    Files that are `skipped`, below a folder that hangs, wait until it answers: each would hang a thread.
    """

    def __init__(
        self,
        root: Path,
        post: Callable[[ReadFile], None],
        skipped: Callable[[Path], bool] = lambda _: False,
        hangs: float = HANGS,
    ) -> None:
        self._root = root
        self._post = post
        self._skipped = skipped
        self._hangs = hangs
        self._thread: _ReadThread | None = None
        self._lost: dict[Path, _ReadThread] = {}
        self._rest: list[_Job] = []  # what a thread that hangs has left, and what is skipped

    @property
    def has_room(self) -> bool:
        """Whether a file may be given to `read`."""
        return len(self._lost) < MOST_LOST and (self._thread is None or len(self._thread.jobs) < AHEAD)

    def read(self, path: Path, readers: Mapping[str, Reader]) -> None:
        """Let a file be read by one of the readers, after those before it; returns at once."""
        if self._skipped(path):
            self._rest.append((path, readers))
            return
        if self._thread is None:
            self._thread = _ReadThread(self._root, self._post)
        self._thread.read(path, readers)

    def check(self) -> tuple[Path, ...]:
        """Give up a thread that hangs, for another that reads the rest; return the files that hang."""
        self._lost = {path: thread for path, thread in self._lost.items() if thread.path is not None}
        thread = self._thread
        path = None if thread is None else thread.path
        if thread is not None and path is not None and thread.beat.hangs(self._hangs):
            self._lost[path] = thread
            thread.end()
            self._thread = None
            self._rest += list(thread.jobs)[1:]
        if self._rest and len(self._lost) < MOST_LOST:
            rest, self._rest = self._rest, []
            for job in rest:
                self.read(*job)
        return tuple(self._lost)

    def stop(self) -> None:
        """Read no more; a file that is being read is not waited for."""
        if self._thread is not None:
            self._thread.end()
            self._thread = None


class _ReadThread:
    """One thread; `path` is the file that it reads, `jobs` are this one and those that follow."""

    def __init__(self, root: Path, post: Callable[[ReadFile], None]) -> None:
        self.path: Path | None = None
        self.jobs: deque[_Job] = deque()
        self.beat = Beat()
        self._root = root
        self._post = post
        self._given = threading.Semaphore(0)
        self._over = threading.Event()
        start_daemon(self._run, f"scifly reads {root}")

    def read(self, path: Path, readers: Mapping[str, Reader]) -> None:
        self.jobs.append((path, readers))
        self._given.release()

    def end(self) -> None:
        self._over.set()
        self._given.release()

    def _run(self) -> None:
        while self._given.acquire() and not self._over.is_set():
            path, readers = self.jobs[0]
            self.beat(str(path))
            self.path = path
            found = read_now(path, self._root, readers, self.beat)
            self.beat.rest()
            self.path = None
            if not self._over.is_set():
                self._post(found)
                self.jobs.popleft()
