"""Metadata as SciCat keeps it: no name that it mistakes for a value or a unit, no unit that it cannot read.

SciCat looks for a value and a unit in every object, by entries that begin with ``v`` and ``u``. So

- a name below the top level that begins with ``u`` or ``v`` gets an underscore before: ``vacuum`` becomes
  ``_vacuum``, and ``_vacuum`` becomes ``__vacuum``, so that it can be taken away again. ``value`` and
  ``unit`` of a leaf stay;
- a unit that SciCat cannot read stands as text beside the value, in ``declaredUnit``, and ``unit`` is empty.

Since v4.27 it stores names URL-encoded, ``.`` as ``%2E``: v3 answers with decoded names, v4 with the stored
ones. What a decoder changes counts as encoded already, so ``%2E`` and ``.`` cannot be told apart after it.

Neither is a problem of the dataset: it is the same for every scan, and the item shows it.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from scifish.contract.metadata import Metadata, is_leaf
from scifish.contract.units import for_scicat

DECLARED_UNIT = "declaredUnit"
_MISTAKEN = re.compile(r"_*[uv]")
_LEAF = frozenset({"value", "unit", "valueSI", "unitSI"})
_SAFE = "!*'()"  # what encodeURIComponent leaves alone beside letters, digits and ``_-~``
_MALFORMED = re.compile("%(?![0-9A-Fa-f]{2})")


def protect(metadata: Mapping[str, Any]) -> Metadata:
    """Return `metadata`, in its JSON form, as SciCat keeps it."""
    return {name: _kept(entry) for name, entry in metadata.items()}


def protect_name(name: str) -> str:
    """Return the name that an entry below the top level has in SciCat."""
    return f"_{name}" if _MISTAKEN.match(name) else name


def encoded_name(name: str) -> str:
    """Return a name as ``encodeURIComponent`` writes it, with ``%2E`` for ``.``."""
    try:
        return quote(name, safe=_SAFE).replace(".", "%2E")
    except UnicodeEncodeError:  # half a surrogate pair: SciCat leaves such a name as it is
        return name


@lru_cache(maxsize=20_000)  # the same names come with every scan
def decoded_name(name: str) -> str:
    """Return a name decoded, or as it is when it is not well-formed."""
    if _MALFORMED.search(name):
        return name
    try:
        return unquote(name, errors="strict").replace("%2E", ".")
    except UnicodeDecodeError:
        return name


@lru_cache(maxsize=20_000)
def stored_name(name: str) -> str:
    """Return what SciCat from v4.27 on makes of a name: what looks encoded already stays as it is."""
    return encoded_name(name) if decoded_name(name) == name else name


def _kept(entry: Any) -> Any:
    """Return one entry, with all below it, as SciCat keeps it."""
    if isinstance(entry, list):
        return [_kept(one) for one in entry]
    if not isinstance(entry, Mapping):
        return entry
    if not is_leaf(entry):
        return {protect_name(name): _kept(at) for name, at in entry.items()}
    kept = {name if name in _LEAF else protect_name(name): _kept(at) for name, at in entry.items()}
    return _with_unit(kept)


def _with_unit(leaf: dict[str, Any]) -> dict[str, Any]:
    unit = leaf.get("unit")
    if not unit:
        return leaf
    readable = for_scicat(unit) if isinstance(unit, str) else None
    return {**leaf, "unit": readable} if readable is not None else {**leaf, "unit": "", DECLARED_UNIT: unit}
