"""Whether MongoDB has room for a document: to one that is too large SciCat answers 500, however often."""

from typing import Any

from scicow.errors import MessageUnfit
from scifish.contract.stored_size import MOST, stored_size

LOOKED_INTO = MOST // 20  # bytes of JSON; less is never too large, and most is less


def check_room(document: Any, length: int) -> None:
    """Raise MessageUnfit for a document that MongoDB cannot hold; `length`: the bytes of its JSON."""
    if length < LOOKED_INTO:
        return
    size = stored_size(document)
    if size > MOST:
        raise MessageUnfit(
            f"a document of {length / 1e6:.1f} MB takes {size / 1e6:.1f} MB in SciCat, which stores each "
            f"quantity twice; MongoDB holds {MOST / 1e6:.1f} MB"
        )
