"""What SciDog asks of a store of revisions: a folder of YAML files is one, MongoDB another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scidog.model.revision import Revision


@dataclass(frozen=True)
class Head:
    """The newest revision of a name."""

    number: int
    deleted: bool = False


class Store(Protocol):
    """Revisions 1, 2, 3, … of each name; one is inserted and never changes. Each method raises StoreError."""

    def heads(self) -> dict[str, Head]:
        """Return the newest revision of every name, also of those that are deleted."""

    def numbers(self, name: str) -> list[int]:
        """Return the revisions of `name`, ascending; empty when it is unknown."""

    def last(self, name: str, numbers: Sequence[int]) -> int:
        """Return the highest number that `name` ever had, 0 for none; `numbers` are those that it has."""

    def read(self, name: str, number: int) -> Revision:
        """Return a revision that is there. Raises InvalidConfigurationError when it is damaged."""

    def insert(self, revision: Revision) -> None:
        """Keep a revision, durably on return. Raises RevisionTakenError when its number is taken."""

    def advice(self) -> str:
        """Return how a first configuration comes into this store."""
