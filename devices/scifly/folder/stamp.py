"""A state of a file, by which a change is noticed."""

import os
import stat as modes
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stamp:
    """Size in bytes and the file server's mtime."""

    size: int
    mtime_ns: int


def stamp_of(path: str | os.PathLike[str]) -> Stamp | None:
    """Return a regular file's state; None: there is none, or a link or another thing. Raises OSError."""
    try:
        state = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Stamp(state.st_size, state.st_mtime_ns) if modes.S_ISREG(state.st_mode) else None
