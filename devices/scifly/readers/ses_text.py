"""Scienta SES text files: INI-like sections, then the data of each region.

The data are counted line by line and never kept. A file with several regions has headers between its data
blocks, and only the rows tell whether it is whole: so a file that seems complete is passed once to its end.
"""

from collections.abc import Iterator
from pathlib import Path

from scifly.errors import UnreadableError
from scifly.readers.acquisition import Acquisition
from scifly.readers.ses_fields import acquisition
from scifly.readers.ses_header import Header

_LONGEST_LINE = 1 << 18  # bytes; more of a line is skipped, so that memory is bounded whatever the file holds


class SesText:
    """A `Reader` of SES text files."""

    def claims(self, head: bytes) -> bool:
        """Tell whether the file begins as SES text files do."""
        return head.startswith(b"[Info]")

    def read(self, path: Path) -> Acquisition:
        """Read all headers, count the rows of data."""
        header = Header()
        for line in _lines(path):
            header.take(line)
        header.check_complete()
        return acquisition(header)


READER = SesText()


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while line := file.readline(_LONGEST_LINE):
                yield line
                while len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                    line = file.readline(_LONGEST_LINE)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise UnreadableError(f"{path}: cannot be read ({error.strerror}); check its rights") from error
