"""Scans whose end Sardana never reports, because another recorder failed at their start."""

import threading
import weakref
from typing import Any, Generic, TypeVar

Scan = TypeVar("Scan")


class Unended(Generic[Scan]):
    """Knows by door which scans have no end yet, and which are over because another macro runs there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: dict[str, list[tuple[weakref.ref[Any], Scan]]] = {}

    def begin(self, door: str, macro: Any, scan: Scan) -> list[Scan]:
        """Keep a scan and return those at its door that are over: a door runs one macro at a time."""
        top = _top(macro)
        with self._lock:
            before = self._begun.get(door, [])
            within = [one for one in before if one[0]() is top]
            self._begun[door] = [*within, (weakref.ref(top), scan)]
        return [scan for macro_of, scan in before if macro_of() is not top]

    def end(self, scan: Scan) -> None:
        """Forget a scan that has ended."""
        with self._lock:
            for door, begun in self._begun.items():
                self._begun[door] = [one for one in begun if one[1] is not scan]


def _top(macro: Any) -> Any:
    """Return the macro that was started at the door, of which this one is a part."""
    while (parent := macro.getParentMacro()) is not None:
        macro = parent
    return macro
