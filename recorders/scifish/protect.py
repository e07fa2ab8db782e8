"""Metadata as SciCat keeps it: no name that it mistakes for a value or a unit, no unit that it cannot read.

SciCat looks for a value and a unit in every object, by entries that begin with ``v`` and ``u``. So

- a name below the top level that begins with ``u`` or ``v`` gets an underscore before: ``vacuum`` becomes
  ``_vacuum``, and ``_vacuum`` becomes ``__vacuum``; `restore_name` takes it away. ``value`` and ``unit``
  of a leaf stay;
- a unit that SciCat cannot read stands as text beside the value, in ``declaredUnit``, and ``unit`` is empty.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from scifish.sources import Items
from scifish.units import for_scicat

DECLARED_UNIT = "declaredUnit"
_MISTAKEN = re.compile(r"_*[uv]")
_LEAF = frozenset({"value", "unit", "valueSI", "unitSI"})
_NAMES_SHOWN = 5


def protect(metadata: Mapping[str, Any]) -> Items:
    """Return `metadata`, in its JSON form, as SciCat keeps it; the problems say what was changed."""
    changes = _Changes()
    return Items({name: changes.kept(name, entry) for name, entry in metadata.items()}, changes.problems())


def protect_name(name: str) -> str:
    """Return the name that an entry below the top level has in SciCat."""
    return f"_{name}" if _MISTAKEN.match(name) else name


def restore_name(name: str) -> str:
    """Return the name that `protect_name` was given."""
    return name[1:] if name.startswith("_") and _MISTAKEN.match(name) else name


def is_leaf(entry: Mapping[str, Any]) -> bool:
    """Tell whether an object is a value with what belongs to it, and not a group."""
    return "value" in entry and (not isinstance(entry["value"], Mapping) or "shape" in entry["value"])


class _Changes:
    """What was changed in one metadata tree, for its problems."""

    def __init__(self) -> None:
        self._renamed: list[str] = []
        self._unreadable: dict[str, list[str]] = defaultdict(list)

    def kept(self, path: str, entry: Any) -> Any:
        """Return one entry, with all below it, as SciCat keeps it."""
        if isinstance(entry, list):
            return [self.kept(path, one) for one in entry]
        if not isinstance(entry, Mapping):
            return entry
        leaf = is_leaf(entry)
        kept = {self._name(path, name, leaf): self.kept(f"{path}/{name}", at) for name, at in entry.items()}
        return self._with_unit(path, kept) if leaf else kept

    def problems(self) -> tuple[str, ...]:
        """Return one sentence for each unreadable unit, and one for the names."""
        units = [
            f"unit {unit!r} of {_some(paths)}: SciCat cannot read it; it is kept as {DECLARED_UNIT}"
            for unit, paths in self._unreadable.items()
        ]
        names = f"{_some(self._renamed)}: recorded with an underscore before the name, because SciCat takes "
        return (*units, f"{names}u… and v… for unit and value") if self._renamed else tuple(units)

    def _name(self, path: str, name: str, leaf: bool) -> str:
        if leaf and name in _LEAF:
            return name
        safe = protect_name(name)
        if safe != name:
            self._renamed.append(f"{path}/{name}")
        return safe

    def _with_unit(self, path: str, leaf: dict[str, Any]) -> dict[str, Any]:
        unit = leaf.get("unit")
        if not unit:
            return leaf
        readable = for_scicat(unit) if isinstance(unit, str) else None
        if readable is not None:
            return {**leaf, "unit": readable}
        self._unreadable[str(unit)].append(path)
        return {**leaf, "unit": "", DECLARED_UNIT: unit}


def _some(paths: list[str]) -> str:
    more = len(paths) - _NAMES_SHOWN
    return ", ".join(paths[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")
