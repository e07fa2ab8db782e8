"""Which units SciCat can read, and their values: its backend reads them with mathjs, as units.json has it.

A text is readable when it is a product of known units, each with a prefix that the unit takes: ``mm``,
``kg m^2 / s^2``, ``1/(s m)``. A coefficient, as in ``2 mm``, is not: mathjs would drop it silently.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

_TABLE = Path(__file__).with_name("units.json")
_ONE = re.compile(r"\s*1(?![\w.])")
_POWER = r"\^\s*(?P<power>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![A-Za-z])"
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


class KnownUnit(NamedTuple):
    """A name's value in SI: ``x * factor + offset``, in the base units with their powers."""

    factor: float
    base: Mapping[str, float]
    offset: float = 0.0


def is_readable(unit: str) -> bool:
    """Tell whether mathjs, as SciCat's backend sets it up, reads `unit` as it stands."""
    try:
        return _is_product([sign for sign, _, _ in _tokens(unit)])
    except ValueError:
        return False


def factors(unit: str) -> list[tuple[KnownUnit, float]]:
    """Return the units of a readable product with their powers; a ``/`` counts for the next one only."""
    found = []
    power, outer, opened = 1, 1, list[int]()
    for sign, known, own in _tokens(unit):
        if known is not None:
            found.append((known, power * outer * own))
        elif sign == "(":
            opened.append(power)
            outer *= power
        elif sign == ")":
            outer *= opened.pop()
        power = -1 if sign == "/" else 1
    return found


def _tokens(unit: str) -> Iterator[tuple[str, KnownUnit | None, float]]:
    """Split into the signs, ``1``, and ``unit`` with what is known of it and its power. Raises ValueError."""
    one = _ONE.match(unit)
    at = one.end() if one else 0
    if one:
        yield "1", None, 1.0
    while at < len(unit):
        token = _TOKEN.match(unit, at)
        known = _known(token["name"]) if token and token["name"] else None
        if token is None or (token["name"] and known is None):
            raise ValueError(unit)
        yield token["sign"] or "unit", known, float(token["power"] or 1)
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


def _known(name: str) -> KnownUnit | None:
    for prefixes, units in _families():
        for unit, known in units.items():
            factor = prefixes.get(name[: len(name) - len(unit)]) if name.endswith(unit) else None
            if factor is not None:
                return known._replace(factor=known.factor * factor)
    return None


@cache
def _families() -> tuple[tuple[dict[str, float], dict[str, KnownUnit]], ...]:
    """Return pairs of prefixes and the units that take them."""
    prefixes = _table()["prefixes"]
    return tuple(
        (prefixes[family], {name: _read(value) for value, names in units.items() for name in names})
        for family, units in _table()["units"].items()
    )


def _read(value: str) -> KnownUnit:
    """Read a value of the table: ``0.001 kg``, ``1 kg m^2 s^-2``, ``1 K +273.15``."""
    factor, *words = value.split()
    offset = float(words.pop()) * float(factor) if words[-1].startswith("+") else 0.0
    powers = (word.partition("^") for word in words)
    return KnownUnit(float(factor), {name: float(power or 1) for name, _, power in powers}, offset)


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
