"""Words for values, as a mapping says them: `4: insert`, `OPEN: open`, `0..10: low`."""

import math
import re
from collections.abc import Mapping
from typing import Any

from scifish.contract.json_form import Json

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(rf"\s*(?P<low>{_NUMBER})?\s*\.\.\s*(?P<high>{_NUMBER})?\s*")
SCALAR = (str, int, float, bool, type(None))


def checked_mapping(mapping: object) -> object:
    """Return the mapping with keys and words as text. Raises ValueError, which names the wrong key."""
    if not isinstance(mapping, Mapping):
        return mapping
    found: dict[str, str] = {}
    for key, word in mapping.items():
        text = _text(key, f"the key {key!r:.80}")
        if text in found:
            raise ValueError(f"the key {text!r:.80} is there twice; remove one")
        _range_of(text)
        found[text] = _text(word, f"the word of {text!r:.80}")
    return found


def mapped(mapping: Mapping[str, str], *values: Json) -> str | None:
    """Return the word of the first of the values that has one: by its text, as a number, by its range."""
    for value in values:
        for text in _texts(value):
            if text in mapping:
                return mapping[text]
    number = next((float(one) for one in values if _is_number(one)), None)  # type: ignore[arg-type]
    return None if number is None else _of_number(mapping, number)


def _of_number(mapping: Mapping[str, str], number: float) -> str | None:
    ranges = []
    for key, word in mapping.items():
        limits = _range_of(key)
        if limits is not None:
            ranges.append((limits, word))
        elif re.fullmatch(_NUMBER, key) and float(key) == number:
            return word
    return next((word for (low, high), word in ranges if low <= number <= high), None)


def _range_of(key: str) -> tuple[float, float] | None:
    """Return the limits of `low..high`, both within it; None: the key is no range. Raises ValueError."""
    found = _RANGE.fullmatch(key)
    if found is None or (found["low"] is None and found["high"] is None):
        return None
    low = float(found["low"]) if found["low"] is not None else -math.inf
    high = float(found["high"]) if found["high"] is not None else math.inf
    if low > high:
        raise ValueError(f"the range {key!r} ends before it begins; write the lower limit first")
    return low, high


def _text(value: Any, what: str) -> str:
    """Return a scalar as text, as JSON writes it."""
    if not isinstance(value, SCALAR):
        raise ValueError(f"{what} is no text, number or truth value; write one")  # noqa: TRY004 - pydantic's
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return str(value)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _texts(value: Json) -> tuple[str, ...]:
    if isinstance(value, bool):
        return (str(value), str(value).lower(), str(int(value)))
    if isinstance(value, float) and value.is_integer():
        return (str(value), str(int(value)))
    return (str(value),) if isinstance(value, str | int | float) else ()
