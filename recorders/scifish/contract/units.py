"""Which units SciCat can read: its backend takes them apart with mathjs, whose names are in units.json.

A text is readable when it is a product of known units, each with a prefix that the unit takes: ``mm``,
``kg m^2 / s^2``, ``1/(s m)``. A coefficient, as in ``2 mm``, is not: mathjs would drop it silently.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).with_name("units.json")
_ANGSTROM = "Å"  # SciCat's own addition to mathjs; it takes no prefix
_ONE = re.compile(r"\s*1(?![\w.])")
_POWER = r"\^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![A-Za-z])"
_TOKEN = re.compile(rf"\s*(?:(?P<name>[A-Za-zÅ][A-Za-z0-9Å]*)(?:\s*{_POWER})?|(?P<sign>[*/()]))\s*")
_SUPERSCRIPTS = re.compile("[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+")


@lru_cache(maxsize=1024)
def for_scicat(unit: str) -> str | None:
    """Return `unit` as SciCat reads it (``°C`` becomes ``degC``), or None when there is no such form."""
    text = unicodedata.normalize("NFC", unit).strip()
    for form in (text, _spelled(text)):
        if is_readable(form):
            return form
    return None


def is_readable(unit: str) -> bool:
    """Tell whether mathjs, as SciCat's backend sets it up, reads `unit` as it stands."""
    try:
        return _is_product(list(_tokens(unit)))
    except ValueError:
        return False


def _tokens(unit: str) -> Iterator[str]:
    """Split into ``unit`` for a known name with its power, ``1``, and the signs. Raises ValueError."""
    one = _ONE.match(unit)
    at = one.end() if one else 0
    if one:
        yield "1"
    while at < len(unit):
        token = _TOKEN.match(unit, at)
        if token is None or (token["name"] and not _is_known(token["name"])):
            raise ValueError(unit)
        yield "unit" if token["name"] else token["sign"]
        at = token.end()


def _is_product(tokens: list[str]) -> bool:
    """Tell whether the tokens stand in an order that mathjs reads; no sign between units means times."""
    depth, complete = 0, False
    for part in tokens:
        if part in "*/)" and not complete:
            return False
        depth += {"(": 1, ")": -1}.get(part, 0)
        if depth < 0:
            return False
        complete = part in ("unit", "1", ")")
    return complete and depth == 0 and "unit" in tokens


def _is_known(name: str) -> bool:
    return name == _ANGSTROM or any(
        name.endswith(unit) and name[: len(name) - len(unit)] in prefixes
        for prefixes, units in _families()
        for unit in units
    )


@cache
def _families() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Return pairs of prefixes and the units that take them."""
    table = _table()
    return tuple(
        (frozenset(table["prefixes"][family]), frozenset(units)) for family, units in table["units"].items()
    )


def _spelled(unit: str) -> str:
    """Write symbols that mathjs does not know in Latin ones."""
    for symbol, latin in _table()["symbols"].items():
        unit = unit.replace(symbol, latin)
    return _SUPERSCRIPTS.sub(_power, unit)


def _power(superscripts: re.Match[str]) -> str:
    return "^" + unicodedata.normalize("NFKC", superscripts[0]).replace("\N{MINUS SIGN}", "-")


@cache
def _table() -> Any:
    return json.loads(_TABLE.read_text(encoding="utf-8"))
