"""Makes directories that are either complete or absent, also when several programs make them at once.

Each directory begins as mode 0700 and gets its rights then; what a failure leaves behind is taken away again,
and what a kill leaves behind (empty, ours, mode 0700) is completed by the next call. Other directories that
exist are never changed: how they differ is told. Setting owner, mode and ACL at each start of a client would
undo what a person did on purpose, such as locking `raw` after a beamtime. Making the tree elsewhere and
renaming it into place is no way: a rename replaces an *empty* directory, which a process may just have
opened.
"""

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sdm.errors import StorageError
from sdm.folders.permissions import Rights, apply, differences

BEGUN = 0o700
OPEN = 0o755  # the directories above the proposals, which everybody passes


class Directory(NamedTuple):
    """A directory that must be there, and its mode."""

    path: Path
    mode: int


def make_parents(root: Path, path: Path) -> None:
    """Make the directories from `root` (which must be there: it may be a mount) down to `path`."""
    if not root.is_dir():
        raise StorageError(f"{root}: the data root is no directory; mount it, or correct Root")
    for part in reversed([path, *path.parents]):
        if part.is_relative_to(root) and part != root and (_mkdir(part) or _interrupted(part)):
            part.chmod(OPEN)


def make_directories(directories: Iterable[Directory], rights: Rights) -> tuple[str, ...]:
    """Make the directories in their order, all or none of the missing ones; return warnings in words.

    Raises StorageError, after having removed what it had made.
    """
    made: list[Path] = []
    warnings: list[str] = []
    try:
        for path, mode in directories:
            if _mkdir(path):
                made.append(path)
            if path in made or _interrupted(path):
                warnings.extend(apply(path, rights, mode))
            else:
                warnings.extend(differences(path, rights, mode))
    except (StorageError, OSError) as error:
        left = _remove(made)
        raise StorageError(f"{error}; {_remains(made, left)}") from error
    return tuple(warnings)


def _mkdir(path: Path) -> bool:
    """Make one directory; tell whether it was missing. A link or a file in its place is refused."""
    try:
        path.mkdir(mode=BEGUN)
    except FileExistsError:
        if path.is_symlink() or not path.is_dir():
            raise StorageError(f"{path}: is there but is no directory; move it away") from None
        return False
    except OSError as error:
        raise StorageError(
            f"{path}: cannot be created ({error.strerror}); check the rights and the space of {path.parent}"
        ) from error
    return True


def _interrupted(path: Path) -> bool:
    found = path.stat()
    begun = stat.S_IMODE(found.st_mode) & 0o777 == BEGUN and found.st_uid == os.geteuid()
    return begun and not any(path.iterdir())


def _remove(made: list[Path]) -> list[Path]:
    """Remove what is still empty, the deepest first; return what could not be removed."""
    left = []
    for path in reversed(made):
        try:
            path.rmdir()
        except OSError:
            left.append(path)
    return left


def _remains(made: list[Path], left: list[Path]) -> str:
    if left:
        return f"left behind: {', '.join(str(path) for path in left)}"
    return "what was begun has been removed again" if made else "nothing was created"
