"""How many bytes a document takes in MongoDB, which stores none above 16 MB."""

from collections.abc import Iterable

LARGEST = 16 * 1024 * 1024
_INT32 = range(-(2**31), 2**31)


def size_of(value: object) -> int:
    """Return the size of a JSON value as BSON: that of SciCat's document, but for a few bytes of times."""
    if isinstance(value, dict):
        return _of_members(value.items())
    if isinstance(value, list):
        return _of_members((str(index), one) for index, one in enumerate(value))
    if isinstance(value, str):
        return 5 + len(value.encode(errors="replace"))
    if isinstance(value, bool):
        return 1
    if isinstance(value, int):
        return 4 if value in _INT32 else 8
    return 8 if isinstance(value, float) else 0


def _of_members(members: Iterable[tuple[str, object]]) -> int:
    return 5 + sum(2 + len(name.encode(errors="replace")) + size_of(one) for name, one in members)
