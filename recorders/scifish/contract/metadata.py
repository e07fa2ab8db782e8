"""Trees of metadata: groups within groups, whose leaves are values or quantities."""

from collections.abc import Mapping
from typing import Any

Metadata = dict[str, Any]


def is_leaf(entry: Mapping[str, Any]) -> bool:
    """Tell whether an object is a value with what belongs to it, and not a group."""
    return "value" in entry and (not isinstance(entry["value"], Mapping) or "shape" in entry["value"])


def merged(under: Metadata, over: Metadata) -> Metadata:
    """Return both trees of metadata as one; where both have a leaf, that of `over` counts."""
    result = dict(under)
    for name, value in over.items():
        below: Any = result.get(name)
        result[name] = merged(below, value) if _are_groups(below, value) else value
    return result


def merge_patch(target: Any, patch: Any) -> Any:
    """Return `target` with a JSON merge patch (RFC 7396) applied: null removes a member."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def _are_groups(*nodes: Any) -> bool:
    return all(isinstance(node, dict) and not is_leaf(node) for node in nodes)
