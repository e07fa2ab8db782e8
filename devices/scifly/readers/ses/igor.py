"""Igor binary waves, version 5: where their note, their axes and their end are; the data are never read."""

import struct
from dataclasses import dataclass

from scifly.errors import IncompleteError, NotThisFormatError
from scifly.readers.instrument_file import InstrumentFile
from scifly.readers.ses.note import MAX_NOTE, Axis, Note

_VERSION = 5
_BIN = struct.Struct("hhiiii4i4iiii")
_WAVE = struct.Struct("iIIihh6sh32sii4i4d4d4s16s")
_WAVE_SIZE = 320  # bytes of a wave's header, of which `_WAVE` is the begin
MAX_LABELS = 1 << 12  # bytes of the axes' names
MAX_POINTS = 1 << 40
_ITEM = {0: 1, 2: 4, 4: 8, 8: 1, 16: 2, 32: 4}  # bytes of one point; type 0 is text, whose bytes are counted
_COMPLEX, _UNSIGNED = 1, 64


@dataclass(frozen=True)
class Wave:
    """A wave: its note with its axes, and the bytes from its begin to its end.

    `ends`: the last of its texts is written; a copy has its full length long before, all zeros.
    """

    note: Note
    length: int
    ends: bool = True


def is_wave(head: bytes) -> bool:
    """Tell whether bytes begin as a wave of version 5 does, in either byte order."""
    return head[:2] in (b"\x05\x00", b"\x00\x05")


def read_wave(file: InstrumentFile, at: int = 0) -> Wave:
    """Read a wave that begins at `at`. Raises IncompleteError when its note is not there yet."""
    file.seek(at)
    head = file.read(_BIN.size + _WAVE.size)
    if not is_wave(head):
        raise NotThisFormatError(f"{file.path}: is no Igor binary wave of version 5")
    if len(head) < _BIN.size + _WAVE.size:
        raise IncompleteError("the header is not whole")
    order = "<" if head[0] else ">"
    numbers = struct.unpack_from(order + _BIN.format, head)
    (wave_size, formula, note_size), label_sizes = numbers[2:5], numbers[5:14]
    wave = struct.unpack_from(order + _WAVE.format, head, _BIN.size)
    data = _data_bytes(points=wave[3], kind=wave[4])
    if data is not None:  # of data beyond 2 GB the points tell more: the size in the header is an int32
        wave_size = _WAVE_SIZE + data
    if min(formula, *label_sizes) < 0 or wave_size < _WAVE_SIZE or not 0 <= note_size <= MAX_NOTE:
        raise NotThisFormatError(f"{file.path}: its header says what no wave has; it is damaged, or no wave")
    offset = at + _BIN.size + wave_size + formula
    if offset + note_size > file.size:
        raise IncompleteError(f"the note is not there yet: {file.size} of {offset + note_size} bytes are")
    file.seek(offset)
    text = file.read(note_size)
    if text and not text.strip(b"\0"):
        raise IncompleteError("the note is all zeros: it is being copied")
    labels = file.read(min(sum(label_sizes), MAX_LABELS)).decode("latin-1")
    axes = _axes(wave[11:15], wave[15:19], wave[19:23], labels, label_sizes)
    ends = not (text + labels.encode("latin-1")).endswith(b"\0")
    return Wave(Note(text, axes), offset + note_size + sum(label_sizes) - at, ends)


def _data_bytes(points: int, kind: int) -> int | None:
    """Return the bytes of the data; None where only the header's size of the wave tells: texts."""
    item = _ITEM.get(kind & ~(_COMPLEX | _UNSIGNED))
    if kind == 0 or item is None or not 0 <= points <= MAX_POINTS:
        return None
    return points * item * (2 if kind & _COMPLEX else 1)


def _axes(
    sizes: tuple[int, ...],
    steps: tuple[float, ...],
    firsts: tuple[float, ...],
    labels: str,
    label_sizes: tuple[int, ...],
) -> tuple[Axis, ...]:
    """Return the axes; their names stand one behind the other, after that of the data."""
    at = label_sizes[0]
    found = []
    for size, step, first, length in zip(sizes, steps, firsts, label_sizes[1:5], strict=True):
        name = labels[at : at + length]
        at += length
        if size > 0:
            found.append(Axis(" ".join(name.split()), size, first, step))
    return tuple(found)
