"""Scientific metadata as SciCat extends it: {value, unit} gains `valueSI` and `unitSI`."""

from typing import Any

from minicat.units import to_si


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


def _begins(name: str, letter: str) -> bool:
    return name.startswith(letter) and not name.endswith("SI")


def _is_group(entry: dict[str, Any]) -> bool:
    """Tell whether SciCat looks inside: not in what has a unit, even an empty one."""
    return not any(entry.get(name) or entry.get(name) == "" for name in ("unit", "u"))


def _converted(value: object, unit: object) -> tuple[object, object]:
    rule = to_si(unit) if isinstance(unit, str) else None
    if rule is None:
        return value, unit
    if _is_number(value):
        return _scaled(value, rule.factor, rule.offset), rule.unit
    if isinstance(value, list) and len(value) == 2 and all(_is_number(one) for one in value):
        return [_scaled(one, rule.factor, rule.offset) for one in value], rule.unit
    return value, unit


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _scaled(value: Any, factor: float, offset: float) -> float | int:
    exact = factor == 1 and offset == 0
    result: float | int = value if exact else float(value) * factor + offset
    return result
