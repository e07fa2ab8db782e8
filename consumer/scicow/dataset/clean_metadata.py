"""Metadata in the one form that SciCat stores the same from a POST and from a merge-patch."""

import math
from typing import Any

from scicow.errors import MessageUnfit

DEEPEST = 80  # MongoDB refuses documents of more than 100 levels, and SciCat adds some


_AS_IT_IS = frozenset({str, int, bool})
_LISTS = (list, tuple)


def clean(value: Any, depth: int = 0) -> Any:
    """Return `value` without null members and with NaN and infinities as text. Raises MessageUnfit.

    In a merge-patch null means "remove", so a null member could be created but never patched in: it is left
    out. An item that could not be read keeps its unit and error, and has no value.
    """
    if depth > DEEPEST:
        raise MessageUnfit(f"scientificMetadata has more than {DEEPEST} levels; SciCat cannot store it")
    if isinstance(value, dict):
        return {
            name if name and "\0" not in name else name_of(name): (
                one if _is_plain(one) else clean(one, depth + 1)
            )
            for name, one in value.items()
            if one is not None
        }
    if isinstance(value, _LISTS):
        return [one if _is_plain(one) else clean(one, depth + 1) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value


def name_of(name: str) -> str:
    """Return a name that SciCat takes: MongoDB has none with NUL, and an empty one ends SciCat's process."""
    return name.replace("\0", "") or "no name"


def _is_plain(value: Any) -> bool:
    kind = type(value)
    return kind in _AS_IT_IS or (kind is float and math.isfinite(value))
