"""How a configuration is named: `name` (its newest revision, also in future) or `name@revision`."""

import re
from dataclasses import dataclass

from scidog.errors import UnknownConfigurationError


@dataclass(frozen=True)
class Reference:
    """A configuration's name; with a revision it is pinned to it."""

    name: str
    revision: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Read `name` or `name@revision`. Raises UnknownConfigurationError."""
        name, at, revision = text.strip().partition("@")
        if not at:
            return cls(name)
        if not re.fullmatch(r"[0-9]{1,9}", revision):
            raise UnknownConfigurationError(
                f"{text!r}: {revision!r} is no revision; write `name` or `name@number`, such as `{name}@1`"
            )
        return cls(name, int(revision))

    def __str__(self) -> str:
        return self.name if self.revision is None else f"{self.name}@{self.revision}"
