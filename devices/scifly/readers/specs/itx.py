"""SPECS Prodigy `.itx` exports: Igor text, with the metadata in `X //` lines."""

import re

from scifly.readers.acquisition import Acquisition
from scifly.readers.instrument_file import InstrumentFile
from scifly.readers.sections import Sections, Span, moment
from scifly.readers.specs.regions import PROGRAM, acquisition, region_name

FORMAT = "SPECS Prodigy Igor text"
_MARK = b"X //"
_PARAMETERS = "Acquisition Parameters:"
_ADDS = {"User Comment"}
_SCALE = re.compile(
    r"X SetScale/(?P<how>[IP]) (?P<axis>[xyzt]), (?P<first>[^,]{1,40}), (?P<last>[^,]{1,40}), "
    r'"(?P<name>[^"]{0,80})"'
)
_DATES = ("Created Date (UTC)", "Created Date")


class ProdigyIgorText:
    """A `Reader` of Prodigy's `.itx`."""

    def claims(self, head: bytes, name: str) -> bool:
        """Tell whether the file is Igor text that Prodigy may have written."""
        return head.startswith(b"IGOR") and (_MARK in head or b"WAVES/S" in head)

    def read(self, file: InstrumentFile) -> Acquisition:
        """Pass the file once; the rows of data are not kept."""
        header = _Header()
        for line in file.lines():
            header.take(line)
        return acquisition(header.sections, FORMAT, span=header.span, missing=header.missing())


READER = ProdigyIgorText()


class _Header:
    def __init__(self) -> None:
        self.sections = Sections()
        self.span = Span()
        self._regions = 0
        self._waves = self._ends = 0
        self._is_scaled = self._is_cut = False
        self._section = PROGRAM

    def take(self, line: bytes) -> None:
        """Take a line of the file."""
        self._is_cut = not line.endswith((b"\n", b"'"))
        if line.startswith(_MARK):
            self._comment(line[len(_MARK) :].decode("utf-8", "replace").strip())
        elif line.startswith(b"WAVES/S"):
            self._waves += 1
            self._is_scaled = False
            if self._regions < self._waves:  # one without parameters
                self._begin()
        elif line.startswith(b"END"):
            self._ends += 1
        elif line.startswith(b"X SetScale"):
            self._is_scaled |= not self._is_cut
            self._scale(line.decode("latin-1"))

    def missing(self) -> str:
        """Return what a file that is still written lacks: its waves end, and are scaled behind that."""
        if not self._waves:
            return "there are no data yet"
        if self._waves < self._regions:
            return f"region {self._regions} has no data yet"
        if self._ends < self._waves:
            return f"the data of wave {self._waves} have no end yet"
        if not self._is_scaled:
            return f"wave {self._waves} has no scale yet"
        return "its last line is not whole yet" if self._is_cut else ""

    def _begin(self) -> None:
        self._regions += 1
        self._section = region_name(self._regions)

    def _comment(self, line: str) -> None:
        if line == _PARAMETERS:
            self._begin()
            return
        name, mark, text = line.partition("=" if "=" in line else ":")
        if line.startswith(_DATES):
            name, mark, text = line.partition(": ")
        name, text = name.strip(), text.strip()
        if not mark:
            return
        if name in _DATES:
            self.span.add(moment(f"{text} UTC" if name == _DATES[0] else text))
        self.sections.put(self._section, name, text, again=name in _ADDS)

    def _scale(self, line: str) -> None:
        if (match := _SCALE.match(line)) is None:
            return
        axis = match["axis"]
        last = "last" if match["how"] == "I" else "step"
        self.sections.put(self._section, f"Axis {axis} name", match["name"])
        self.sections.put(self._section, f"Axis {axis} first", match["first"])
        self.sections.put(self._section, f"Axis {axis} {last}", match["last"])
