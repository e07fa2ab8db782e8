"""inotify through watchdog, where it is proved to work on the very folder: a canary file is noticed."""

import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers.inotify import InotifyObserver

from scifish.database.local_disk import file_system_of
from scifly.folder.names import CANARY, FileNames

_LOCAL = "bcachefs btrfs ext2 ext3 ext4 f2fs jfs overlay ramfs rootfs tmpfs xfs zfs"
LOCAL = frozenset(_LOCAL.split())  # of another host's changes only a local file system can tell
PROOF = 3.0  # seconds until the canary must be noticed
_KINDS: list[type[FileSystemEvent]] = [
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
]


class Notices(FileSystemEventHandler):
    """Hears of the files below a folder: `changed(path, closed)`, and `folders()` when those changed.

    Both are called in a thread of watchdog. `closed`: its writer has closed it, or has renamed it into place.
    """

    def __init__(
        self,
        root: Path,
        names: FileNames,
        changed: Callable[[str, bool], None],
        folders: Callable[[], None],
        proof: float = PROOF,
    ) -> None:
        self._proof = proof
        self._root = root
        self._names = names
        self._changed = changed
        self._folders = folders
        self._proved = threading.Event()
        self._observer = InotifyObserver()

    def start(self) -> str:
        """Begin to hear; return why it does not work here, empty: it does. May hang with the file system."""
        kind = file_system_of(self._root)
        if kind not in LOCAL:
            return f"{kind or 'this file system'} does not tell what other hosts write"
        try:
            self._observer.schedule(self, str(self._root), recursive=True, event_filter=_KINDS)
            self._observer.start()
        except OSError as error:
            return f"inotify cannot be used ({error.strerror or error})"
        why = self._prove()
        if why:
            self.stop()
        return why

    def stop(self) -> None:
        """Hear no more."""
        if self._observer.is_alive():
            self._observer.stop()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Take one event of watchdog."""
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        if any(Path(path).name.startswith(CANARY) for path in paths):
            self._proved.set()
        elif event.is_directory:
            self._folders()
        else:
            has_ended = isinstance(event, FileClosedEvent | FileMovedEvent)
            for path in paths:
                if self._names.match(Path(path).name) and not self._is_hidden(path):
                    self._changed(path, has_ended)

    def _is_hidden(self, path: str) -> bool:
        """Tell whether a folder on the way to a file is hidden: those are not watched."""
        return any(part.startswith(".") for part in Path(path).relative_to(self._root).parts[:-1])

    def _prove(self) -> str:
        canary = self._root / f"{CANARY}{uuid.uuid4().hex}"
        try:
            canary.touch(exist_ok=False)
        except OSError as error:
            return f"inotify cannot be proved, a file cannot be made in the folder ({error.strerror})"
        try:
            return "" if self._proved.wait(self._proof) else "a change was not noticed by inotify"
        finally:
            canary.unlink(missing_ok=True)
