"""What a preview finds wrong with an item: pure rules on what was read of it."""

import math
from collections.abc import Iterator

from scidog.model.previews import ItemProblem, Kind
from scifish.contract.configuration import Item
from scifish.contract.json_form import Json
from scifish.contract.units import for_scicat
from scifish.contract.value_mapping import mapped
from scifish.snapshot.attributes import Description, Reading

NUMBERS = frozenset({"%", "‰", "ppm", "ppb", "count", "counts", "cts", "pixel", "pixels", "px", "a.u."})
"""Units of plain numbers: there is nothing that SciCat could convert."""
_NO_NUMBERS = ("NaN", "Infinity", "-Infinity")
"""How numbers that JSON lacks are recorded."""
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("attribute unknown", "attribute unknown"),
    ("is a device of class", "attribute unknown"),
    ("device is not in the Tango database", "device undefined"),
    ("device not exported", "not running"),
    ("device cannot be reached", "not answering"),
    ("device did not answer", "not answering"),
    ("Tango database cannot be reached", "not answering"),
    ("no answer within", "not answering"),
    ("not waited for", "not answering"),
)


def findings(
    item: Item, reading: Reading | None, description: Description | None, seconds: float | None, budget: float
) -> Iterator[ItemProblem]:
    """Yield what is wrong with one item; `reading` is None when the device did not answer in time."""
    if reading is None:
        yield ItemProblem(kind="not answering", text="its device did not answer in time")
        return
    if seconds is not None and seconds > budget:
        took, limit = f"{seconds * 1000:.0f} ms", f"{budget * 1000:.0f} ms"
        yield ItemProblem(
            kind="over budget",
            text=f"takes {took}, and the budget is {limit}: no scan waits for it, its value comes later",
        )
    if reading.error is not None:
        kind = next((kind for text, kind in _KINDS if reading.error.startswith(text)), "not readable")
        yield ItemProblem(kind=kind, text=reading.error)
        return
    yield from _value(item, reading, description)
    yield from _unit(item, reading, description)


def _value(item: Item, reading: Reading, description: Description | None) -> Iterator[ItemProblem]:
    value = reading.value
    if item.mapping:
        label = _label(reading, description)
        if _is_array(value):
            yield ItemProblem(
                kind="wrong type", text="its value is an array, and a mapping takes single values"
            )
        elif mapped(item.mapping, label, value) is None:
            yield ItemProblem(kind="unmapped", text=f"the mapping has no word for {label!r:.80}")
    if item.range is not None:
        low, high = item.range
        if not (_is_number(value) or value in _NO_NUMBERS):
            shown = "an array" if _is_array(value) else f"{value!r:.80}"
            yield ItemProblem(kind="wrong type", text=f"a range is expected, and its value is {shown}")
        elif not _within(float(value), low, high):  # type: ignore[arg-type]
            yield ItemProblem(
                kind="out of range", text=f"{value} is outside of {_limit_text(low)} to {_limit_text(high)}"
            )


def _unit(item: Item, reading: Reading, description: Description | None) -> Iterator[ItemProblem]:
    if not _has_unit(reading.value) or reading.enumerated or item.mapping:
        return
    unit = (item.unit if item.unit is not None else description.unit if description else "").strip()
    if not unit:
        if item.unit is None and not _is_array(reading.value):
            yield ItemProblem(
                kind="unit missing", text="has no unit; write one, or unit: '' where there is none"
            )
    elif text := unreadable(unit):
        yield ItemProblem(kind="unit unreadable", text=text)


def unreadable(unit: str | None) -> str | None:
    """Return what is said of a unit that SciCat does not read; None: it reads it, or there is none."""
    text = (unit or "").strip()
    if not text or text.lower() in NUMBERS or for_scicat(text) is not None:
        return None
    return f"SciCat does not read the unit {text!r:.80}; write one such as mm, eV, degC, 1/s"


def _label(reading: Reading, description: Description | None) -> Json:
    labels = description.labels if description and reading.enumerated else ()
    value = reading.value
    return labels[value] if isinstance(value, int) and 0 <= value < len(labels) else value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _has_unit(value: Json) -> bool:
    """Tell whether SciCat looks at the unit: of numbers, also those that are NaN, and arrays of them."""
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, list):
        return _has_unit(first)
    if isinstance(first, dict):
        return "mean" in first
    return _is_number(first) or (isinstance(first, str) and first in _NO_NUMBERS)


def _is_array(value: Json) -> bool:
    return isinstance(value, list | dict)


def _within(value: float, low: float | None, high: float | None) -> bool:
    """Tell whether a value is in the range; NaN is in none."""
    return (-math.inf if low is None else low) <= value <= (math.inf if high is None else high)


def _limit_text(limit: float | None) -> str:
    return "any" if limit is None else f"{limit:g}"
