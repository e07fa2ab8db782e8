"""A dataset as SciCat showed it: bytes, which are read only when somebody looks into them."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from pydantic_core import from_json

from scicow.errors import CatalogueUnavailable


class Shown(Mapping[str, Any]):
    """The members of a JSON object. Most answers to SciCow's requests are never looked into.

    Looking raises CatalogueUnavailable when the bytes are no JSON after all.
    """

    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def __getitem__(self, name: str) -> Any:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    def unread(self) -> "Shown":
        """Return the same in its small form."""
        return Shown(self.raw)

    @cached_property
    def _members(self) -> dict[str, Any]:
        try:
            members: dict[str, Any] = from_json(self.raw)
        except ValueError as error:
            raise CatalogueUnavailable(f"SciCat's answer is no JSON: {self.raw[:80]!r}") from error
        return members
