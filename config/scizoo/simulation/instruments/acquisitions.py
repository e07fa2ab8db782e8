"""Whole acquisitions as SES and Prodigy make them: several regions, and all of their files as they grow."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from itertools import accumulate, pairwise
from pathlib import Path

from scizoo.simulation.instruments import ses, specs
from scizoo.simulation.instruments.acquired import Region
from scizoo.simulation.instruments.experiment import Experiment
from scizoo.simulation.instruments.writing import (
    FileStep,
    Writing,
    after,
    appended,
    extended,
    pieces,
    renamed,
)

SES_KINDS = ("txt", "pxt", "ibw", "zip", "h5")
PRODIGY_KINDS = ("sle", "xy", "itx", "sp2", "nxs", "xml")
PARTS = 4  # of a region's text; exports have as many in all
EXPORT = 0.2  # seconds between two parts of an export
Acquire = Callable[[Path, str, Sequence[Region], Sequence[str]], list[Writing]]
_SPECTRA = (("Au4f", 138.0, 20.0), ("C1s", 230.0, 20.0), ("O1s", -15.0, 50.0), ("wide", 100.0, 100.0))


def regions(count: int, now: datetime, *, sample: str = "Au", user: str = "AN") -> list[Region]:
    """Return the regions of an acquisition that begins `now`, one after another."""
    made: list[Region] = []
    for number in range(count):
        name, low, energy = _SPECTRA[number % len(_SPECTRA)]
        when = now + timedelta(seconds=sum(map(duration, made)))
        made.append(Region(name, pass_energy=energy, low=low, when=when, sample=sample, user=user))
    return made


def duration(region: Region) -> float:
    """Return the seconds that an analyser takes for a region."""
    return region.sweeps * region.points * region.dwell_time


def ses_acquisition(
    folder: Path, name: str, acquired: Sequence[Region], kinds: Sequence[str]
) -> list[Writing]:
    """Return how the files of SES grow: the text row by row, waves region by region, the rest at the end."""
    suffixes = ",".join(f".{kind}" for kind in kinds)
    files = f"Z:\\{folder.name}\\{name}{suffixes}"
    whole = sum(map(duration, acquired))
    begins = [0.0, *accumulate(map(duration, acquired))]
    path = folder / name
    made: list[Writing] = []
    if "txt" in kinds:
        parts = [piece for part in _texts(acquired, files) for piece in pieces(part, PARTS)]
        made.append(appended(path.with_suffix(".txt"), parts, whole / len(parts)))
    if "pxt" in kinds:
        parts = [ses.packed([region], files=files) for region in acquired]
        made.append(appended(path.with_suffix(".pxt"), parts, whole / len(parts)))
    if "ibw" in kinds:
        for number, (region, end) in enumerate(zip(acquired, begins[1:], strict=True), 1):
            wave = folder / f"{name}{region.name}_{number:03}.ibw"
            made.append(
                after(end, wave, extended(wave, pieces(ses.wave(region, files=files), PARTS), EXPORT))
            )
    if "zip" in kinds:
        one = path.with_suffix(".zip")
        made.append(
            after(whole, one, renamed(one, pieces(ses.da30(acquired[0], files=files), PARTS), EXPORT))
        )
    if "h5" in kinds:
        from scizoo.simulation.instruments.hdf5 import hdf5

        one = path.with_suffix(".h5")
        made.append(after(whole, one, renamed(one, pieces(hdf5(acquired), PARTS), EXPORT)))
    return made


def prodigy_acquisition(
    folder: Path, name: str, acquired: Sequence[Region], kinds: Sequence[str]
) -> list[Writing]:
    """Return how Prodigy's experiment grows scan by scan, and how it is exported when it has ended."""
    utc = [replace(region, when=region.when.astimezone(timezone.utc)) for region in acquired]
    path = folder / name
    whole = sum(map(duration, acquired))
    made: list[Writing] = [experiment(path.with_suffix(".sle"), utc)] if "sle" in kinds else []
    contents = {"xy": specs.xy, "itx": specs.itx, "xml": specs.specslab_xml}
    exports = {kind: write(utc) for kind, write in contents.items() if kind in kinds}
    if "sp2" in kinds:
        exports["sp2"] = specs.sp2(utc[0])
    if "nxs" in kinds:
        from scizoo.simulation.instruments.hdf5 import SPECS, hdf5

        exports["nxs"] = hdf5(utc, SPECS)
    for kind, content in exports.items():
        one = path.with_suffix(f".{kind}")
        made.append(after(whole, one, appended(one, pieces(content, PARTS), EXPORT)))
    return made


def experiment(path: Path, acquired: Sequence[Region]) -> Writing:
    """Let an `.sle` grow in place, each scan half and then whole."""
    with Experiment(path, acquired) as one:
        yield FileStep(path, "is created", 0.0)
        for node, region in enumerate(acquired, 1):
            one.begin(node)
            for scan in range(region.sweeps):
                for points in (region.points // 2, region.points):
                    one.scan(node, scan, points)
                    what = f"scan {scan + 1} of {region.name}: point {points} of {region.points}"
                    yield FileStep(path, what, duration(region) / region.sweeps / 2)


def _texts(acquired: Sequence[Region], files: str) -> list[bytes]:
    """Return the text of SES, cut before each region but the first."""
    whole = ses.text(acquired, files=files)
    cuts = [0, *(whole.index(f"[Region {n}]".encode()) for n in range(2, len(acquired) + 1)), len(whole)]
    return [whole[begin:end] for begin, end in pairwise(cuts)]
