"""What the fields of an SES header mean: numbers, units, times, axes."""

import re
from datetime import datetime
from pathlib import PureWindowsPath
from typing import Any

from scifly.readers.acquisition import Acquisition
from scifly.readers.common import common
from scifly.readers.header_text import MAX_TEXT, number_or_text
from scifly.readers.ses.header import MAX_KEPT, Header, Section

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
_AXIS = re.compile(r"Dimension (?P<number>\d{1,4}) (?P<what>name|size|scale)", re.ASCII)
_AXIS_NAME = re.compile(r"(?P<name>.*?)\s*\[(?P<unit>[^\]]*)\]")
_OF_A_REGION = re.compile(r"(Region|Info) \d{1,4}", re.ASCII)
_TIMES = ("%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S")
_LONGEST_TIME = 40  # characters
MAX_TITLE = 200  # characters
MAX_TWINS = 32


def acquisition(header: Header, data_format: str) -> Acquisition:
    """Return what a header says, whole or not."""
    regions = [header.region(number) for number in header.regions()]
    times = [moment for region in regions if (moment := _time(region)) is not None]
    names = [region["Region Name"] for region in regions if region.get("Region Name")]
    return Acquisition(
        data_format=data_format,
        title=f"SES {', '.join(dict.fromkeys(names))}".strip()[:MAX_TITLE],
        metadata=_metadata(header, regions),
        first_time=min(times, default=None),
        last_time=max(times, default=None),
        sample=_first(regions, "Sample"),
        user=_first(regions, "User"),
        detectors=tuple(dict.fromkeys(one["Instrument"] for one in regions if one.get("Instrument"))),
        instrument="SES",
        common=common(map(_common, regions)),
        missing=header.missing(),
        twins=_twins(regions),
        problems=(f"the header is longer than {MAX_KEPT // 1_000_000} MB; its rest was left out",)
        if header.too_long
        else (),
    )


def leaf(name: str, text: str) -> Any:
    """Return a value as a number when it is one, with its unit when the field has one."""
    value = text[:MAX_TEXT] if name in _TEXTS else number_or_text(text)
    unit = _UNITS.get(name)
    return value if unit is None or isinstance(value, str) else {"value": value, "unit": unit}


def _common(region: Section) -> dict[str, object]:
    step = number_or_text(region.get("Step Time", ""))
    return {
        "excitation_energy": number_or_text(region.get("Excitation Energy", "")),
        "pass_energy": number_or_text(region.get("Pass Energy", "")),
        "dwell_time": step / 1000 if not isinstance(step, str) else None,
        "lens_mode": region.get("Lens Mode"),
        "sweeps": number_or_text(region.get("Number of Sweeps", "")),
        "region": region.get("Region Name"),
        "sample": region.get("Sample"),
        "experimenter": region.get("User"),
        "comment": _comment(region),
    }


def _comment(region: Section) -> str:
    """Return the comment; SES writes a lone ``;`` for none."""
    text = region.get("Comments", "")[:MAX_TEXT]
    return "" if text.strip(" ;") == "" else text


def _twins(regions: list[Section]) -> tuple[str, ...]:
    """Return the names of the files that SES says it wrote: ``File=Z:\\…\\Ag_0001.txt,.pxt,.ibw``."""
    found: dict[str, None] = {}
    for region in regions:
        first, *suffixes = region.get("File", "").split(",", MAX_TWINS)[:MAX_TWINS]
        path = PureWindowsPath(first.strip())
        if path.name:
            found[path.name] = None
            found |= {path.stem + one.strip(): None for one in suffixes if one.strip().startswith(".")}
    return tuple(found)[:MAX_TWINS]


def _metadata(header: Header, regions: list[Section]) -> dict[str, dict[str, Any]]:
    groups = {"SES": _group(header.sections.get("Info", {}))}
    for number, region in zip(header.regions(), regions, strict=True):
        groups[f"Region {number}"] = {**_axes(region), **_group(region)}
    for name, section in header.sections.items():
        if name != "Info" and not _OF_A_REGION.fullmatch(name):
            groups[name or "SES"] = {**groups.get(name or "SES", {}), **_group(section)}
    for name, lines in header.loose.items():
        groups.setdefault(name or "SES", {})["Text"] = "\n".join(lines)
    return {name: group for name, group in groups.items() if group}


def _group(section: Section) -> dict[str, Any]:
    return {name: leaf(name, text) for name, text in section.items() if text and not _AXIS.fullmatch(name)}


def _axes(region: Section) -> dict[str, Any]:
    """Return each axis as its ends and size."""
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
    ends = dict(zip(("first", "last"), scale.split(), strict=False))
    found = {f"{axis} {which}": number_or_text(text) for which, text in ends.items()}
    return {name: {"value": value, "unit": unit} if unit else value for name, value in found.items()}


def _axis_unit(name: str) -> str | None:
    match = _AXIS_NAME.fullmatch(name[:MAX_TITLE])
    return match["unit"] or None if match else None


def _time(region: Section) -> datetime | None:
    """Return when a region began, by the writer's clock; older versions write ``10/3/2021 11:47:56 AM``."""
    text = f"{region.get('Date', '')} {region.get('Time', '')}"
    for form in _TIMES if len(text) <= _LONGEST_TIME else ():
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - the property TimeZone tells where that is
        except ValueError:
            continue
    return None


def _first(regions: list[Section], name: str) -> str | None:
    return next((region[name][:MAX_TEXT] for region in regions if region.get(name)), None)
