"""Opens the store that the device's properties name."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scidog.stores.folder_store import FolderStore
from scidog.stores.hand_edits import HandEdits
from scidog.stores.library import Library


@dataclass(frozen=True)
class OpenStore:
    """A store in use: its configurations, how edits beside SciDog come in, and whether it is there."""

    library: Library
    take_in: Callable[[bool], tuple[str, ...]]
    check: Callable[[], None]


def open_folder(folder: Path, marker: str = "") -> OpenStore:
    """Return the store of a folder; nothing is looked at yet."""
    store = FolderStore(folder, marker)
    library = Library(store)
    edits = HandEdits(store, library)
    return OpenStore(library, lambda at_once: edits.take_in(at_once=at_once), store.check)
