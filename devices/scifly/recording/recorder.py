"""Who records what SciFly found."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from scifly.errors import RecorderError
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


Outcome = str | RecorderError | None
"""Why it was refused, or not recorded yet (then it is tried again); None: it was recorded."""


class Recorder(Protocol):
    """Records acquisitions."""

    def begin(self, found: FoundAcquisition) -> Outcome:
        """Make the dataset of a file visible that is still written, with the values of now."""

    def abandon(self, path: Path, why: str) -> None:
        """End the dataset of a file that has begun and will not be complete."""

    def record(self, found: Sequence[FoundAcquisition]) -> list[Outcome]:
        """Record them durably, in this order; return what became of each."""
