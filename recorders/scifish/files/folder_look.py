"""What lies below a folder whatever it is called: a symbolic link, a bind mount, an automount below /net."""

import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from scifish.threads.deadline import answer_within

LIMIT = 0.5  # seconds: a file system may hang
REMEMBERED = 10_000  # answers, for when nobody can look


class FolderLook:
    """Compares folders by what they are. No method raises, and none waits for a file system that hangs."""

    def __init__(self, limit: float = LIMIT) -> None:
        self._limit = limit
        self._known: dict[tuple[str, str], bool] = {}
        self._hung: threading.Event | None = None

    def below(self, folders: Iterable[str], above: str) -> set[str]:
        """Return those that are `above`, or lie below it; of what cannot be looked at, those that did last.

        A look that hangs costs the limit once: until it has come back there is no other.
        """
        wanted = set(folders)
        if self._hung is None or self._hung.is_set():
            self._look(wanted, above)
        return {one for one in wanted if self._known.get((one, above))}

    def _look(self, folders: set[str], above: str) -> None:
        back = threading.Event()

        def look() -> set[str]:
            try:
                return set(_lying_below(folders, above))
            finally:
                back.set()

        try:
            found = answer_within(self._limit, look, what=above)
        except TimeoutError:
            self._hung = back
        except RuntimeError:  # no thread is left, or Python 3.12 starts none at a process's end
            return
        else:
            kept = self._known if len(self._known) < REMEMBERED else {}
            self._known = {**kept, **{(one, above): one in found for one in folders}}


folder_look = FolderLook()


def _lying_below(folders: set[str], above: str) -> Iterator[str]:
    place = _identity(above)
    if place is not None:
        seen: dict[Path, tuple[int, int] | None] = {}
        for folder in folders:
            real = Path(os.path.realpath(folder))
            for one in (real, *real.parents):
                if one not in seen:
                    seen[one] = _identity(one)
                if seen[one] == place:
                    yield folder
                    break


def _identity(path: str | Path) -> tuple[int, int] | None:
    """Return what a folder is, by its file system; None: there is nothing that may be seen."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino
