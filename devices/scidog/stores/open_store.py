"""Opens the store that the property `Store` names: a folder, or a database of MongoDB."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scidog.stores.folder_store import FolderStore
from scidog.stores.hand_edits import HandEdits
from scidog.stores.library import Library
from scifish.common.secrets import secret_in
from scifish.errors import SecretError
from tangobase.errors import PropertyError

MONGODB = ("mongodb://", "mongodb+srv://")


@dataclass(frozen=True)
class OpenStore:
    """A store in use: its configurations, how edits beside SciDog come in, whether it is there, its end."""

    library: Library
    take_in: Callable[[bool], tuple[str, ...]]
    check: Callable[[], None]
    close: Callable[[], None] = lambda: None


def is_mongodb(store: str) -> bool:
    """Tell whether a store is a database, and not a folder."""
    return store.startswith(MONGODB)


def open_store(store: str, marker: str = "", password_file: str = "") -> OpenStore:
    """Return the store of a folder, or of an address; nothing is looked at yet. Raises PropertyError."""
    if not is_mongodb(store):
        folder = FolderStore(Path(store), marker)
        library = Library(folder)
        edits = HandEdits(folder, library)
        return OpenStore(library, lambda at_once: edits.take_in(at_once=at_once), folder.check)
    from scidog.stores.mongo_store import MongoStore  # pymongo's import takes 0.2 s

    try:
        password = secret_in(Path(password_file), "password") if password_file else None
    except SecretError as error:
        raise PropertyError(f"the property StorePasswordFile: {error}") from error
    database = MongoStore(store, password)

    def look(at_once: bool) -> tuple[str, ...]:
        database.check()
        return ()

    return OpenStore(Library(database), look, database.check, database.close)
