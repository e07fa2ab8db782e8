"""Damaged files of every format that SciFly reads, and what its readers make of them."""

import os
import random
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from scifly.errors import SciFlyError
from scifly.readers.instrument_file import InstrumentFile
from scifly.readers.registry import Reader, read
from scizoo.simulation.instruments import ses, specs
from scizoo.simulation.instruments.acquired import Region
from scizoo.simulation.instruments.hdf5 import hdf5

REGIONS = (Region(comment="as loaded", points=9), replace(Region(), name="C1s", slices=3, points=7))
NUMBERS = (b"-1", b"0", b"999999999", b"1e999", b"9" * 300, b"nan", b"0x7fffffff", b"")
WORDS = (
    b"\x00",
    b"\xff\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\r",
    b"=",
    b"[",
    b"]",
    b"<",
    b"\x0b",
    "\u202e".encode(),
)


def samples() -> dict[str, bytes]:
    """Return a whole file of each format, by its name."""
    with tempfile.TemporaryDirectory() as folder:
        experiment = specs.sle(Path(folder) / "day.sle", REGIONS).read_bytes()
    return {
        "a.txt": ses.text(REGIONS, files="Z:\\a.txt,.ibw"),
        "a.ibw": ses.wave(REGIONS[1]),
        "b.ibw": ses.wave(REGIONS[0], order=">", text_of_note=ses.peak_note(REGIONS[0])),
        "a.pxt": ses.packed(REGIONS),
        "a.zip": ses.da30(REGIONS[1]),
        "a.xy": specs.xy(REGIONS),
        "a.itx": specs.itx(REGIONS),
        "a.sp2": specs.sp2(REGIONS[1]),
        "day.sle": experiment,
        "a.xml": specs.specslab_xml(REGIONS),
        "a.h5": hdf5(REGIONS),
    }


def damaged(content: bytes, draw: random.Random) -> bytes:
    """Return a file with one to four defects: bytes changed, cut, doubled, moved, numbers replaced."""
    found = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(found) + 1)
        length = draw.choice((1, 1, 2, 4, 8, 64, 512))
        kind = draw.randrange(7)
        if kind == 0:
            for _ in range(draw.randint(1, 8)):
                if found:
                    found[draw.randrange(len(found))] = draw.randrange(256)
        elif kind == 1:
            del found[at : at + length]
        elif kind == 2:
            found[at:at] = found[at : at + length] * draw.choice((1, 2, 50))
        elif kind == 3:
            del found[at:]
        elif kind == 4:
            found[at : at + 4] = draw.choice(WORDS)
        elif kind == 5:
            found[at : at + draw.randint(0, 8)] = draw.choice(NUMBERS)
        else:
            _number(found, draw)
    return bytes(found)


def outcome(name: str, content: bytes, readers: Mapping[str, Reader]) -> str:
    """Return what reading gives: `read`, `incomplete`, `not ours` or the name of SciFly's error."""
    with _memory(name, content) as file:
        try:
            result = read(file, readers)
        except SciFlyError as error:
            return type(error).__name__
    if result is None:
        return "not ours"
    return "incomplete" if result[1].missing else "read"


def _memory(name: str, content: bytes) -> InstrumentFile:
    descriptor = os.memfd_create("damaged")
    os.write(descriptor, content)
    return InstrumentFile(Path("/damaged") / name, descriptor)


def _number(found: bytearray, draw: random.Random) -> None:
    """Replace a number of the header by one that is not to be believed."""
    places = list(_digits(found))
    if places:
        begin, end = draw.choice(places)
        found[begin:end] = draw.choice(NUMBERS)


def _digits(content: bytearray) -> Iterator[tuple[int, int]]:
    begin = None
    for at, byte in enumerate(content[:4096]):
        is_digit = 0x30 <= byte <= 0x39
        if is_digit and begin is None:
            begin = at
        elif not is_digit and begin is not None:
            yield begin, at
            begin = None
