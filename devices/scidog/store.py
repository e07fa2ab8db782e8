"""What SciDog asks of a store of configurations; a folder of YAML files is one, a database may be another."""

from typing import Protocol

from scidog.reference import Reference
from scifish.contract.configuration import Configuration


class Store(Protocol):
    """Configurations with revisions 1, 2, 3, …; a revision is inserted and never changes."""

    def names(self) -> list[str]:
        """Return the names of all configurations, sorted. Raises StoreError."""
        ...

    def revisions(self, name: str) -> list[int]:
        """Return the revisions of `name`, ascending; empty when it is unknown. Raises StoreError."""
        ...

    def load(self, reference: Reference) -> Configuration:
        """Return that revision, or the newest. Raises SciDogError: unknown, invalid, store unreadable."""
        ...

    def save(self, configuration: Configuration) -> int:
        """Insert the next revision and return its number; see `scidog.revision.next_revision`."""
        ...

    def delete(self, name: str) -> None:
        """Put all revisions of `name` out of sight. Raises UnknownConfigurationError, StoreError."""
        ...

    def refresh(self) -> tuple[str, ...]:
        """Take in what was changed outside; return one readable line for each problem found."""
        ...
