"""The notes that SES writes into Igor waves and DA30 maps: the keys of its text files, without numbers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from scifly.readers.acquisition import Acquisition
from scifly.readers.ses.fields import acquisition
from scifly.readers.ses.header import Header

BEGIN = b"[SES]"
MAX_NOTE = 1 << 20  # bytes
_LINE = re.compile(rb"\r\n|\r|\n")
_SECTION = re.compile(rb"\[([^\[\]]{1,100})\]\s*$")


@dataclass(frozen=True)
class Axis:
    """One axis of a region's data: its name with the unit, as ``Kinetic Energy [eV]``."""

    name: str
    size: int
    first: float
    step: float

    @property
    def last(self) -> float:
        """The value of the last point."""
        return self.first + (self.size - 1) * self.step


@dataclass(frozen=True)
class Note:
    """What a file says of one region."""

    text: bytes
    axes: tuple[Axis, ...] = ()


def acquisition_of(notes: Iterable[Note], data_format: str, missing: str) -> Acquisition:
    """Return what the notes of a file say: one region each, named as in SES's text files."""
    header = Header()
    for number, note in enumerate(notes, 1):
        for line in _lines(note, number):
            header.take(line)
    return replace(acquisition(header, data_format), missing=missing)


def _lines(note: Note, number: int) -> Iterable[bytes]:
    yield f"[Region {number}]\n".encode()
    for n, axis in enumerate(note.axes, 1):
        yield f"Dimension {n} name={axis.name}\n".encode("latin-1", "replace")
        yield f"Dimension {n} size={axis.size}\n".encode()
        yield f"Dimension {n} scale={axis.first:.15g} {axis.last:.15g}\n".encode()
    for line in _LINE.split(note.text[:MAX_NOTE]):
        section = _SECTION.match(line)
        if section is None:
            yield line + b"\n"
        else:
            name = b"Info" if section[1] == BEGIN[1:-1] else section[1]
            yield b"[%s %d]\n" % (name, number)
