"""What was active last, on disk: it survives a restart, kill -9 and a damaged store."""

from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from scidog.errors import StoreError
from scidog.model.reference import Reference
from scifish.common.durable import replace_file
from scifish.contract.configuration import Configuration, Layer


class Remembered(BaseModel):
    """The active configuration: how it was named when it was activated, and the document itself."""

    model_config = ConfigDict(frozen=True)

    name: str
    pinned: bool = False
    document: Configuration
    below: tuple[tuple[Layer, Configuration], ...] = ()
    candidates: dict[str, Configuration] = {}

    @property
    def documents(self) -> tuple[Configuration, ...]:
        """All that was served."""
        return (self.document, *(one for _, one in self.below), *self.candidates.values())

    @property
    def reference(self) -> Reference:
        """The name, with its revision when it was activated as `name@revision`."""
        return Reference(self.name, self.document.revision if self.pinned else None)


class ActiveMemory:
    """One file that holds what one device has active; no file: nothing is active.

    `check` raises StoreError where the file must not be written, such as on a bare mount point.
    """

    def __init__(self, path: Path, check: Callable[[], None] = lambda: None) -> None:
        self.path = path
        self._check = check

    def read(self) -> Remembered | None:
        """Return what was active last. Raises StoreError when the file is unreadable."""
        try:
            return Remembered.model_validate_json(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise StoreError(
                f"{self.path}: cannot be read ({_first_line(error)}); "
                "activate a configuration to write it anew"
            ) from error

    def write(self, remembered: Remembered | None) -> None:
        """Keep what is active now, on disk when this returns. Raises StoreError."""
        self._check()
        try:
            if remembered is None:
                self.path.unlink(missing_ok=True)
            else:
                replace_file(self.path, remembered.model_dump_json(indent=1).encode())
        except OSError as error:
            raise StoreError(
                f"{self.path}: cannot be written ({error.strerror}); nothing was changed, "
                "check the folder's rights and its disk"
            ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
