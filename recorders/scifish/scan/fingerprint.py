"""Tells cheaply whether anything in a client's fields has changed, also inside of what it holds on to.

A trace is a walk through all containers that remembers what is in them, without converting or copying it.
What cannot change is compared by identity; arrays by a checksum; what is of no known kind by its JSON form.
About 0.3 µs for each value: 0.1 ms for a hundred items with units, however large their texts are.
"""

import operator
import time
import zlib
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import PosixPath, PurePosixPath
from typing import Any
from uuid import UUID

from scifish.contract.json_form import jsonable

_UNCHANGING = frozenset(
    {type(None), bool, int, float, complex, str, bytes, date, datetime, timedelta, Decimal, UUID}
    | {PosixPath, PurePosixPath}
)
_BREATH = 500  # containers after which another thread may run: a scan's own is not to wait for a large walk
_END = object()


@dataclass(frozen=True, eq=False)
class Trace:
    """What was found: objects, which it keeps so that no new one can be taken for them, and forms."""

    objects: list[Any] = field(default_factory=list)
    forms: list[Any] = field(default_factory=list)

    def same(self, other: "Trace") -> bool:
        """Tell whether nothing has changed since the other one."""
        return (
            len(self.objects) == len(other.objects)
            and all(map(operator.is_, self.objects, other.objects))
            and self.forms == other.forms
        )


def trace(*values: Mapping[str, Any]) -> Trace:
    """Walk through fields and all that is in them. Never raises: what cannot be walked has changed."""
    found = Trace()
    try:
        _walk(list(values), found)
    except Exception:  # noqa: BLE001 - the client changes it meanwhile, or its class raises: the next look tells
        found.objects.append(object())
    return found


def _walk(waiting: list[Any], found: Trace) -> None:
    objects, visited = found.objects, set[int]()
    while waiting:
        one = waiting.pop()
        if id(one) in visited:
            continue
        visited.add(id(one))
        if len(visited) % _BREATH == 0:
            time.sleep(0)
        if type(one) is dict:
            objects.extend(one)
            parts: Collection[Any] | None = one.values()
        else:
            parts = _parts(one)
        if parts is None:
            found.forms.append(_form(one))
            continue
        objects.extend(parts)
        objects.append(_END)
        for part in parts:
            if type(part) not in _UNCHANGING:
                waiting.append(part)


def _parts(one: Any) -> Collection[Any] | None:
    """Return what is in a container that is no plain dict; None for anything else."""
    if type(one) is list or type(one) is tuple:
        return one
    if isinstance(one, bytearray | memoryview | range):
        return None
    if isinstance(one, Mapping):
        return [*list(one), *list(one.values())]
    return list(one) if isinstance(one, Sequence | Set) else None


def _form(one: Any) -> Any:
    """Return a checksum of an array, or the JSON form of what may change in ways that nobody knows."""
    try:
        return zlib.crc32(one)
    except (TypeError, ValueError, BufferError):
        plain = getattr(one, "tobytes", None)  # an array that is not in one piece
        return zlib.crc32(plain()) if callable(plain) else jsonable(one)
