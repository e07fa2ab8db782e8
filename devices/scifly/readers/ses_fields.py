"""What the fields of an SES header mean: numbers, units, times, axes."""

import re
from datetime import datetime
from typing import Any

from scifly.readers.acquisition import Acquisition
from scifly.readers.ses_header import Header, Section

FORMAT = "Scienta SES text"
MAX_TEXT = 10_000  # characters of a comment
_UNITS = {
    "Pass Energy": "eV",
    "Excitation Energy": "eV",
    "Center Energy": "eV",
    "Low Energy": "eV",
    "High Energy": "eV",
    "Energy Step": "eV",
    "Step Time": "ms",
    "Time per Spectrum Channel": "s",
}
_TEXTS = {
    "Region Name",
    "Spectrum Name",
    "Instrument",
    "Location",
    "User",
    "Sample",
    "Comments",
    "File",
    "Sequence",
}
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_AXIS = re.compile(r"Dimension (?P<number>\d+) (?P<what>name|size|scale)")
_AXIS_NAME = re.compile(r"(?P<name>.*?)\s*\[(?P<unit>[^\]]*)\]")
_OF_A_REGION = re.compile(r"(Region|Info) \d+")


def acquisition(header: Header) -> Acquisition:
    """Return what a complete header says."""
    regions = [header.region(number) for number in header.regions()]
    times = [moment for region in regions if (moment := _time(region)) is not None]
    names = [region["Region Name"] for region in regions if region.get("Region Name")]
    return Acquisition(
        data_format=FORMAT,
        title=f"SES {', '.join(dict.fromkeys(names))}".strip(),
        metadata=_metadata(header, regions),
        first_time=min(times, default=None),
        last_time=max(times, default=None),
        sample=_first(regions, "Sample"),
        user=_first(regions, "User"),
        detectors=tuple(dict.fromkeys(one["Instrument"] for one in regions if one.get("Instrument"))),
    )


def leaf(name: str, text: str) -> Any:
    """Return a value as a number when it is one, with its unit when the field has one."""
    value = text[:MAX_TEXT] if name in _TEXTS else _number(text[:MAX_TEXT])
    unit = _UNITS.get(name)
    return value if unit is None or isinstance(value, str) else {"value": value, "unit": unit}


def _metadata(header: Header, regions: list[Section]) -> dict[str, dict[str, Any]]:
    groups = {"SES": _group(header.sections.get("Info", {}))}
    for number, region in enumerate(regions, 1):
        groups[f"Region {number}"] = {**_axes(region), **_group(region)}
    for name, section in header.sections.items():
        if name != "Info" and not _OF_A_REGION.fullmatch(name):
            groups[name] = _group(section)
    for name, lines in header.loose.items():
        groups.setdefault(name or "SES", {})["Text"] = "\n".join(lines)
    return {name: group for name, group in groups.items() if group}


def _group(section: Section) -> dict[str, Any]:
    return {name: leaf(name, text) for name, text in section.items() if text and not _AXIS.fullmatch(name)}


def _axes(region: Section) -> dict[str, Any]:
    """Return each axis as its ends and size: its scale may have ten thousands of values."""
    axes: dict[str, Any] = {}
    for name, text in region.items():
        match = _AXIS.fullmatch(name)
        if match is None:
            continue
        axis = f"Dimension {match['number']}"
        if match["what"] == "scale":
            axes |= _ends(axis, text, _axis_unit(region.get(f"{axis} name", "")))
        else:
            axes[name] = leaf(name, text)
    return axes


def _ends(axis: str, scale: str, unit: str | None) -> dict[str, Any]:
    values = scale.split(None, 1)
    ends = {"first": values[0], "last": scale.rsplit(None, 1)[-1]} if values else {}
    found = {f"{axis} {which}": _number(text) for which, text in ends.items()}
    return {name: {"value": value, "unit": unit} if unit else value for name, value in found.items()}


def _axis_unit(name: str) -> str | None:
    match = _AXIS_NAME.fullmatch(name)
    return match["unit"] or None if match else None


def _number(text: str) -> int | float | str:
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _time(region: Section) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{region['Date']}T{region['Time']}")
    except (KeyError, ValueError):
        return None


def _first(regions: list[Section], name: str) -> str | None:
    return next((region[name] for region in regions if region.get(name)), None)
