"""The JSON notes that Scienta's PEAK writes into Igor waves: nested names become ``A.B``."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from scifly.errors import UnreadableError
from scifly.readers.acquisition import Acquisition
from scifly.readers.common import common
from scifly.readers.header_text import MAX_TEXT
from scifly.readers.sections import Sections
from scifly.readers.ses.note import Note

FORMAT = "Scienta PEAK Igor wave"
_DEEPEST = 8
_MARK = b"LensMode"
_RUNNING = {"running", "acquiring", "paused", "inprogress"}
_UNITS = {"PassEnergy": "eV", "ExcitationEnergy": "eV", "CenterEnergy": "eV", "DwellTime": "s"}


def is_note(text: bytes) -> bool:
    """Tell whether a wave's note is of PEAK."""
    return text.lstrip().startswith(b"{") and _MARK in text


def acquisition_of(note: Note, missing: str) -> Acquisition:
    """Return what a note says, in PEAK's own names. Raises UnreadableError."""
    try:
        found = json.loads(note.text.decode("utf-8", "replace"), parse_constant=str, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"the note of the wave is no JSON: {error}; it is damaged") from error
    leaves = dict(_leaves("", found, _DEEPEST))
    kept = Sections()
    for name, value in leaves.items():
        kept.put("PEAK", name, str(value), again=False)
    for n, axis in enumerate(note.axes, 1):
        for what, value in (
            ("name", axis.name),
            ("size", axis.size),
            ("first", axis.first),
            ("last", axis.last),
        ):
            kept.put("PEAK", f"Dimension {n} {what}", f"{value}")
    name = _text(leaves, "Name") or _text(leaves, "SpectrumName") or ""
    return Acquisition(
        data_format=FORMAT,
        title=f"PEAK {name}".strip(),
        metadata=kept.metadata({name: _UNITS[_last(name)] for name in leaves if _last(name) in _UNITS}),
        first_time=(began := _time(leaves)),
        last_time=began,
        sample=_text(leaves, "Sample") or _text(leaves, "SampleName"),
        user=_text(leaves, "User") or _text(leaves, "UserName"),
        instrument="PEAK",
        common=common([
            {
                "excitation_energy": _number(leaves, "ExcitationEnergy"),
                "pass_energy": _number(leaves, "PassEnergy"),
                "dwell_time": _number(leaves, "DwellTime"),
                "lens_mode": _text(leaves, "LensMode"),
                "region": name,
                "sample": _text(leaves, "Sample"),
                "experimenter": _text(leaves, "User"),
                "comment": _text(leaves, "Comment"),
            }
        ]),
        missing=missing or _still_runs(leaves),
        problems=kept.problems(),
    )  # fmt: skip


def _leaves(name: str, value: Any, deep: int) -> Iterator[tuple[str, object]]:
    """Return the values by their path; beyond `_DEEPEST` levels, and of a list, as text."""
    if isinstance(value, dict) and deep:
        for key, inner in value.items():
            yield from _leaves(f"{name}.{key}" if name else key, inner, deep - 1)
    else:
        yield name, json.dumps(value)[:MAX_TEXT] if isinstance(value, dict | list) else value


def _still_runs(leaves: dict[str, object]) -> str:
    status = _text(leaves, "AcquisitionStatus") or ""
    return f"the acquisition is {status}" if status.lower().replace(" ", "") in _RUNNING else ""


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _values(leaves: dict[str, object], key: str) -> Iterator[object]:
    return (value for name, value in leaves.items() if _last(name) == key)


def _text(leaves: dict[str, object], key: str) -> str | None:
    return next(
        (value[:MAX_TEXT] for value in _values(leaves, key) if isinstance(value, str) and value), None
    )


def _number(leaves: dict[str, object], key: str) -> float | None:
    found = (value for value in _values(leaves, key) if isinstance(value, int | float))
    return next((value for value in found if not isinstance(value, bool)), None)


def _time(leaves: dict[str, object]) -> datetime | None:
    for key in ("StartTime", "Time", "Date"):
        text = _text(leaves, key)
        try:
            return datetime.fromisoformat(text) if text else None
        except ValueError:
            continue
    return None


def _integer(text: str) -> int | str:
    """Return an integer; one of 5,000 digits stays a text."""
    return int(text) if len(text) < 19 else text
