"""Who changed what is active, when and why: a file of JSON lines to which is only added."""

import errno
import os
from collections import deque
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pathfixer.authority.active import Active
from scifish.common.clock import utcnow
from scifish.common.durable import sync_folder
from scifish.contract.message import Time
from tangobase.client import Client

MODE = 0o640
READ = 64 * 1024  # bytes from the end that `last` looks at


class AuditLine(BaseModel):
    """One line of the file; `before` and `after` are null when nothing is active."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)
    when: Time = Field(default_factory=utcnow)
    before: Active | None = Field(alias="from")
    after: Active | None = Field(alias="to")
    why: str
    forced: bool = False
    who: Client
    told: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return it as a person reads it."""
        return f"{self.when:%Y-%m-%d %H:%M:%S} UTC: {self.words}"

    @property
    def words(self) -> str:
        """What was changed, why and by whom, without the time."""
        forced = ", forced" if self.forced else ""
        told = f"; {'; '.join(self.told)}" if self.told else ""
        moved = f"{self.before or 'none'} -> {self.after or 'none'}"
        return f"{moved}: {self.why} by {self.who}{forced}{told}"


class AuditFile:
    """Adds a line for each change; it is on the disk when `add` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, change: AuditLine) -> None:
        """Add a line. Raises OSError."""
        line = change.model_dump_json(by_alias=True).encode() + b"\n"
        is_new = not self.path.exists()
        if is_new:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, MODE)
        try:
            whole = (b"" if _ends_whole(handle) else b"\n") + line
            if os.write(handle, whole) < len(whole):  # the rest of the disk took a part of it
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(handle)
        finally:
            os.close(handle)
        if is_new:
            sync_folder(self.path.parent)

    def newest(self) -> AuditLine | None:
        """Return the last whole line; None: there is none. Raises OSError."""
        for line in reversed(self._lines()):
            with suppress(ValidationError):
                return AuditLine.model_validate_json(line)
        return None

    def last(self, number: int) -> list[str]:
        """Return the last changes, the newest last; a line of another form as it stands. Raises OSError."""
        return [_readable(line) for line in deque(self._lines(), number)]

    def _lines(self) -> list[str]:
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - READ))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except FileNotFoundError:
            return []
        whole = lines[1:] if size > READ else lines
        return [one for one in whole if one]


def _readable(line: str) -> str:
    try:
        return str(AuditLine.model_validate_json(line))
    except ValidationError:
        return line


def _ends_whole(handle: int) -> bool:
    """Tell whether the last line is whole: a power cut leaves half of one."""
    size = os.fstat(handle).st_size
    return size == 0 or os.pread(handle, 1, size - 1) == b"\n"
