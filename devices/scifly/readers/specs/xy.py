"""SPECS `.xy` exports: `#` lines spread over the whole file, between the data; the format tells no end."""

from scifly.readers.acquisition import Acquisition
from scifly.readers.instrument_file import InstrumentFile
from scifly.readers.sections import Sections, Span, moment
from scifly.readers.specs.regions import PROGRAM, acquisition, region_name

FORMAT = "SPECS xy export"
_DATE = "Acquisition Date"
_SETTINGS = "XY-Serializer Export Settings"
_EXPORT = "Export"
_ADDS = {"Comment", "User Comment"}
_BLOCKS = ("Cycle", "Channel", "External Channel Data Cycle")


class SpecsXy:
    """A `Reader` of `.xy` exports of Prodigy and of SpecsLab 2."""

    def claims(self, head: bytes, name: str) -> bool:
        """Tell whether the file begins with the comment that SPECS' programs write."""
        first = head.partition(b"\n")[0]
        return first.startswith(b"#") and b"Created by:" in first and b"Specs" in first

    def read(self, file: InstrumentFile) -> Acquisition:
        """Pass the file once; nothing is kept but what the `#` lines say."""
        header = _Header()
        for line in file.lines():
            if line.startswith(b"#"):
                header.take(line[1:].decode("latin-1").rstrip())
        return acquisition(header.sections, FORMAT, span=header.span, has_end=False)


READER = SpecsXy()


class _Header:
    def __init__(self) -> None:
        self.sections = Sections()
        self.span = Span()
        self._regions = 0
        self._group = ""
        self._section = PROGRAM
        self._last = ""
        self._in_block = False
        self._cycles = 0

    def take(self, line: str) -> None:
        """Take a `#` line without its mark."""
        name, colon, text = line.partition(":")
        is_indented = name.startswith("   ")
        name, text = name.strip(), text.strip()
        if not colon:
            self._continue(name)
            return
        self._last = name
        if name == _SETTINGS:
            self._section = _EXPORT
        elif name == "Group":
            self._group = text
        elif name == "Region":
            self._begin(text)
        elif name in _BLOCKS:
            self._block(name, text)
        elif name == _DATE:
            self._date(text)
        elif not self._in_block or name == "Number of Scans":
            section = PROGRAM if self._section == _EXPORT and not is_indented else self._section
            self.sections.put(section, name, text, again=name in _ADDS)

    def _begin(self, name: str) -> None:
        self._regions += 1
        self._in_block = False
        self._cycles = 0
        self._section = region_name(self._regions)
        self.sections.put(self._section, "Region", name)
        if self._group:
            self.sections.put(self._section, "Group", self._group)

    def _block(self, name: str, text: str) -> None:
        """A block of data begins: what stands there is of one scan, and only its time and count are kept."""
        self._in_block = True
        if name == "Cycle" and "," not in text:
            self._cycles += 1
            self.sections.put(self._section, "Cycles", str(self._cycles))

    def _date(self, text: str) -> None:
        self.span.add(moment(text))
        if not self._in_block:
            self.sections.put(self._section, _DATE, text)

    def _continue(self, text: str) -> None:
        """A line without a name goes on with the comment before it."""
        if text and self._last in _ADDS:
            self.sections.put(self._section, self._last, text, again=True)
