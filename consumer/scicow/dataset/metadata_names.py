"""Names in scientificMetadata as SciCat stores them: from v4.27 on URL-encoded, before as they are given.

Its v4 answers give them as they are stored. So a name is looked for in both forms, and nothing need be known
of the backend; a name is not decoded, for `%2E` and `.` could not be told apart after it. A group that has
both of them, before v4.27, may keep one only: the one that comes later is taken for the other.
"""

from collections.abc import Mapping
from typing import Any

from scifish.contract.scicat_names import stored_name


def stored(entry: Any) -> Any:
    """Return a piece of metadata with all its names as SciCat stores them; two that become one: the last."""
    if isinstance(entry, Mapping):
        return {stored_name(name): stored(one) for name, one in entry.items()}
    return entry


def named_as_held(new: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a group with the names that the catalogue has for them in `held`."""
    if all(stored_name(name) == name for name in new):
        return new
    return {_held_name(name, new, held): one for name, one in new.items()}


def _held_name(name: str, new: Mapping[str, Any], held: Mapping[str, Any]) -> str:
    encoded = stored_name(name)
    if encoded not in held or (name in held and encoded in new):  # `.` and `%2E` before v4.27: two names
        return name
    return encoded
