"""Closes SQLite files before a fork: a child that inherits an open one takes its parent's locks for its own.

A fork in the middle of a transaction left a child that could never write. A fork waits for the transaction
that runs, but not for ever: a disk that hangs holds up no fork.
"""

import os
import time
import weakref
from typing import Protocol

PATIENCE = 2.0  # seconds that a fork may wait, for all files


class PausedFile(Protocol):
    """A file that can be closed for a while."""

    def pause(self, patience: float) -> bool:
        """Close it once nobody uses it; return False when it is still used after `patience` seconds."""

    def resume(self) -> None:
        """Let it be used again."""


class ForkedFiles:
    """The SQLite files of this process; they are closed while it forks."""

    def __init__(self) -> None:
        self._files = weakref.WeakSet[PausedFile]()
        self._paused: list[PausedFile] = []
        os.register_at_fork(before=self._pause, after_in_parent=self._resume, after_in_child=self._resume)

    def add(self, file: PausedFile) -> None:
        """Close it before each fork, as long as it is used."""
        self._files.add(file)

    def _pause(self) -> None:
        until = time.monotonic() + PATIENCE
        self._paused = [file for file in list(self._files) if file.pause(max(0.0, until - time.monotonic()))]

    def _resume(self) -> None:
        paused, self._paused = self._paused, []
        for file in paused:
            file.resume()


forked_files = ForkedFiles()
