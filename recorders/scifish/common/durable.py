"""Files that are whole or absent, also after kill -9 and a power cut."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READABLE = 0o644  # operators and backups read these files


def insert_file(path: Path, content: bytes) -> None:
    """Make a new file. Raises FileExistsError when there is one: of several writers exactly one succeeds."""
    with _written_beside(path, content, READABLE) as temporary:
        os.link(temporary, path)  # atomic, and unlike a rename it never replaces; works on NFS too
    sync_folder(path.parent)


def replace_file(path: Path, content: bytes, mode: int = READABLE) -> None:
    """Write a file or replace it; a reader sees the old content or the new, never a mixture."""
    with _written_beside(path, content, mode) as temporary:
        temporary.replace(path)
    sync_folder(path.parent)


@contextmanager
def _written_beside(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask is
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Put on disk what was made, renamed or removed in a folder."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
