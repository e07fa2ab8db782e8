"""Waits in the background for files that are still being written: complete when they stay as they are."""

import logging
import os
import stat
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

from scifish.common.clock import utcnow
from scifish.contract.json_form import text
from scifish.contract.message import File
from scifish.files.file_list import Absent
from scifish.settings.model import FilesSettings
from scifish.threads.deadline import start_daemon

log = logging.getLogger(__name__)

FOLDER = "is a folder, which is not listed: name the files in it (`expect_files(sorted(folder.iterdir()))`)"

Arrived = Callable[[tuple[File, ...], tuple[Absent, ...]], None]
_Seen = tuple[int, float]


@dataclass(eq=False)
class Awaited:
    """One file that is waited for, and how it looked last."""

    path: str
    arrived: Arrived
    until: datetime
    seen: _Seen | None = None
    unchanged_since: float = field(default=0.0)

    def complete(self, seen: _Seen | None, now: float, wall: float, stable_for: float) -> bool:
        """Take a look's (size, mtime) at `now` (monotonic) and `wall`; tell whether it is complete."""
        if seen is None or seen != self.seen:
            self.seen, self.unchanged_since = seen, now
        if seen is None:
            return False
        return now - self.unchanged_since >= stable_for or wall - seen[1] >= stable_for

    def file(self) -> File:
        """Return the file as it was seen last."""
        size, changed = self.seen or (0, 0.0)
        return File(
            path=text(self.path) or "", size=size, time=datetime.fromtimestamp(changed, tz=timezone.utc)
        )


class FileWatch:
    """One thread that looks for all awaited files of the process; it starts with the first of them.

    `passed_on`: what is not there when this process ends is waited for by another one
    (`scifish.outbox.awaited_files`).
    """

    def __init__(self, settings: FilesSettings, *, passed_on: bool = False) -> None:
        self._settings = settings
        self._passed_on = passed_on
        self._awaited: list[Awaited] = []
        self._change = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    def until(self) -> datetime:
        """Return until when a file that is awaited from now on may come."""
        return utcnow() + timedelta(seconds=self._settings.patience)

    def expect(self, paths: Iterable[str], arrived: Arrived, until: datetime) -> None:
        """Return at once; `arrived` is called with complete files and with what is not to come."""
        with self._change:
            self._awaited += [Awaited(path, arrived, until) for path in paths]
            if self._thread is None:
                self._start()
            self._change.notify_all()

    def settled(self, seconds: float) -> bool:
        """Wait until no file is waited for, at most `seconds`; tell whether it is so."""
        with self._change:
            return self._change.wait_for(lambda: not self._awaited, timeout=seconds)

    def close(self, seconds: float) -> None:
        """Look a last time: what is there counts as it is; the rest is passed on, or did not come."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        if self._thread is not None:
            self._thread.join(seconds)
        else:
            self._look(list(self._awaited), last=True)

    def _start(self) -> None:
        try:
            self._thread = start_daemon(self._run, "scifish files")
        except RuntimeError:
            log.error("this host has no thread left to wait for files; the next scan tries again")  # noqa: TRY400 - no trace

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._awaited or self._closing)
                closing, awaited = self._closing, list(self._awaited)
            self._look(awaited, last=closing)
            if closing:
                return
            with self._change:
                self._change.wait_for(lambda: self._closing, timeout=self._settings.poll)

    def _look(self, awaited: list[Awaited], *, last: bool) -> None:
        now, wall, overdue = time.monotonic(), time.time(), utcnow()
        complete = []
        absent: dict[Awaited, Absent] = {}
        for one in awaited:
            stable_for = 0.0 if last else self._settings.stable_for
            status = _status(one.path)
            if one.complete(_seen(status), now, wall, stable_for):
                complete.append(one)
            elif status is not None and stat.S_ISDIR(status.st_mode):
                absent[one] = Absent(one.path, FOLDER)  # no patience makes a file of it
            elif (last and not self._passed_on) or overdue >= one.until:
                absent[one] = Absent(one.path)
        for arrived in {one.arrived: None for one in (*complete, *absent)}:
            self._hand_over(
                arrived,
                tuple(one.file() for one in complete if one.arrived == arrived),
                tuple(reason for one, reason in absent.items() if one.arrived == arrived),
            )
        with self._change:
            done = set(complete) | set(absent)
            self._awaited = [one for one in self._awaited if one not in done]
            self._change.notify_all()

    def _hand_over(self, arrived: Arrived, files: tuple[File, ...], absent: tuple[Absent, ...]) -> None:
        for one in absent:
            log.warning("%s", one)
        try:
            arrived(files, absent)
        except Exception:  # one entry's trouble must not stop the watch of the others' files
            log.exception("the files of a scan could not be added")


def _status(path: str) -> os.stat_result | None:
    """Return what is at `path`; None when nothing is, or nothing that this account may see."""
    try:
        return Path(path).stat()
    except (OSError, ValueError):
        return None


def _seen(status: os.stat_result | None) -> _Seen | None:
    """Return size and time of a regular file; None for anything else."""
    if status is None or not stat.S_ISREG(status.st_mode):
        return None
    return status.st_size, status.st_mtime
