"""SPECS Prodigy `.sp2` exports: a text picture, `#` lines, then the sizes and the counts of one region."""

from scifly.errors import NotThisFormatError
from scifly.readers.acquisition import Acquisition
from scifly.readers.header_text import count
from scifly.readers.instrument_file import MAX_READ, InstrumentFile
from scifly.readers.sections import Sections, Span, moment
from scifly.readers.specs.regions import acquisition, region_name

FORMAT = "SPECS Prodigy picture"
MAX_HEADER = 10_000  # lines
_CHUNK = min(1 << 20, MAX_READ)
_TIMES = ("Creation Date", "Date", "Acquisition Date")
_SIZES = 3  # width, height, highest count


class ProdigyPicture:
    """A `Reader` of Prodigy's `.sp2`."""

    def claims(self, head: bytes, name: str) -> bool:
        """Tell by the file's name: the form is that of any text picture."""
        return head.startswith(b"P2") and name.lower().endswith(".sp2")

    def read(self, file: InstrumentFile) -> Acquisition:
        """Read the `#` lines, and count the numbers."""
        sections, region, span = Sections(), region_name(1), Span()
        sizes: list[int] = []
        file.readline(_CHUNK)
        for _ in range(MAX_HEADER):
            line = file.readline(_CHUNK)
            if line.startswith(b"#"):
                name, unit, text = _field(line[1:].decode("utf-8", "replace"))
                if name:
                    sections.put(region, f"{name} [{unit}]" if unit else name, text)
                if name in _TIMES:
                    span.add(moment(text))
            elif line.strip(b" \r\n\0") and b"\0" not in line:  # else it is being copied
                found = [count(number.decode("latin-1")) for number in line.split()[:_SIZES]]
                if len(found) != _SIZES or None in found:
                    raise NotThisFormatError(
                        f"{file.path}: has no line with its width, height and highest count"
                    )
                sizes = [size for size in found if size is not None]
                break
            elif not line.endswith(b"\n"):
                break
        missing = self._missing(file, sizes)
        for side, size in zip(("Width", "Height"), sizes, strict=False):
            sections.put(region, side, str(size))
        return acquisition(sections, FORMAT, span=span, missing=missing)

    def _missing(self, file: InstrumentFile, sizes: list[int]) -> str:
        if not sizes:
            return "the header is not whole"
        wanted, there = sizes[0] * sizes[1], _numbers(file)
        return f"{there} of {wanted} counts are there" if there < wanted else ""


READER = ProdigyPicture()


def _field(line: str) -> tuple[str, str, str]:
    """Return name, unit and text of ``name = text # [unit]``."""
    name, equals, text = line.partition("=")
    if not equals:
        name, _, text = line.partition(":")
    text, mark, unit = text.partition("# [")
    return name.strip(), unit.strip(" ]\r\n") if mark else "", text.strip().strip('"')


def _numbers(file: InstrumentFile) -> int:
    """Return how many numbers stand in the rest of the file; a copy that is not over has zeros at its end."""
    found, in_number = 0, False
    while chunk := file.read(_CHUNK).replace(b"\0", b" "):
        found += len(chunk.split()) - (in_number and not chunk[:1].isspace())
        in_number = not chunk[-1:].isspace()
    return found
