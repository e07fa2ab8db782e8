"""Names of scientific metadata in all groups: as they are stored, and as v3 answers with them."""

from collections.abc import Callable
from typing import Any

from scifish.contract.scicat_names import decoded_name, stored_name


def with_stored_names(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return `metadata` with the names of the storage, in all its groups."""
    return _renamed(metadata, stored_name)


def with_decoded_names(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return stored `metadata` with decoded names, in all its groups."""
    return _renamed(metadata, decoded_name)


def _renamed(group: dict[str, Any], rename: Callable[[str], str]) -> dict[str, Any]:
    return {
        rename(name): _renamed(one, rename) if isinstance(one, dict) else one for name, one in group.items()
    }
