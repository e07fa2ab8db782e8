"""What all instruments have, under SciZoo's names: a scientist searches all of them with one word."""

from collections.abc import Iterable, Mapping
from typing import Any

UNITS = {
    "excitation_energy": "eV",
    "pass_energy": "eV",
    "dwell_time": "s",
    "lens_mode": "",
    "sweeps": "",
    "region": "",
    "sample": "",
    "experimenter": "",
    "comment": "",
}
"""The names, and the unit of each; empty: none. No name begins with u or v:
SciCat would keep it with an underscore before (`scifish.contract.scicat_names`)."""
MOST_VALUES = 64  # of one name
NO_ENERGY = 1e-3  # eV: programs write 0 or 3.1E-317 where they do not know an excitation energy


def common(regions: Iterable[Mapping[str, object]]) -> dict[str, Any]:
    """Return the common set from that of each region: a value where all say the same, else a list.

    Raises KeyError for a name that is not in `UNITS`.
    """
    found: dict[str, dict[object, None]] = {}
    for region in regions:
        for name, value in region.items():
            if _says_something(value, name, UNITS[name]):
                values = found.setdefault(name, {})
                if len(values) < MOST_VALUES:
                    values[value] = None
    return {name: _leaf(list(values), UNITS[name]) for name, values in found.items()}


def _says_something(value: object, name: str, unit: str) -> bool:
    if value is None or value == "":
        return False
    if not unit:
        return True
    if not isinstance(value, int | float):
        return False  # a quantity whose header holds a text
    return name != "excitation_energy" or value > NO_ENERGY


def _leaf(values: list[object], unit: str) -> Any:
    value = values[0] if len(values) == 1 else values
    return {"value": value, "unit": unit} if unit else value
