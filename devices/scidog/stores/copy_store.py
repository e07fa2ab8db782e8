"""Copies all revisions of one store to another, also the deletions; what is there already stays."""

from dataclasses import dataclass

from scidog.errors import RevisionConflictError, RevisionTakenError
from scidog.stores.store import Store
from scifish.common.text_forms import counted


@dataclass(frozen=True)
class Copied:
    """What a copy did."""

    configurations: int
    revisions: int
    already: int

    def __str__(self) -> str:
        what = (
            f"{counted(self.configurations, 'configuration')}, {counted(self.revisions, 'revision')} copied"
        )
        return f"{what}; {counted(self.already, 'revision was', 'revisions were')} there already"


def copy_store(source: Store, target: Store) -> Copied:
    """Copy each revision with its number, author, time and comment. It may be repeated.

    Raises RevisionConflictError when the target has another revision of that number: nothing is replaced.
    """
    revisions = already = 0
    names = sorted(source.heads())
    for name in names:
        there = set(target.numbers(name))
        for number in source.numbers(name):
            revision = source.read(name, number)
            if number not in there:
                try:
                    target.insert(revision)
                    revisions += 1
                    continue
                except RevisionTakenError:
                    pass  # inserted just now: perhaps by another copy
            if target.read(name, number) != revision:
                raise RevisionConflictError(
                    f"{name}: the target has another {target.read(name, number).by_whom()} than the source's "
                    f"{revision.by_whom()}; copy into an empty store"
                )
            already += 1
    return Copied(len(names), revisions, already)
