"""What a message wants the catalogue to hold: plain values in SciCat's own names, ready to be merged."""

from dataclasses import dataclass
from typing import Any, NamedTuple

METADATA = "scientificMetadata"
BOOKKEEPING = "scizoo"
SCAN = "scan"


class DataFile(NamedTuple):
    """A file as an origdatablock lists it; the one with the later time (then the larger size) is newer."""

    path: str
    time: str
    size: int

    @property
    def age(self) -> tuple[str, int]:
        """Return what orders two entries of one path."""
        return (self.time, self.size)

    def to_json(self) -> dict[str, Any]:
        """Return SciCat's form."""
        return {"path": self.path, "size": self.size, "time": self.time}


@dataclass(frozen=True)
class Desired:
    """A dataset as one message knows it. `fields` are SciCat's v4 fields, scientificMetadata included.

    `weak` names fields that are a guess: they fill what is absent, and never replace anything.
    """

    pid: str
    sequence: int
    first: bool
    fields: dict[str, Any]
    files: tuple[DataFile, ...] = ()
    attachments: tuple[dict[str, str], ...] = ()
    marks: tuple[str, ...] = ()
    weak: frozenset[str] = frozenset()

    @property
    def has_parts(self) -> bool:
        """Tell whether there is something to hang on the dataset."""
        return bool(self.files or self.attachments)
