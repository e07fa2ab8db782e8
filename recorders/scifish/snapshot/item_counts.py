"""How many items of a scan are recorded, and which are missing and why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from scifish.common.text_forms import counted
from scifish.contract.metadata import is_leaf
from scifish.snapshot.attributes import END, LATER

SHOWN = 3  # missing items that a line names
REPORTED = 2  # problems that it tells


@dataclass(frozen=True)
class Tally:
    """What is known at one moment; `missing` says why, by group and name; `awaited` items are being read."""

    recorded: int = 0
    missing: Mapping[str, str] = field(default_factory=dict)
    awaited: int = 0
    reason: str | None = None
    """Why there is no configuration whose items could be read; None: there is one."""
    problems: tuple[str, ...] = ()
    """What else is wrong with the scan; files that are still being written are not."""

    def __str__(self) -> str:
        """Return it in one line."""
        awaited = f", {self.awaited} still being read" if self.awaited else ""
        reason = f"; {self.reason}" if self.reason else ""
        line = f"{self.recorded} recorded{awaited}, {len(self.missing)} missing{self._named()}{reason}"
        return "; ".join([line, *self._reported()])

    def _named(self) -> str:
        named = [f"{name} ({why})" for name, why in list(self.missing.items())[:SHOWN]]
        more = len(self.missing) - len(named)
        said = ", ".join([*named, *([f"and {more} more (scicat_last)"] if more else [])])
        return f": {said}" if said else ""

    def _reported(self) -> list[str]:
        more = len(self.problems) - REPORTED
        said = [f"problem: {one}" for one in self.problems[:REPORTED]]
        return [*said, f"{counted(more, 'more problem')} (scicat_last)"] if more > 0 else said


def tally(metadata: Mapping[str, Any], *, twice: bool = False) -> Tally:
    """Count the items of a scan's metadata; one without a reason for its absence is recorded.

    `twice`: some are read at the begin and at the end: one such item is recorded when both values are there.
    """
    recorded = awaited = 0
    missing: dict[str, str] = {}
    for name, error in _items(metadata, twice=twice):
        if error is None:
            recorded += 1
        elif error == LATER:
            awaited += 1
        else:
            missing[name] = error
    return Tally(recorded, missing, awaited)


def _items(metadata: Mapping[str, Any], *, twice: bool) -> Iterator[tuple[str, str | None]]:
    """Return each item's name, with the reason why it is missing; of two values the second is the item's."""
    found = dict(_leaves(metadata, ""))
    for name, error in found.items():
        second = f"{name}{END}"
        if not twice or second not in found:
            yield name, error
        elif error is not None and found[second] is None:
            found[second] = error


def _leaves(metadata: Mapping[str, Any], path: str) -> Iterator[tuple[str, str | None]]:
    """Return each value's name, with the reason why it is missing."""
    for name, entry in metadata.items():
        if isinstance(entry, Mapping) and not is_leaf(entry):
            yield from _leaves(entry, f"{path}{name}/")
        else:
            error = entry.get("error") if isinstance(entry, Mapping) else None
            yield f"{path}{name}", None if error is None else str(error)
