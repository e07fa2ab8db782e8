"""SQLite on a file that is open already: SQLite itself would open it a second time, by its name."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from scifly.readers.instrument_file import InstrumentFile

_READ_ONLY = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
_CACHE = 8192  # KiB
_SECTOR = 4096  # bytes


@contextmanager
def opened(file: InstrumentFile) -> Iterator[apsw.Connection]:
    """Return a connection that can only read, from `file`, with its limits. Raises apsw.Error later."""
    vfs = _OneFile(file)
    try:
        database = apsw.Connection("file:/it?immutable=1&mode=ro", flags=_READ_ONLY, vfs=vfs.name)
        try:
            database.execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
            database.execute(f"PRAGMA cache_size = -{_CACHE}")
            yield database
        finally:
            database.close()
    finally:
        vfs.unregister()


class _OneFile(apsw.VFS):
    """A file system with one file."""

    def __init__(self, file: InstrumentFile) -> None:
        self.name = f"scifly-{id(file)}"
        self._file = file
        super().__init__(self.name, "")

    def xFullPathname(self, name: str) -> str:
        return name

    def xAccess(self, pathname: str, flags: int) -> bool:
        return False  # no journal stands beside it

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "_Bytes":  # type: ignore[override]
        if name is None:
            raise apsw.CantOpenError("it needs a temporary file, which no experiment of Prodigy does")
        return _Bytes(self._file)


class _Bytes:
    """The file as SQLite reads it; it never writes and never locks."""

    def __init__(self, file: InstrumentFile) -> None:
        self._file = file

    def xRead(self, amount: int, offset: int) -> bytes:
        self._file.seek(offset)
        return self._file.read(amount)

    def xFileSize(self) -> int:
        return self._file.size

    def xSectorSize(self) -> int:
        return _SECTOR

    def xDeviceCharacteristics(self) -> int:
        return int(apsw.SQLITE_IOCAP_IMMUTABLE)

    def xFileControl(self, op: int, ptr: int) -> bool:
        return False

    def xLock(self, level: int) -> None:
        pass

    def xUnlock(self, level: int) -> None:
        pass

    def xCheckReservedLock(self) -> bool:
        return False

    def xClose(self) -> None:
        pass
