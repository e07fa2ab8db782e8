"""The formats that SciFly reads: its own, and those of other packages (entry points `scizoo.readers`)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from scifish.common.plugins import load, plugins
from scifly.errors import UnreadableError
from scifly.readers.acquisition import Acquisition

HEAD = 512  # bytes of a file that are enough to know its format
GROUP = "scizoo.readers"
OWN = {"ses-text": "scifly.readers.ses_text:READER"}


@runtime_checkable
class Reader(Protocol):
    """Reads the metadata of one format, never its data arrays."""

    def claims(self, head: bytes) -> bool:
        """Tell from a file's first bytes whether it is of this format."""

    def read(self, path: Path) -> Acquisition:
        """Read a file. Raises IncompleteError when it is not whole, UnreadableError, FileNotFoundError."""


def readers() -> tuple[Reader, ...]:
    """Return one reader of each format: ours, then others by name; the first that claims a file reads it.

    Raises PluginError for one that cannot be had: without it its files would pass as none of ours, for good.
    """
    return tuple(load(plugin, Reader) for plugin in plugins(GROUP, OWN).values())  # type: ignore[type-abstract]


def reader_of(path: Path, readers: Sequence[Reader]) -> Reader | None:
    """Return the reader that claims a file; None: it is of no known format. Raises UnreadableError."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read ({error.strerror}); check its rights") from error
    return next((reader for reader in readers if reader.claims(head)), None)
