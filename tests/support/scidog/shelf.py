"""A store of revisions in memory, which a test may damage, overtake or take away."""

from collections.abc import Sequence

from scidog.errors import InvalidConfigurationError, RevisionTakenError, StoreError
from scidog.model.revision import Revision
from scidog.stores.store import Head


class Shelf:
    """Counts what is read and how often all is listed."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[int, Revision]] = {}
        self.damaged: set[tuple[str, int]] = set()
        self.first_taken: Revision | None = None  # somebody is faster with this one
        self.is_away = False
        self.reads = self.lists = 0

    def heads(self) -> dict[str, Head]:
        self._answer()
        self.lists += 1
        return {name: Head(max(one), one[max(one)].deleted) for name, one in self.kept.items() if one}

    def numbers(self, name: str) -> list[int]:
        self._answer()
        return sorted(self.kept.get(name, {}))

    def last(self, name: str, numbers: Sequence[int]) -> int:
        return max(numbers, default=0)

    def read(self, name: str, number: int) -> Revision:
        self._answer()
        self.reads += 1
        if (name, number) in self.damaged:
            raise InvalidConfigurationError(f"{name} {number} is damaged")
        return self.kept[name][number]

    def insert_all(self, *revisions: Revision) -> None:
        """Have revisions, also while the store is away."""
        for one in revisions:
            self.kept.setdefault(one.name, {})[one.number] = one

    def insert(self, revision: Revision) -> None:
        self._answer()
        if self.first_taken is not None:
            faster, self.first_taken = self.first_taken, None
            self.insert(faster)
        there = self.kept.setdefault(revision.name, {})
        if revision.number in there:
            raise RevisionTakenError(f"{revision.name} {revision.number}")
        there[revision.number] = revision

    def advice(self) -> str:
        return "none yet"

    def _answer(self) -> None:
        if self.is_away:
            raise StoreError("the store is away")
