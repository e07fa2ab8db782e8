"""Which files are of one acquisition: by their names, by what SES says of its files, and by their times."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from scifly.folder.stamp import Stamp

NEAR = timedelta(days=1)  # between the times of two files of one acquisition
_SPECTRUM = re.compile(r"(?P<base>.+?_\d{4})[^\d_].*_\d{3}")  # SES: Ag_0001Ag__001.ibw is of Ag_0001


@dataclass(frozen=True)
class Member:
    """A file of an acquisition, as the ledger keeps it.

    `first` is the first time of its header as text (empty: it has none), which tells a file that was saved
    again from another acquisition of the same name; `key` is the acquisition's name in its folder; `own` is
    what it says in the instrument's own names, by instrument.
    """

    path: Path
    stamp: Stamp
    first: str
    key: str
    began: datetime
    ended: datetime
    twins: tuple[str, ...] = ()
    data_format: str = ""
    title: str = ""
    common: dict[str, Any] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)


def key_of(path: Path) -> str:
    """Return the name that all files of one acquisition share: without suffix and spectrum."""
    match = _SPECTRUM.fullmatch(path.stem)
    return match["base"] if match else path.stem


def is_near(began: datetime, ended: datetime, other_began: datetime, other_ended: datetime) -> bool:
    """Tell whether two spans of time may be of one acquisition."""
    return began <= other_ended + NEAR and other_began <= ended + NEAR


def merged_common(members: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the common set of an acquisition from those of its files: all values, each once."""
    found: dict[str, list[Any]] = {}
    units: dict[str, str] = {}
    for member in members:
        for name, leaf in member.items():
            value = leaf["value"] if isinstance(leaf, dict) else leaf
            if isinstance(leaf, dict):
                units[name] = leaf["unit"]
            values = found.setdefault(name, [])
            values += [one for one in (value if isinstance(value, list) else [value]) if one not in values]
    return {
        name: {"value": _one(values), "unit": units[name]} if name in units else _one(values)
        for name, values in found.items()
    }


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values
