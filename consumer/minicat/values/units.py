"""Units converted to SI as SciCat does with mathjs: the same names, the same text of the SI unit.

The vocabulary below is mathjs' as far as beamlines use it; an approximation is which unit takes which prefix.
Unknown units are no error: SciCat then copies value and unit.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

import pint

_PREFIXES = """
yotta- = 1e24 = Y- ; zetta- = 1e21 = Z- ; exa- = 1e18 = E- ; peta- = 1e15 = P- ; tera- = 1e12 = T-
giga- = 1e9 = G- ; mega- = 1e6 = M- ; kilo- = 1e3 = k- ; hecto- = 1e2 = h- ; deca- = 1e1 = da-
deci- = 1e-1 = d- ; centi- = 1e-2 = c- ; milli- = 1e-3 = m- ; micro- = 1e-6 = u- = µ- = μ-
nano- = 1e-9 = n- ; pico- = 1e-12 = p- ; femto- = 1e-15 = f- ; atto- = 1e-18 = a-
"""
_UNITS = """
gram = [mass] = g ; meter = [length] = m ; second = [time] = s = sec = seconds ; ampere = [current] = A
kelvin = [temperature]; offset: 0 = K ; candela = [luminosity] = cd ; mole = [substance] = mol
radian = [angle] = rad ; bit = [information] = b
celsius = kelvin; offset: 273.15 = degC ; fahrenheit = 5 / 9 * kelvin; offset: 255.372222222222 = degF
degree = 0.017453292519943295 * radian = deg ; gradian = 0.015707963267948967 * radian = grad
arcmin = 0.0002908882086657216 * radian ; arcsec = 0.000004848136811095360 * radian
steradian = 1 = sr ; percent = 0.01
angstrom = 1e-10 * meter = Å ; micron = 1e-6 * meter ; inch = 0.0254 * meter = in
foot = 0.3048 * meter = ft ; liter = 1e-3 * meter ** 3 = l = L
minute = 60 * second = min ; hour = 3600 * second = h = hr ; day = 86400 * second = days
hertz = 1 / second = Hz
newton = 1000 * gram * meter / second ** 2 = N ; dyne = 1e-5 * newton = dyn
joule = newton * meter = J ; electronvolt = 1.6021765653e-19 * joule = eV ; watt = joule / second = W
pascal = newton / meter ** 2 = Pa ; bar = 1e5 * pascal ; atmosphere = 101325 * pascal = atm
torr = 133.32236842105263 * pascal = Torr ; mmHg = 133.322387415 * pascal ; psi = 6894.75729276459 * pascal
coulomb = ampere * second = C ; volt = watt / ampere = V ; ohm = volt / ampere ; siemens = 1 / ohm = S
farad = coulomb / volt = F ; weber = volt * second = Wb ; tesla = weber / meter ** 2 = T
henry = weber / ampere = H ; tonne = 1e6 * gram ; byte = 8 * bit = B
"""
# mathjs' own order of the base units in a text.
_BASE = {
    "gram": "kg", "meter": "m", "second": "s", "ampere": "A", "kelvin": "K",
    "candela": "cd", "mole": "mol", "radian": "rad", "bit": "b",
}  # fmt: skip
_UNPREFIXED = {
    "minute", "hour", "day", "inch", "foot", "angstrom", "micron", "atmosphere", "mmHg", "psi", "percent",
    "celsius", "fahrenheit", "arcmin", "arcsec",
}  # fmt: skip
_LONGEST = 64
_TEXT = re.compile(r"[\w\s./*^()%+-]+")


class ToSI(NamedTuple):
    """How a unit becomes SI: ``value * factor + offset``, in `unit`."""

    factor: float
    offset: float
    unit: str


@lru_cache(maxsize=4096)
def to_si(unit: str) -> ToSI | None:
    """Return how values in `unit` become SI, or None for a text that is no unit SciCat knows."""
    name = unicodedata.normalize("NFC", unit).replace("Å", "angstrom").strip()
    if len(name) > _LONGEST or _TEXT.fullmatch(name) is None or name.replace(".", "").isdigit():
        return None
    try:
        registry = _registry()
        if not all(_known(registry, word) for word in re.findall(r"[^\W\d_]+", name)):
            return None
        quantity = registry.parse_units(name)
        at_zero, at_one = (registry.Quantity(value, quantity).to_base_units() for value in (0.0, 1.0))
    except Exception:  # noqa: BLE001 - pint evaluates the text and lets any error of its parts through
        return None
    powers = {str(base): float(str(power)) for base, power in at_one.unit_items()}
    grams = 1000.0 ** -powers.get("gram", 0.0)
    offset, one = _real(at_zero.magnitude) * grams, _real(at_one.magnitude) * grams
    return ToSI(one - offset, offset, _text(powers))


@cache
def _registry() -> "pint.UnitRegistry[float]":
    """Return the units; their type is quoted, since the pint that runs on Python 3.10 is not generic."""
    registry: pint.UnitRegistry[float] = pint.UnitRegistry(None, cache_folder=None)
    for line in f"{_PREFIXES}{_UNITS}".splitlines():
        for definition in line.split(" ; "):
            if definition.strip():
                registry.define(definition.strip())
    return registry


def _real(magnitude: object) -> float:
    if not isinstance(magnitude, float):
        raise TypeError(f"{magnitude!r} is no real number")
    return magnitude


def _known(registry: "pint.UnitRegistry[float]", word: str) -> bool:
    """Tell whether `word` is a unit of its own: no ``picohour`` in ``ph/s``, no plural volt in ``Vs``."""
    found = registry.parse_unit_name(word)
    if not found:
        return False
    prefix, unit, plural = found[0]
    return not (prefix and unit in _UNPREFIXED) and (not plural or len(word) > 4)


def _text(powers: dict[str, float]) -> str:
    """Write the powers of the base units as mathjs does: ``(kg m^2) / s^2``, ``s^-1``."""
    above = [_power(name, powers[base]) for base, name in _BASE.items() if powers.get(base, 0) > 0]
    below = [(name, powers[base]) for base, name in _BASE.items() if powers.get(base, 0) < 0]
    if not above:
        return " ".join(_power(name, power) for name, power in below)
    if not below:
        return " ".join(above)
    return f"{_group(above)} / {_group([_power(name, -power) for name, power in below])}"


def _power(name: str, power: float) -> str:
    return name if power == 1 else f"{name}^{power:g}"


def _group(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({' '.join(parts)})"
