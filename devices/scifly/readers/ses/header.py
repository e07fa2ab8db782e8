"""The sections of an SES text file as they come line by line, and what they declare."""

import re
from dataclasses import dataclass, field

from scifish.common.text_forms import counted
from scifly.readers.header_text import count

_SECTION = re.compile(r"\[(?P<name>[^\[\]]{1,100})\]\s*$")
_DATA = re.compile(r"Data (?P<region>\d{1,4})(?::\d+)?$", re.ASCII)
_REGION = re.compile(r"(?:Region|Info) (?P<region>\d{1,4})$", re.ASCII)
_SCALE = re.compile(r"Dimension \d+ scale", re.ASCII)
MAX_LOOSE_LINE = 1000  # characters
MAX_LOOSE_LINES = 64  # of a section, lines that are no `key=value`: a table of run modes may be very long
MAX_KEPT = 2_000_000  # bytes, about, of all headers of a file together
_OVERHEAD = 64  # bytes that each entry costs beside its characters
MAX_SECTIONS = 10_000
NO_REGION = 0  # rows of data that belong to none

Section = dict[str, str]


@dataclass
class Header:
    """All sections by name, and how many rows of data each region has; the data themselves are not kept."""

    encoding: str = "latin-1"
    sections: dict[str, Section] = field(default_factory=dict)
    loose: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    too_long: bool = False
    _kept: int = 0
    _section: str = ""
    _region: int | None = None

    def take(self, line: bytes) -> None:
        """Take the next line of the file, with its line end."""
        if line.startswith(b"["):
            self._begin(line.decode(self.encoding, "replace"))
        elif self._region is not None:
            # A row that does not end with a line end is still being written.
            self.rows[self._region] += bool(line.strip()) and line.endswith(b"\n")
        else:
            self._keep(line.decode(self.encoding, "replace").strip())

    @property
    def declared(self) -> int:
        """How many regions the file shall have; 0: it does not say so yet."""
        return count(self.sections.get("Info", {}).get("Number of Regions", "")) or 0

    def regions(self) -> list[int]:
        """Return the numbers of the regions whose headers are there."""
        found = {int(match["region"]) for name in self.sections if (match := _REGION.match(name))}
        return sorted(found)

    def region(self, number: int) -> Section:
        """Return what is known of a region: its dimensions and its settings."""
        return {**self.sections.get(f"Region {number}", {}), **self.sections.get(f"Info {number}", {})}

    def missing(self) -> str:
        """Return which declared region, or rows of its data, are missing; empty: all is there."""
        if not self.declared:
            return "the header is not whole: it does not tell the number of regions"
        for number in range(1, self.declared + 1):  # ends at the first one that is not there
            declared, there = self._declared_rows(number), self.rows.get(number, 0)
            if not declared:
                return (
                    f"region {number} of {self.declared}: "
                    "the header is not whole: it does not tell the rows of data"
                )
            if there < declared:
                rows = counted(declared, "row is", "rows are")
                return f"region {number} of {self.declared}: {there} of {rows} there"
        return ""

    def _declared_rows(self, number: int) -> int:
        """Return the rows of a region's data; the second dimension is the columns."""
        region = self.sections.get(f"Region {number}", {})
        return (count(region.get("Dimension 1 size", "")) or 0) * max(
            1, count(region.get("Dimension 3 size", "")) or 1
        )

    def _begin(self, line: str) -> None:
        match = _SECTION.match(line)
        if match is None:
            return
        self._section = match["name"]
        if self._section.startswith("Data"):
            data = _DATA.match(self._section)
            self._region = int(data["region"]) if data else NO_REGION
            self.rows.setdefault(self._region, 0)
        else:
            self._region = None
            if self._section not in self.sections and self._may_keep(len(self._section)):
                self.sections[self._section] = {}

    def _keep(self, line: str) -> None:
        key, equals, value = line.partition("=")
        key, value = key.strip(), value.strip()
        if _SCALE.fullmatch(key):
            value = _ends(value)
        loose = self.loose.get(self._section, [])
        if not equals and (not line or len(loose) >= MAX_LOOSE_LINES):
            return
        if not self._may_keep(len(key) + len(value) if equals else min(len(line), MAX_LOOSE_LINE)):
            return
        if equals:
            self.sections.setdefault(self._section, {})[key] = value
        else:
            self.loose.setdefault(self._section, []).append(line[:MAX_LOOSE_LINE])

    def _may_keep(self, characters: int) -> bool:
        self._kept += characters + _OVERHEAD
        self.too_long |= self._kept > MAX_KEPT or len(self.sections) >= MAX_SECTIONS
        return not self.too_long


def _ends(scale: str) -> str:
    """Return the first and the last value of a scale, which may have ten thousands."""
    values = scale.split(None, 1)
    return f"{values[0]} {scale.rsplit(None, 1)[-1]}" if values else ""
