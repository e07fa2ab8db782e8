"""What a dataset of several files has in the instrument's own names."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from scifly.recording.own_names import merged_own
from scizoo.simulation.instruments.acquisitions import prodigy_acquisition, regions, ses_acquisition
from scizoo.simulation.instruments.writing import grow
from support.scifly.folders import Beamline, habits

REGIONS = regions(3, datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc))
RULES = ("all: {patterns: ['*.txt', '*.ibw', '*.pxt', '*.sle', '*.xy', '*.itx']}",)


def own(beamline: Beamline, instrument: str) -> dict[str, Any]:
    """Return what the one dataset has in the end."""
    beamline.look(3 * beamline.habits.stable_looks)  # an xy tells no end
    (found,) = beamline.catalogue.datasets.values()
    return found.ticket.own[instrument]


def names(groups: dict[str, Any], key: str) -> list[str]:
    return [group[key] for name, group in groups.items() if name.startswith("Region ")]


@pytest.mark.parametrize("kinds", [("txt", "ibw"), ("pxt", "ibw"), ("ibw",), ("txt", "pxt", "ibw")])
@pytest.mark.parametrize("last", ["Au_0001.txt", "Au_0001.pxt", "Au_0001C1s_002.ibw"])
def test_all_regions_of_ses_are_there_whichever_file_comes_last(
    tmp_path: Path, kinds: tuple[str, ...], last: str
) -> None:
    beamline = Beamline(tmp_path, habits(RULES))
    grow(ses_acquisition(beamline.raw, "Au_0001", REGIONS, kinds), lambda _: None, speed=1e6)
    late = beamline.raw / last
    content = late.read_bytes() if late.exists() else b""
    if content:
        late.unlink()
    if any(beamline.raw.iterdir()):
        beamline.look()
    if content:
        late.write_bytes(content)
    found = own(beamline, "SES")
    assert sorted(names(found, "Spectrum Name")) == ["Au4f", "C1s", "O1s"]
    assert {group["Pass Energy"]["value"] for name, group in found.items() if name.startswith("Region ")} == {
        20,
        50,
    }


def test_an_export_adds_what_the_experiment_does_not_say(tmp_path: Path) -> None:
    beamline = Beamline(tmp_path, habits(RULES))
    grow(prodigy_acquisition(beamline.raw, "day", REGIONS, ("sle", "xy", "itx")), lambda _: None, speed=1e6)
    found = own(beamline, "Prodigy")
    assert len(names(found, "Epass")) == 3
    assert found["Export"]["Time Zone Format"] == "UTC"
    assert "Spectra acquired" in found["Prodigy"]


def test_files_of_two_instruments_stand_side_by_side() -> None:
    text, map_ = {"Region 1": {"Region Name": "a"}}, {"Region 1": {"x": 1}}
    assert merged_own([{"SES": text}, {"Scienta": map_}]) == {"SES": text, "Scienta": map_}
    assert merged_own([]) == {}


def test_regions_of_one_name_at_two_times_are_two() -> None:
    def region(time: str) -> dict[str, Any]:
        return {"SES": {"Region 1": {"Region Name": "a", "Time": time}}}

    found = merged_own([region("10:00:00"), region("10:05:00"), region("10:00:00")])
    assert list(found["SES"]) == ["Region 1", "Region 2"]
