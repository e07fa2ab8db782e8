"""Which units SciCat reads, as mathjs 10, 13 and 15 were seen to."""

import pytest

from scifish.contract.units import for_scicat, is_readable

READABLE = [
    *("mm", "eV", "keV", "degC", "MHz", "mbar", "l/min", "kg m^2 / s^2", "1/s", "1/(s m)", "m^-1", "m/s/s"),
    *("m2", "m s^ -1", "m^2.5", "((m))/s", "m(s)", "kohm", "kiloohm", "MiB", "MMBTU", "mmHg", "Å", "Å^-1"),
    "1*m",
]
UNREADABLE = [
    *("", "1", "%", "rpm", "counts", "arb", "dB", "a.u.", "ph/s", "mÅ", "kmmHg", "Kibar", "mm.s", "mm**2"),
    *("m-1", "/s", "mm/", "m//s", "(m", "m)", "m^(2)", "mm 3", "2 mm", "1e3/s", "10^3/s", "m/1", "kg*/m"),
    "s^-1m",
]


@pytest.mark.parametrize("unit", READABLE)
def test_readable(unit: str) -> None:
    assert is_readable(unit)
    assert for_scicat(unit) == unit


@pytest.mark.parametrize("unit", UNREADABLE)
def test_unreadable(unit: str) -> None:
    assert not is_readable(unit)
    assert for_scicat(unit) is None


@pytest.mark.parametrize(
    ("unit", "form"),
    [
        ("°C", "degC"),
        ("°", "deg"),
        ("µm", "um"),
        ("μm", "um"),
        ("kΩ", "kohm"),
        ("\N{OHM SIGN}", "ohm"),
        ("\N{ANGSTROM SIGN}", "Å"),
        (" mm ", "mm"),
        ("A·h", "A h"),
        ("s⁻¹", "s^-1"),
        ("mm²", "mm^2"),
        ("°C/min", "degC/min"),
    ],
)
def test_symbols_are_spelled(unit: str, form: str) -> None:
    assert for_scicat(unit) == form
