"""The formats that SciFly reads: its own, and those of other packages, by their entry points."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from scifish.common.plugins import load, plugins
from scifly.errors import NotThisFormatError
from scifly.readers.acquisition import Acquisition
from scifly.readers.instrument_file import InstrumentFile, open_regular

GROUP = "scizoo.scifly.readers"
FORMER_GROUP = "scizoo.readers"  # until the release after 0.1
OWN = {
    "ses-text": "scifly.readers.ses.text:READER",
    "ses-wave": "scifly.readers.ses.waves:WAVE",
    "ses-packed": "scifly.readers.ses.waves:PACKED",
    "ses-da30": "scifly.readers.ses.da30:READER",
    "specs-xy": "scifly.readers.specs.xy:READER",
    "specs-itx": "scifly.readers.specs.itx:READER",
    "specs-sp2": "scifly.readers.specs.sp2:READER",
    "specs-sle": "scifly.readers.specs.sle:READER",
    "specslab": "scifly.readers.specs.specslab:READER",
    "hdf5": "scifly.readers.hdf5:READER",
}
log = logging.getLogger(__name__)


@runtime_checkable
class Reader(Protocol):
    """Reads the metadata of one format, never its data arrays."""

    def claims(self, head: bytes, name: str) -> bool:
        """Tell from a file's first bytes and its name whether it may be of this format."""

    def read(self, file: InstrumentFile) -> Acquisition:
        """Read a file; `Acquisition.missing` says what a file that is still written lacks.

        Raises IncompleteError when not even the header is there, NotThisFormatError when it is of another
        format after all, UnreadableError.
        """


@runtime_checkable
class PathReader(Protocol):
    """A reader of the former group."""

    def claims(self, head: bytes) -> bool:
        """Tell from a file's first bytes whether it is of this format."""

    def read(self, path: Path) -> Acquisition:
        """Read a file. Raises IncompleteError when it is not whole, UnreadableError, FileNotFoundError."""


class FormerReader:
    """A `Reader` that asks one of the former group."""

    def __init__(self, reader: PathReader) -> None:
        self._reader = reader

    def claims(self, head: bytes, name: str) -> bool:
        """Ask the reader."""
        return self._reader.claims(head)

    def read(self, file: InstrumentFile) -> Acquisition:
        """Let the reader open the file itself."""
        return self._reader.read(file.path)


def readers() -> dict[str, Reader]:
    """Return the readers by name: ours, then others by name; the first that claims a file reads it.

    Raises PluginError for one that cannot be had: without it its files would pass as none of ours, for good.
    """
    found: dict[str, Reader] = {
        name: load(plugin, Reader)  # type: ignore[type-abstract]
        for name, plugin in plugins(GROUP, OWN).items()
    }
    for name, plugin in plugins(FORMER_GROUP, {}).items():
        if name not in found:
            log.warning(
                "the reader %s is in the group %s, which is understood for one more release; give it "
                "claims(head, name) and read(file), and name it in the group %s",
                name, FORMER_GROUP, GROUP,
            )  # fmt: skip
            found[name] = FormerReader(load(plugin, PathReader))  # type: ignore[type-abstract]
    return found


def read(file: InstrumentFile, readers: Mapping[str, Reader]) -> tuple[str, Acquisition] | None:
    """Read a file with the first reader that claims it; return its name, too. None: no reader claims it.

    Raises what `Reader.read` raises.
    """
    head = file.head()
    for name, reader in readers.items():
        if reader.claims(head, file.path.name):
            try:
                return name, reader.read(file)
            except NotThisFormatError:
                file.seek(0)
    return None


def read_file(path: Path, readers: Mapping[str, Reader]) -> tuple[str, Acquisition] | None:
    """Open and read a file, as `read` does. Raises FileNotFoundError, and what `read` raises."""
    with open_regular(path) as file:
        return read(file, readers)
