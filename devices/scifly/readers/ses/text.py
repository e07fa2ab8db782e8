"""Scienta SES text files: INI-like sections, then the data of each region.

The data are counted line by line and never kept. A file with several regions has headers between its data
blocks, and only the rows tell whether it is whole: so a file that seems complete is passed once to its end.
"""

import codecs
import io
import re
from collections.abc import Iterator

from scifly.readers.acquisition import Acquisition
from scifly.readers.instrument_file import LONGEST_LINE, InstrumentFile
from scifly.readers.ses.fields import acquisition
from scifly.readers.ses.header import Header

FORMAT = "Scienta SES text"
_BEGIN = "[Info]"
_LINE_END = re.compile(r"\r?\n|\r?$")
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class SesText:
    """A `Reader` of SES text files."""

    def claims(self, head: bytes, name: str) -> bool:
        """Tell whether the file begins as SES text files do."""
        wide = _WIDE.get(head[:2])
        if wide:
            text = head[2:].decode(wide, "replace")
        else:
            text = head.removeprefix(codecs.BOM_UTF8).decode("latin-1")
        # Beamlines' own programs write `[Info]` too, with other line ends: their files have another form.
        return text.startswith(_BEGIN) and _LINE_END.match(text, len(_BEGIN)) is not None

    def read(self, file: InstrumentFile) -> Acquisition:
        """Read all headers, count the rows of data."""
        start = file.head()[:3]
        if start == codecs.BOM_UTF8:
            file.seek(len(start))
        is_latin = start != codecs.BOM_UTF8 and start[:2] not in _WIDE
        header = Header("latin-1" if is_latin else "utf-8")
        for line in _wide_lines(file, _WIDE[start[:2]]) if start[:2] in _WIDE else file.lines():
            header.take(line)
        return acquisition(header, FORMAT)


READER = SesText()


def _wide_lines(file: InstrumentFile, encoding: str) -> Iterator[bytes]:
    """Return the lines of a UTF-16 file as UTF-8."""
    file.seek(2)
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    try:
        while line := text.readline(LONGEST_LINE):
            yield line.encode("utf-8", "replace")
    finally:
        text.detach()
