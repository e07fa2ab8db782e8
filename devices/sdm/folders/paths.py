"""The path scheme: where the data of a visit are, by the template of the settings. Pure, nothing is made."""

import string
from pathlib import Path
from typing import NamedTuple

from sdm.names import (
    check_beamline,
    check_category,
    check_proposal,
    check_sample,
    check_visit,
    is_folder_name,
)

RAW = "raw"
TEMPLATE = "{category}/{beamline}/{proposal}/{visit}"
FIELDS = ("category", "beamline", "proposal", "visit", "year")
YEARS = tuple(str(year) for year in range(2000, 2100))
_EXAMPLE = {
    "category": "visitors",
    "beamline": "b303a",
    "proposal": "20260001",
    "visit": "2026030108",
    "year": "2026",
}


class VisitName(NamedTuple):
    """What the path of a visit is made of; its names are checked."""

    category: str
    beamline: str
    proposal: str
    visit: str

    @classmethod
    def of(cls, category: str, beamline: str, proposal: str, visit: str) -> "VisitName":
        """Check the names. Raises NameRefused."""
        return cls(
            check_category(category), check_beamline(beamline), check_proposal(proposal), check_visit(visit)
        )


class PathTemplate:
    """The folders of a visit below the root, such as `{category}/{beamline}/{proposal}/{visit}`.

    The first folder with `{proposal}` in its name is the gate: who may pass it is the proposal's team.
    `{year}` is that of the visit.
    """

    def __init__(self, template: str = TEMPLATE) -> None:
        self.parts = tuple(template.split("/"))
        check_template(template)
        self._beamline = next(at for at, part in enumerate(self.parts) if "{beamline}" in part)
        self.gate = next(at for at, part in enumerate(self.parts) if "{proposal}" in part)

    def beamline_parts(self, category: str, beamline: str) -> tuple[str, ...]:
        """Return the folders down to the beamline's. Raises NameRefused."""
        known = {"category": check_category(category), "beamline": check_beamline(beamline)}
        return tuple(part.format(**known) for part in self.parts[: self._beamline + 1])

    def visit_parts(self, name: VisitName) -> tuple[str, ...]:
        """Return the folders down to the visit's."""
        known = {**name._asdict(), "year": name.visit[:4]}
        return tuple(part.format(**known) for part in self.parts)

    def gate_names(self, category: str, proposal: str) -> tuple[tuple[str, ...] | None, ...]:
        """Return the names that each folder down to the proposal's may have; None: any."""
        known = {"category": check_category(category), "proposal": check_proposal(proposal)}
        return tuple(
            tuple(dict.fromkeys(part.format(**known, year=year) for year in YEARS))
            if _fields(part) <= {*known, "year"}
            else None
            for part in self.parts[: self.gate + 1]
        )


def check_template(template: str) -> None:
    """Raise ValueError unless the template gives each visit a folder of its own, below its category."""
    parts = template.split("/")
    try:
        used = [_fields(part) for part in parts]
        shown = [part.format(**_EXAMPLE) for part in parts]
    except (ValueError, LookupError, AttributeError) as error:
        raise ValueError(f"is no path template ({error}); use {TEMPLATE}, and {{year}}") from error
    unknown = set().union(*used) - set(FIELDS)
    missing = set(FIELDS[:4]) - set().union(*used)
    if unknown or missing or not all(map(is_folder_name, shown)):
        raise ValueError(
            f"is no path template; use {', '.join(f'{{{one}}}' for one in FIELDS[:4])} in it, and {{year}}, "
            "as names of folders that Windows can have too"
        )
    at = {field: next((n for n, one in enumerate(used) if field in one), len(parts)) for field in FIELDS}
    if "{category}" not in parts or not at["category"] < at["beamline"] < at["proposal"] <= at["visit"]:
        raise ValueError(
            "is no path template; {category} is a folder, then come {beamline}, {proposal}, {visit}"
        )
    if at["year"] < at["beamline"]:
        raise ValueError("is no path template; {year} stands behind {beamline}")


def sample_parts(sample: str) -> tuple[str, ...]:
    """Return the folders of a sample in raw. Raises NameRefused."""
    return tuple(check_sample(sample).split("/")) if sample else ()


def find_folder(above: Path, names: tuple[tuple[str, ...] | None, ...]) -> Path | None:
    """Return the first folder whose path has the names of `gate_names`. Raises OSError.

    A folder whose names are known is looked up and not listed: strangers may not list it.
    """
    if not names:
        return above if above.is_dir() else None
    try:
        here = [above / one for one in names[0]] if names[0] is not None else _folders(above)
    except FileNotFoundError:
        return None
    found = (find_folder(one, names[1:]) for one in here)
    return next((one for one in found if one is not None), None)


def _folders(above: Path) -> list[Path]:
    return [one for one in above.iterdir() if one.is_dir()]


def _fields(part: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(part) if name is not None}
