"""Units converted to SI as SciCat does with mathjs: the same names, the same text of the SI unit.

Unknown units are no error: SciCat then copies value and unit.
"""

import math
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from scifish.contract.units import factors, is_readable

_BASE = ("kg", "m", "s", "A", "K", "cd", "mol", "rad", "bits")  # mathjs' own order in a text


class ToSI(NamedTuple):
    """How a unit becomes SI: ``value * factor + offset``, in `unit`."""

    factor: float
    offset: float
    unit: str


@lru_cache(maxsize=4096)
def to_si(unit: str) -> ToSI | None:
    """Return how values in `unit` become SI, or None for a text that is no unit SciCat knows."""
    name = unicodedata.normalize("NFC", unit).strip()
    if not is_readable(name):
        return None
    parts = factors(name)
    powers = dict.fromkeys(_BASE, 0.0)
    for known, power in parts:
        for base, own in known.base.items():
            powers[base] += own * power
    try:
        factor = math.prod(known.factor**power for known, power in parts)
    except OverflowError:
        factor = math.inf
    if not math.isfinite(factor):  # no JSON has it
        return None
    single = len(parts) == 1 and parts[0][1] == 1
    return ToSI(factor, parts[0][0].offset if single else 0.0, _text(powers))


def _text(powers: dict[str, float]) -> str:
    """Write the powers of the base units as mathjs does: ``(kg m^2) / s^2``, ``s^-1``."""
    above = [_power(name, powers[name]) for name in _BASE if powers[name] > 0]
    below = [(name, powers[name]) for name in _BASE if powers[name] < 0]
    if not above:
        return " ".join(_power(name, power) for name, power in below)
    if not below:
        return " ".join(above)
    return f"{_group(above)} / {_group([_power(name, -power) for name, power in below])}"


def _power(name: str, power: float) -> str:
    return name if power == 1 else f"{name}^{power:g}"


def _group(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({' '.join(parts)})"
