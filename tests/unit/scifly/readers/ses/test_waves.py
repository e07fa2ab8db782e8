import struct
from dataclasses import replace
from pathlib import Path

import pytest

from scifly import Acquisition, read_file, readers
from scifly.errors import IncompleteError
from scizoo.simulation.instruments import ses
from scizoo.simulation.instruments.acquired import Region

REGION = Region(comment="first light")
FLAT = replace(REGION, name="map", slices=3)
FILES = "Z:\\data\\Ag_0001.txt,.pxt,.ibw"


def read(folder: Path, content: bytes, name: str = "Ag_0001.ibw") -> tuple[str, Acquisition] | None:
    path = folder / name
    path.write_bytes(content)
    return read_file(path, readers())


def found(folder: Path, content: bytes, name: str = "Ag_0001.ibw") -> Acquisition:
    result = read(folder, content, name)
    assert result is not None
    return result[1]


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_wave_gives_what_the_text_file_gives(tmp_path: Path, order: str) -> None:
    wave = found(tmp_path, ses.wave(REGION, files=FILES, order=order))
    text = found(tmp_path, ses.text([REGION], files=FILES), "Ag_0001.txt")
    assert wave.missing == text.missing == ""
    assert (wave.common, wave.twins, wave.title) == (text.common, text.twins, text.title)
    assert (wave.first_time, wave.sample, wave.user) == (text.first_time, text.sample, text.user)
    own = {"Version", "Dimension 1 last"}  # the format's version; the last point is calculated
    assert {name: value for name, value in wave.metadata["Region 1"].items() if name not in own} == {
        name: value for name, value in text.metadata["Region 1"].items() if name not in own
    }


def test_the_axes_of_a_wave_have_ends_and_units(tmp_path: Path) -> None:
    region = found(tmp_path, ses.wave(FLAT)).metadata["Region 1"]
    assert region["Dimension 1 name"] == "Kinetic Energy [eV]"
    assert region["Dimension 1 size"] == FLAT.points
    assert region["Dimension 1 first"] == {"value": 138, "unit": "eV"}
    assert region["Dimension 1 last"] == {"value": pytest.approx(139), "unit": "eV"}
    assert region["Dimension 2 name"] == "Y-Scale [deg]"
    assert region["Dimension 2 size"] == FLAT.slices
    assert "Dimension 3 size" not in region


@pytest.mark.parametrize("content", [ses.wave(FLAT), ses.packed([REGION, FLAT])])
def test_a_cut_wave_is_never_whole(tmp_path: Path, content: bytes) -> None:
    name = "a.pxt" if content[:1] == b"\x03" else "a.ibw"
    assert found(tmp_path, content, name).missing == ""
    for length in range(11, len(content), 7):
        try:
            acquisition = read(tmp_path, content[:length], name)
        except IncompleteError:
            continue
        assert acquisition is None or acquisition[1].missing, length


def test_a_packed_experiment_has_a_region_for_each_wave(tmp_path: Path) -> None:
    packed = found(tmp_path, ses.packed([REGION, FLAT]), "a.pxt")
    assert packed.title == "SES Au4f, map"
    assert packed.metadata["Region 2"]["Dimension 2 size"] == FLAT.slices
    assert packed.common["region"] == ["Au4f", "map"]


def test_the_first_regions_of_a_packed_experiment_are_read_while_the_last_is_written(tmp_path: Path) -> None:
    content = ses.packed([REGION, FLAT])
    packed = found(tmp_path, content[:-20], "a.pxt")
    assert packed.missing == f"region 2: {len(content) - 20} of {len(content)} bytes are there"
    assert packed.metadata["Region 1"]["Lens Mode"] == "Transmission"


def test_a_wave_of_another_program_is_none_of_ours(tmp_path: Path) -> None:
    assert read(tmp_path, ses.wave(REGION, text_of_note=b"made by hand")) is None
    assert read(tmp_path, ses.wave(REGION, text_of_note=b"")) is None


@pytest.mark.parametrize(
    ("at", "value"), [(4, -1), (8, -1), (12, -1), (12, 1 << 30), (16, -1), (76, 1 << 30)]
)
def test_a_size_that_no_wave_has_is_not_believed(tmp_path: Path, at: int, value: int) -> None:
    content = bytearray(ses.wave(REGION))
    struct.pack_into("<i", content, at, value)
    try:
        result = read(tmp_path, bytes(content))
    except IncompleteError:
        result = None
    assert result is None or at == 4  # the points tell the size of the data, whatever the header says


def test_a_wave_of_four_gigabytes_is_read_at_once(tmp_path: Path) -> None:
    points = 1 << 30
    content = bytearray(ses.wave(REGION))
    note = content[64 + 320 + 4 * REGION.points :]
    struct.pack_into("<i", content, 64 + 12, points)
    path = tmp_path / "large.ibw"
    with path.open("wb") as file:
        file.write(content[: 64 + 320])
        file.seek(64 + 320 + 4 * points)
        file.write(note)
    result = read_file(path, readers())
    assert result is not None
    assert result[1].missing == ""
    assert result[1].metadata["Region 1"]["Lens Mode"] == "Transmission"


PEAK = b"""{"LensMode": "Angular", "PassEnergy": 20, "AcquisitionStatus": "Finished",
"Sample": "Au", "SweepAxes": {"X": {"Start": 1.5, "Steps": [1, 2]}}, "User": "AN",
"StartTime": "2026-03-01T10:30:00+01:00"}"""


def test_a_note_of_peak_is_read(tmp_path: Path) -> None:
    wave = found(tmp_path, ses.wave(REGION, text_of_note=PEAK))
    assert wave.missing == ""
    assert wave.metadata["PEAK"]["PassEnergy"] == {"value": 20, "unit": "eV"}
    assert wave.metadata["PEAK"]["SweepAxes.X.Start"] == 1.5
    assert wave.metadata["PEAK"]["SweepAxes.X.Steps"] == "[1, 2]"
    assert wave.common["lens_mode"] == "Angular"
    assert wave.common["pass_energy"] == {"value": 20, "unit": "eV"}
    assert (wave.sample, wave.user) == ("Au", "AN")
    assert str(wave.first_time) == "2026-03-01 10:30:00+01:00"


def test_a_note_of_peak_says_whether_it_still_runs(tmp_path: Path) -> None:
    running = PEAK.replace(b"Finished", b"Running")
    assert found(tmp_path, ses.wave(REGION, text_of_note=running)).missing == "the acquisition is Running"


def test_the_first_bytes_of_a_wave_wait(tmp_path: Path) -> None:
    with pytest.raises(IncompleteError, match="the note is not there yet"):
        read(tmp_path, ses.wave(REGION)[:400])
