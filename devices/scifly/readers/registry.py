"""The formats that SciFly reads: one reader each, in one table."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from scifly.errors import UnreadableError
from scifly.readers.acquisition import Acquisition
from scifly.readers.ses_text import SesText

HEAD = 512  # bytes of a file that are enough to know its format


class Reader(Protocol):
    """Reads the metadata of one format, never its data arrays."""

    def claims(self, head: bytes) -> bool:
        """Tell from a file's first bytes whether it is of this format."""

    def read(self, path: Path) -> Acquisition:
        """Read a file. Raises IncompleteError when it is not whole, UnreadableError, FileNotFoundError."""


READERS: tuple[Reader, ...] = (SesText(),)


def reader_of(path: Path, readers: Sequence[Reader] = READERS) -> Reader | None:
    """Return the reader that claims a file; None: it is of no known format. Raises UnreadableError."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read ({error.strerror}); check its rights") from error
    return next((reader for reader in readers if reader.claims(head)), None)
