"""The one JSON form of whatever a client puts into its metadata.

============================  ======================================================================
a value                       becomes
============================  ======================================================================
None, bool, str               itself; text that UTF-8 cannot hold has its odd characters escaped
int                           itself; beyond ±(2^53 - 1) its digits as text
float                         itself; ``"NaN"``, ``"Infinity"``, ``"-Infinity"``
bytes                         text when it is UTF-8, else ``base64:…``
enum                          its name
datetime                      UTC, ``2026-03-01T09:30:00.125Z``; a naive one is local time
date, time, timedelta         ISO 8601 text; a timedelta is its seconds
numpy scalar                  the Python value's form
numpy datetime64              as a datetime; NaT becomes None
numpy array                   nested lists up to 64 elements, else ``{shape, dtype, min, max, mean}``
list, tuple, set, iterators   a list (a set is sorted by its text); an iterator is shown, not consumed
mapping                       an object; keys become text, one that is there gets its type: ``1 (int)``
dataclass, pydantic model     an object of its fields
path, UUID, Decimal, complex  its text
anything else                 its text, at most 10,000 characters
============================  ======================================================================

A cycle and what is deeper than 32 levels become a text that says so. Nothing here raises.
"""

import base64
import dataclasses
import math
import sys
from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

from scifish.common.clock import iso

Json = None | bool | int | float | str | list[Any] | dict[str, Any]

LONGEST_ARRAY = 64
DEEPEST = 32
LONGEST_REPR = 10_000
LARGEST_INT = 2**53 - 1


def jsonable(value: object) -> Json:
    """Return the JSON form of `value`; see the table at the top of this module. Never raises."""
    return _form(value, ())


def jsonable_object(value: object) -> dict[str, Any]:
    """Return the JSON form of a mapping; anything else stands under the key ``value``."""
    form = jsonable(value)
    return form if isinstance(form, dict) else {"value": form}


def text(value: object) -> str | None:
    """Return a field's text: None stays None, an int becomes its digits, an enum its name."""
    form = jsonable(value)
    return form if form is None or isinstance(form, str) else str(form)


def _form(value: object, above: tuple[int, ...]) -> Json:
    try:
        return _convert(value, above)
    except Exception as error:  # noqa: BLE001 - a client's class may raise anything when it is looked at
        return f"<{type(value).__name__}: cannot be shown ({type(error).__name__})>"


def _convert(value: object, above: tuple[int, ...]) -> Json:
    if value is None or isinstance(value, bool) or _is_plain(value):
        return value  # type: ignore[return-value]  # what is plain is its own form
    if isinstance(value, Enum):
        return value.name
    scalar = _scalar(value)
    return scalar if scalar is not None else _container(value, above)


def _is_plain(value: object) -> bool:
    """Tell quickly that a value is its own form, as most are."""
    if type(value) is float:
        return math.isfinite(value)
    return type(value) is str and value.isascii()


def _scalar(value: object) -> Json:
    """Return the form of a number, a text or a time; None for what is none of them."""
    for kinds, form in _SCALARS:
        if isinstance(value, kinds):
            return form(value)
    return None


def _container(value: object, above: tuple[int, ...]) -> Json:
    if id(value) in above:
        return "<cycle>"
    if len(above) >= DEEPEST:
        return f"<{type(value).__name__}: deeper than {DEEPEST} levels>"
    inside = (*above, id(value))
    if _is_numpy(value):
        return _numpy(value, inside)
    return _collection(value, inside)


def _collection(value: object, inside: tuple[int, ...]) -> Json:
    if isinstance(value, Mapping):
        return _object(value, inside)
    if isinstance(value, Set):
        return sorted((_form(item, inside) for item in list(value)), key=repr)
    if isinstance(value, Sequence):
        return [_form(item, inside) for item in list(value)]
    return _form_of_object(value, inside)


def _object(value: Mapping[Any, Any], inside: tuple[int, ...]) -> dict[str, Json]:
    """Return an object; no key takes the place of another, as 1 would of ``"1"``."""
    found: dict[str, Json] = {}
    for key, item in list(value.items()):
        name = _key(key)
        while name in found:
            name = f"{name} ({type(key).__name__})"
        found[name] = _form(item, inside)
    return found


def _form_of_object(value: object, inside: tuple[int, ...]) -> Json:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: _form(getattr(value, one.name), inside) for one in dataclasses.fields(value)}
    fields = getattr(type(value), "model_fields", None)
    if isinstance(fields, Mapping):
        return {str(name): _form(getattr(value, name), inside) for name in fields}
    shown = _clean(str(value))
    return shown if len(shown) <= LONGEST_REPR else f"{shown[:LONGEST_REPR]}…"


def _is_numpy(value: object) -> bool:
    """Tell whether `value` is numpy's, without importing numpy: who has one has imported it."""
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.generic | numpy.ndarray)


def _numpy(value: Any, inside: tuple[int, ...]) -> Json:
    if value.dtype.kind == "M":
        return _numpy_time(value, inside)
    if value.ndim == 0 or value.size <= LONGEST_ARRAY:
        plain = value.tolist()
        return _clean(str(value)) if type(plain) is type(value) else _form(plain, inside)
    return summary(value)


def _numpy_time(value: Any, inside: tuple[int, ...]) -> Json:
    if value.size > LONGEST_ARRAY:
        return {"shape": list(value.shape), "dtype": str(value.dtype)}
    return _form(_in_utc(value.astype("datetime64[ms]").tolist()), inside)


def _in_utc(plain: Any) -> Any:
    """Return numpy's times with their zone, which is always UTC; NaT is None already."""
    if isinstance(plain, list):
        return [_in_utc(one) for one in plain]
    return plain.replace(tzinfo=timezone.utc) if isinstance(plain, datetime) else plain


def summary(array: Any) -> dict[str, Any]:
    """Return ``{shape, dtype, min, max, mean}`` of a numpy array; the last three of finite numbers only."""
    import numpy as np

    found: dict[str, Any] = {"shape": list(array.shape), "dtype": str(array.dtype)}
    if array.dtype.kind not in "biuf":
        return found
    finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
    if finite.size == 0:
        return {**found, "min": None, "max": None, "mean": None}
    numbers = {"min": finite.min(), "max": finite.max(), "mean": finite.mean(dtype="float64")}
    return {**found, **{name: jsonable(number) for name, number in numbers.items()}}


def _key(key: object) -> str:
    if type(key) is str and key.isascii() and "\0" not in key:
        return key
    if isinstance(key, str):
        return _clean(key).replace("\0", "")
    form = _form(key, ())
    return (form if isinstance(form, str) else str(form)).replace("\0", "")


def _clean(value: str) -> str:
    """Return `value` as a plain str that UTF-8 can hold: a lone surrogate becomes ``\\udcXX``."""
    return str.encode(value, "utf-8", "backslashreplace").decode("utf-8")


def _int(value: int) -> Json:
    if abs(value) <= LARGEST_INT:
        return int(value)
    return str(int(value)) if value.bit_length() < 10_000 else hex(value)


def _float(value: float) -> Json:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _bytes(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return "base64:" + base64.b64encode(value).decode("ascii")


_SCALARS: tuple[tuple[Any, Callable[[Any], Json]], ...] = (
    (str, _clean),
    (int, _int),
    (float, lambda value: _float(float(value))),
    ((bytes, bytearray, memoryview), lambda value: _bytes(bytes(value))),
    (datetime, iso),
    ((date, time), lambda value: value.isoformat()),
    (timedelta, timedelta.total_seconds),
    ((PurePath, UUID, Decimal, complex), lambda value: _clean(str(value))),
)
