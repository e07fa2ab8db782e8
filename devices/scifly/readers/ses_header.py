"""The sections of an SES text file as they come line by line, and what they declare."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from scifish.common.text_forms import counted
from scifly.errors import IncompleteError

_SECTION = re.compile(r"\[(?P<name>[^\[\]]+)\]\s*$")
_DATA = re.compile(r"Data (?P<region>\d+)(?::\d+)?$")
MAX_LOOSE_LINE = 1000  # characters
MAX_LOOSE_LINES = 64  # of a section, lines that are no `key=value`: a table of run modes may be very long

Section = dict[str, str]


@dataclass
class Header:
    """All sections by name, and how many rows of data each region has; the data themselves are not kept."""

    sections: dict[str, Section] = field(default_factory=dict)
    loose: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    _section: str = ""
    _region: int | None = None

    def take(self, line: bytes) -> None:
        """Take the next line of the file, with its line end."""
        if line.startswith(b"["):
            self._begin(line.decode("latin-1"))
        elif self._region is not None:
            # A row that does not end with a line end is still being written.
            self.rows[self._region] += bool(line.strip()) and line.endswith(b"\n")
        else:
            self._keep(line.decode("latin-1").strip())

    def regions(self) -> Iterator[int]:
        """Return the numbers of the regions that the file declares."""
        return iter(range(1, _count(self.sections.get("Info", {}).get("Number of Regions", "0")) + 1))

    def region(self, number: int) -> Section:
        """Return what is known of a region: its dimensions and its settings."""
        return {**self.sections.get(f"Region {number}", {}), **self.sections.get(f"Info {number}", {})}

    def check_complete(self) -> None:
        """Raise IncompleteError when a declared region, or rows of its data, are missing."""
        numbers = list(self.regions())
        if not numbers:
            raise IncompleteError("the header is not whole: it does not tell the number of regions")
        for number in numbers:
            declared, there = self._declared_rows(number), self.rows.get(number, 0)
            if there < declared:
                raise IncompleteError(
                    f"region {number} of {len(numbers)}: "
                    f"{there} of {counted(declared, 'row is', 'rows are')} there"
                )

    def _declared_rows(self, number: int) -> int:
        """Return the rows of a region's data; the second dimension is the columns."""
        region = self.sections.get(f"Region {number}", {})
        rows = _count(region.get("Dimension 1 size", "0"))
        if not rows:
            raise IncompleteError(
                f"region {number}: the header is not whole: it does not tell the rows of data"
            )
        return rows * max(1, _count(region.get("Dimension 3 size", "1")))

    def _begin(self, line: str) -> None:
        match = _SECTION.match(line)
        if match is None:
            return
        self._section = match["name"]
        data = _DATA.match(self._section)
        self._region = int(data["region"]) if data else None
        if self._region is None:
            self.sections.setdefault(self._section, {})
        else:
            self.rows.setdefault(self._region, 0)

    def _keep(self, line: str) -> None:
        key, equals, value = line.partition("=")
        if equals:
            self.sections.setdefault(self._section, {})[key.strip()] = value.strip()
        elif line and len(self.loose.setdefault(self._section, [])) < MAX_LOOSE_LINES:
            self.loose[self._section].append(line[:MAX_LOOSE_LINE])


def _count(text: str) -> int:
    return int(text) if text.strip().isdecimal() else 0
