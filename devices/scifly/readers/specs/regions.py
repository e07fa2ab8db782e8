"""What the exports of SPECS have in common: regions, their units, and SciZoo's names for them."""

from collections.abc import Iterable, Mapping

from scifly.readers.acquisition import Acquisition
from scifly.readers.common import common
from scifly.readers.header_text import number_or_text
from scifly.readers.sections import Sections, Span

PROGRAM = "Prodigy"
MAX_TITLE = 200  # characters
UNITS = {
    "Excitation Energy": "eV",
    "Kinetic Energy": "eV",
    "Binding Energy": "eV",
    "Pass Energy": "eV",
    "Eff. Workfunction": "eV",
    "WorkFunction": "eV",
    "Bias Voltage": "V",
    "Detector Voltage": "V",
    "Dwell Time": "s",
    "DwellTime": "s",
    "Scan Step": "eV",
    "excitation_energy": "eV",
    "kinetic_energy": "eV",
    "pass_energy": "eV",
    "effective_workfunction": "eV",
    "bias_voltage": "V",
    "detector_voltage": "V",
    "dwell_time": "s",
    "Ebin": "eV",
    "Ekin": "eV",
    "Epass": "eV",
    "Eexc": "eV",
    "Ubias": "V",
    "Udet": "V",
    "WF": "eV",
    "Energy": "eV",
    "Step": "eV",
}
TEXTS = ("Region", "Group", "Comment", "User Comment", "Spectrum", "Sample", "name")
_NAMES = {
    "excitation_energy": ("Excitation Energy", "excitation_energy", "Eexc"),
    "pass_energy": ("Pass Energy", "pass_energy", "Epass"),
    "dwell_time": ("Dwell Time", "DwellTime", "dwell_time"),
    "lens_mode": ("Analyzer Lens", "Lens Mode", "lens mode", "analyzer_lens", "LensMode"),
    "sweeps": ("Number of Scans", "num_scans", "NumScans"),
    "region": ("Region", "Spectrum", "name"),
    "sample": ("Sample",),
    "comment": ("Comment", "User Comment"),
}
"""SciZoo's name -> the instrument's own, in the different formats."""
_WORDS = {"lens_mode", "region", "sample", "comment"}


def region_name(number: int) -> str:
    """Return the name of the section of a region."""
    return f"Region {number}"


def acquisition(
    sections: Sections,
    data_format: str,
    *,
    span: Span,
    program: str = PROGRAM,
    missing: str = "",
    has_end: bool = True,
    grows: bool = False,
    problems: tuple[str, ...] = (),
) -> Acquisition:
    """Return what the sections say; those that are regions have the names of `region_name`."""
    regions = [kept for name, kept in sections.sections.items() if name.startswith("Region ")]
    names = [name for region in regions if (name := _first(region, _NAMES["region"]))]
    analyzers = [region[key] for region in regions for key in ("Analyzer", "analyzer") if region.get(key)]
    samples = [region["Sample"] for region in regions if region.get("Sample")]
    return Acquisition(
        data_format=data_format,
        title=f"{program} {', '.join(dict.fromkeys(names))}".strip()[:MAX_TITLE],
        metadata=sections.metadata(UNITS, TEXTS),
        first_time=span.first,
        last_time=span.last,
        sample=samples[0] if samples else None,
        detectors=tuple(dict.fromkeys(analyzers)),
        problems=problems + sections.problems(),
        instrument=program,
        common=common(map(_common, regions or sections.sections.values())),
        missing=missing,
        has_end=has_end,
        grows=grows,
    )


def _common(region: Mapping[str, str]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, keys in _NAMES.items():
        text = _first(region, keys)
        found[name] = text if name in _WORDS else number_or_text(text)
    return found


def _first(region: Mapping[str, str], keys: Iterable[str]) -> str:
    return next((region[key] for key in keys if region.get(key)), "")
