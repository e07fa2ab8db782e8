"""Who looks for the files that a scan waits for."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from scifish.clock import utcnow
from scifish.filelist import Absent
from scifish.message import File


class Awaiter(Protocol):
    """Looks for files until they are there (`scifish.files.FileWatch`)."""

    def until(self) -> datetime:
        """Return when a file that is waited for from now on is said not to have come."""

    def expect(
        self,
        paths: tuple[str, ...],
        arrived: Callable[[tuple[File, ...], tuple[Absent, ...]], None],
        until: datetime,
    ) -> None:
        """Return at once; call `arrived` with complete files, and with what is not to come."""


class Nobody:
    """Looks for no file."""

    def until(self) -> datetime:
        """There is nothing to wait for."""
        return utcnow()

    def expect(
        self,
        paths: tuple[str, ...],
        arrived: Callable[[tuple[File, ...], tuple[Absent, ...]], None],
        until: datetime,
    ) -> None:
        """Leave it to the parent."""
