"""Scientific metadata as SciCat extends it: {value, unit} gains `valueSI` and `unitSI`."""

import re
from typing import Any

from minicat.values.units import ToSI, to_si

_NUMBER = re.compile(r"\s*([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)?\s*")


def with_si(group: dict[str, Any]) -> dict[str, Any]:
    """Return `group` with SI values wherever SciCat finds a value with its unit.

    SciCat takes for the value *any* entry that begins with ``v``, for the unit any that begins with ``u``: a
    group of a ``vacuum`` and a ``user`` is mistaken for one quantity. That is copied here on purpose.
    """
    return {name: _entry(entry) for name, entry in group.items()}


def _entry(entry: object) -> object:
    if not isinstance(entry, dict) or not entry:
        return entry
    values = [one for name, one in entry.items() if _begins(name, "v")]
    units = [one for name, one in entry.items() if _begins(name, "u")]
    if values and units and isinstance(units[-1], str | list) and units[-1]:
        value, unit = _converted(values[-1], units[-1])
        return {**entry, "valueSI": value, "unitSI": unit}
    return with_si(entry) if _is_group(entry) else entry


def _begins(name: str, initial: str) -> bool:
    return name.startswith(initial) and not name.endswith("SI")


def _is_group(entry: dict[str, Any]) -> bool:
    """Tell whether SciCat looks inside: not in what has a unit, even an empty one."""
    return not any(entry.get(name) or entry.get(name) == "" for name in ("unit", "u"))


def _converted(value: object, unit: object) -> tuple[object, object]:
    rule = to_si(unit) if isinstance(unit, str) else None
    if rule is None:
        return value, unit
    if is_number(value):
        return scaled(value, rule), rule.unit
    if isinstance(value, list) and len(value) == 2 and all(is_number(one) for one in value):
        return [scaled(one, rule) for one in value], rule.unit
    return value, unit


def is_number(value: object) -> bool:
    """Tell whether mathjs takes `value` for a number: also true, false, a text that is one, an empty text."""
    return isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value) is not None)


def scaled(value: Any, rule: ToSI) -> float | int:
    """Return a number in SI; whole where it is whole, as JavaScript writes it."""
    number = float(value.strip() or 0) if isinstance(value, str) else value
    if rule.factor == 1 and rule.offset == 0:
        return int(number) if isinstance(number, bool) else number
    result = float(number) * rule.factor + rule.offset
    return 0 if result == 0 else result
