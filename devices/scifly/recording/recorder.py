"""Who records what SciFly found."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scifly.folder.stamp import Stamp
from scifly.place import WatchedPlace
from scifly.readers.acquisition import Acquisition
from scifly.recording.ledger import Ticket


@dataclass(frozen=True)
class FoundAcquisition:
    """A file of an acquisition, with all that is known of both."""

    path: Path
    stamp: Stamp
    acquisition: Acquisition
    place: WatchedPlace
    ticket: Ticket
    rule: str = ""
    """SciFly's rule that the file falls under."""


class Recorder(Protocol):
    """Records acquisitions."""

    def record(self, found: FoundAcquisition) -> str | None:
        """Record one durably; return why it was refused, None: it was recorded. Raises RecorderError."""
