"""How large metadata become in SciCat: MongoDB's binary form, with the SI copy that each quantity gets.

MongoDB refuses a document of more than 16 MB. In it a list of small numbers takes six times the bytes of its
JSON, and a quantity (a value with a unit) twice its own.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import quote

MOST = 16 * 2**20  # bytes of a document of MongoDB
_DOCUMENT = 5  # its length and its end
_FIELD = 2  # its type, and the end of its name
_TEXT = 5
_UNIT_SI = 24  # of long names of SI units, such as (kg m^2) / (s^3 A)
_INT32 = 2**31


def stored_size(entry: Any) -> int:
    """Return about how many bytes SciCat stores for a piece of metadata, hardly ever fewer than it does."""
    if isinstance(entry, str):
        return _TEXT + len(entry.encode("utf-8", "surrogatepass"))
    if isinstance(entry, Mapping):
        fields = sum(_FIELD + _name_size(str(name)) + stored_size(one) for name, one in entry.items())
        return _DOCUMENT + fields + _si_size(entry)
    if isinstance(entry, list | tuple):
        return _DOCUMENT + _FIELD * len(entry) + _digits(len(entry)) + _values_size(entry)
    if entry is None or isinstance(entry, bool):
        return 1
    return 4 if isinstance(entry, int) and -_INT32 <= entry < _INT32 else 8


def _values_size(values: Sequence[Any]) -> int:
    if set(map(type, values)) <= {float, int}:  # most lists, and the long ones
        return 8 * len(values)
    return sum(map(stored_size, values))


def _si_size(group: Mapping[str, Any]) -> int:
    """Return the bytes of valueSI and unitSI, which SciCat adds to a group with members on v… and u…."""
    if "valueSI" in group:
        return 0
    value = unit = None
    for name, one in group.items():
        if name.startswith("v"):
            value = one
        elif name.startswith("u"):
            unit = one
    if value is None or not unit:
        return 0
    number = isinstance(value, int | float)
    return 2 * _FIELD + 13 + (8 if number else stored_size(value)) + _TEXT + max(_UNIT_SI, len(str(unit)))


@lru_cache(maxsize=20_000)
def _name_size(name: str) -> int:
    """Return the bytes of a name, of which SciCat encodes what is no letter and no digit."""
    return len(quote(name, safe="!~*'()", errors="replace")) + 2 * name.count(".")


def _digits(count: int) -> int:
    """Return the bytes of the names that the members of a list have: 0, 1, 2 …."""
    found, first = 0, 1
    while first <= max(count - 1, 1):
        found += max(0, count - first)
        first *= 10
    return found + min(count, 1)
