"""Which revision a saved document becomes."""

from scidog.errors import RevisionConflictError
from scifish.contract.configuration import Configuration


def same_content(one: Configuration, other: Configuration) -> bool:
    """Tell whether two documents record the same; their revision numbers do not matter."""
    return one.model_copy(update={"revision": 0}) == other.model_copy(update={"revision": 0})


def next_revision(document: Configuration, newest: int) -> int:
    """Return the revision that `document` becomes after `newest` (0: there is none).

    `document.revision` is the one that its author began from, 0 when the author does not say.
    Raises RevisionConflictError when others have saved since.
    """
    if document.revision not in (0, newest):
        raise RevisionConflictError(
            f"{document.name} is at revision {newest}, this document was made from {document.revision}: "
            f"load {document.name} again, repeat the change, save"
        )
    return newest + 1
