"""Configurations that operators write with a text editor: each edit becomes a revision, once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scidog.errors import InvalidConfigurationError, StoreError
from scifish.common.durable import replace_file
from scifish.common.yaml_model import parse, read_yaml
from scifish.contract.configuration import Configuration
from scifish.errors import SettingsError


@dataclass(frozen=True)
class HandWritten:
    """`<name>.yaml` in the store's folder; `.seen/<name>` holds the hash of what was taken in last."""

    path: Path

    @classmethod
    def in_folder(cls, folder: Path) -> "list[HandWritten]":
        """Return the hand-written files of `folder`, sorted. Raises StoreError."""
        try:
            paths = sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})
        except OSError as error:
            raise StoreError(
                f"{folder}: cannot be read ({error.strerror}); check the Store property and the disk"
            ) from error
        return [cls(path) for path in paths if not path.name.startswith(".") and path.is_file()]

    def take_in(self, save: Callable[[Configuration], int]) -> None:
        """Save the file's document when it was edited since the last time. Raises SciDogError."""
        try:
            digest = hashlib.sha256(self.path.read_bytes()).hexdigest().encode()
            if self._seen() == digest:
                return
            save(self.document())
            replace_file(self._mark, digest)
        except OSError as error:
            raise StoreError(
                f"{self.path}: cannot be taken in ({error.strerror}); check its rights"
            ) from error

    def document(self) -> Configuration:
        """Return the configuration; its name is the file's. Raises InvalidConfigurationError."""
        if self.path.suffix != ".yaml":
            raise InvalidConfigurationError(f"{self.path}: rename it to {self.path.stem}.yaml")
        try:
            data = read_yaml(self.path)
            if data.get("name", self.path.stem) != self.path.stem:
                raise InvalidConfigurationError(
                    f"{self.path}: name: is {data['name']!r} in the file {self.path.name}; "
                    f"rename the file or remove the line"
                )
            whole = {**data, "name": self.path.stem, "revision": 0}
            return parse(Configuration, whole, str(self.path), file=self.path)
        except SettingsError as error:
            raise InvalidConfigurationError(str(error)) from error

    @property
    def _mark(self) -> Path:
        return self.path.parent / ".seen" / self.path.stem

    def _seen(self) -> bytes:
        try:
            return self._mark.read_bytes()
        except FileNotFoundError:
            return b""
