"""Files of all formats that grow as SES and Prodigy write them over SMB: one dataset each, none early."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest
import tango

from scizoo.facility.processes import wait_until
from scizoo.simulation.instruments import ses, specs
from scizoo.simulation.instruments.acquisitions import (
    PRODIGY_KINDS,
    SES_KINDS,
    experiment,
    prodigy_acquisition,
    regions,
    ses_acquisition,
)
from scizoo.simulation.instruments.hdf5 import SPECS, hdf5
from scizoo.simulation.instruments.writing import WAYS, FileStep, Writing, grow, pieces
from support.tango.chain import PROPOSAL, Chain

SOON = 60.0
PAUSE = 0.3  # seconds between two parts of a file
PARTS = 7
STILL = 30  # looks, of 0.1 s: longer than a pause on a machine that is four times slower
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
REGIONS = [replace(one, dwell_time=0.05) for one in regions(2, NOW)]
SUFFIXES = {"txt", "ibw", "pxt", "zip", "h5", "xy", "itx", "sp2", "xml", "sle", "nxs"}
CONTENTS = {
    "ses.txt": ses.text(REGIONS),
    "ses.ibw": ses.wave(REGIONS[0]),
    "peak.ibw": ses.wave(REGIONS[0], text_of_note=ses.peak_note(REGIONS[0])),
    "ses.pxt": ses.packed(REGIONS),
    "ses.zip": ses.da30(REGIONS[0]),
    "scienta.h5": hdf5(REGIONS),
    "prodigy.xy": specs.xy(REGIONS),
    "prodigy.itx": specs.itx(REGIONS),
    "prodigy.sp2": specs.sp2(REGIONS[0]),
    "prodigy.nxs": hdf5(REGIONS, SPECS),
    "specslab.xml": specs.specslab_xml(REGIONS),
}


def start(beamline: Chain, watching: str, begin: str = "complete") -> Path:
    """Start SciFly for all formats; return the active path."""
    patterns = ", ".join(f"'*.{suffix}'" for suffix in sorted(SUFFIXES))
    properties = {
        "Watching": [watching],
        "Rules": [f"all: {{patterns: [{patterns}], begin: {begin}}}"],
        "StableLooks": [str(STILL)],
    }
    tango.Database().put_device_property(beamline.scifly.device, properties)
    beamline.pathfixer.start().Proposal = PROPOSAL
    fly = beamline.scifly.start()
    wait_until(lambda: fly.State() == tango.DevState.ON, "it watches", SOON)
    return beamline.raw()


def recorded(beamline: Chain) -> dict[str, str]:
    """Return the files of all entries that have ended, and the entry's pid."""
    ends = [one for one in beamline.messages() if one.event == "end"]
    return {file.path: one.pid for one in ends for file in one.dataset.files}


class Early:
    """Notes each file that is recorded before what makes it whole is written."""

    def __init__(self, beamline: Chain) -> None:
        self.found: list[str] = []
        self._beamline = beamline

    def watch(self, writing: Writing) -> Writing:
        for step in writing:
            yield step
            if step.is_last and str(step.path) in recorded(self._beamline):
                self.found.append(f"{step.path.parent.name} {step.path.name}")


@pytest.mark.parametrize(("watching", "begin"), [("auto", "complete"), ("sweep", "seen")])
def test_each_format_grown_in_each_way_is_one_dataset_and_none_is_early(
    beamline: Chain, watching: str, begin: str
) -> None:
    raw, early = start(beamline, watching, begin), Early(beamline)
    writings: list[Writing] = []
    for way, write in WAYS.items():
        (raw / way).mkdir()
        for name, content in CONTENTS.items():
            path = raw / way / f"{name.replace('.', '_')}.{name.rpartition('.')[2]}"
            writings.append(early.watch(write(path, pieces(content, PARTS), PAUSE)))
    writings.append(experiment(raw / "day.sle", REGIONS))
    told: list[FileStep] = []
    grow(writings, told.append)
    names = {str(one.path) for one in told}
    assert len(names) == len(CONTENTS) * len(WAYS) + 1
    wait_until(
        lambda: set(recorded(beamline)) == names, "all are recorded", SOON, child=beamline.scifly.child
    )
    assert early.found == []
    pids = recorded(beamline)
    assert len(set(pids.values())) == len(names)
    assert {one.pid for one in beamline.messages()} == set(pids.values())
    problems = [one for one in beamline.scifly.proxy.Problems or () if "DEPRECATED" not in one]
    assert problems == []


def test_an_acquisition_of_each_program_is_one_dataset_with_all_its_files(beamline: Chain) -> None:
    raw, early = start(beamline, "auto"), Early(beamline)
    writings: Iterator[Writing] = iter(
        [
            *ses_acquisition(raw, "Au_0001", REGIONS, SES_KINDS),
            *prodigy_acquisition(raw, "day", REGIONS, PRODIGY_KINDS),
        ]
    )
    grow(map(early.watch, writings), lambda _: None, speed=5)
    expected = {
        *(f"Au_0001.{kind}" for kind in SES_KINDS if kind != "ibw"),
        "Au_0001Au4f_001.ibw",
        "Au_0001C1s_002.ibw",
        *(f"day.{kind}" for kind in PRODIGY_KINDS),
    }
    wait_until(
        lambda: {Path(one).name for one in recorded(beamline)} == expected,
        "all are recorded",
        SOON,
        child=beamline.scifly.child,
    )
    names = Counter(Path(path).name[:2] for path in recorded(beamline))
    ends = {one.dataset.dataset_name: one.dataset.scientific_metadata for one in beamline.ends().values()}
    assert (set(ends), names) == ({"Au_0001", "day"}, Counter(Au=6, da=6))
    assert {"Region 1", "Region 2"} <= ends["Au_0001"]["SES"].keys() & ends["day"]["Prodigy"].keys()
    assert len(set(recorded(beamline).values())) == 2
