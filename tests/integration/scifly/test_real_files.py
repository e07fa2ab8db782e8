"""What our readers find in files of real instruments, held against parsers that others wrote."""

import configparser
import re
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import h5py
import pytest
from igor2 import binarywave, packed

from scifly import Acquisition, read_file, readers
from scifly.readers.header_text import number_or_text
from support.scifly.real_files import real_files

WAVES = ["maxiv-bloch-cut.ibw", "sls-sis-cut.ibw", "solaris-uranos-cut.ibw"]
PACKED = [
    "als-hers-cut.pxt",
    "cassiopee-cut1.pxt",
    "maxiv-bloch-cut.pxt",
    "sls-sis-cut.pxt",
    "solaris-uranos-cut.pxt",
]
NOT_OURS = [
    "als-merlin-light_map.ibw",
    "als-merlin-cut.h5",
    "sls-adress-cut.h5",
    "sls-sis-cut.h5",
    "note.txt",
]


@pytest.fixture(scope="module")
def folder() -> Path:
    return real_files()


def found(path: Path) -> Acquisition:
    result = read_file(path, readers())
    assert result is not None, path
    return result[1]


def value(leaf: Any) -> Any:
    return leaf["value"] if isinstance(leaf, dict) else leaf


def hold(region: dict[str, Any], note: bytes, wave: Any) -> None:
    """Hold a region against a note, read as an ini file, and a wave's header, both as igor2 gives them."""
    text = re.sub(r"\r\n|\r", "\n", note.decode("latin-1")).partition("[Run Mode Information]")[0]
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",), comment_prefixes=())
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # keys keep their letters
    parser.read_string(text)
    expected = {name: entry for name, entry in parser["SES"].items() if entry}
    assert {name: str(value(region[name])) for name in expected} == {
        name: str(number_or_text(entry)) for name, entry in expected.items()
    }
    for n, (size, step, first) in enumerate(zip(wave["nDim"], wave["sfA"], wave["sfB"], strict=True), 1):
        if size:
            assert region[f"Dimension {n} size"] == size
            assert value(region[f"Dimension {n} first"]) == pytest.approx(first)
            assert value(region[f"Dimension {n} last"]) == pytest.approx(first + (size - 1) * step)


@pytest.mark.parametrize("name", WAVES)
def test_a_wave_is_read_as_igor2_reads_it(folder: Path, name: str) -> None:
    ours = found(folder / name)
    theirs = binarywave.load(folder / name)["wave"]
    hold(ours.metadata["Region 1"], theirs["note"], theirs["wave_header"])
    assert ours.missing == ""


@pytest.mark.parametrize("name", PACKED)
def test_a_packed_experiment_is_read_as_igor2_reads_it(folder: Path, name: str) -> None:
    ours = found(folder / name)
    records, _ = packed.load(folder / name)
    waves = [record.wave["wave"] for record in records if hasattr(record, "wave")]
    assert len(waves) == len([group for group in ours.metadata if group.startswith("Region ")])
    for number, wave in enumerate(waves, 1):
        hold(ours.metadata[f"Region {number}"], wave["note"], wave["wave_header"])
    assert ours.missing == ""


def test_a_text_file_says_what_its_packed_twin_says(folder: Path) -> None:
    text, twin = found(folder / "cassiopee-cut1.txt"), found(folder / "cassiopee-cut1.pxt")
    assert (text.common, text.first_time, text.user) == (twin.common, twin.first_time, twin.user)
    assert text.missing == twin.missing == ""
    mine, other = text.metadata["Region 1"], twin.metadata["Region 1"]
    same = mine.keys() & other.keys() - {
        "Version",
        "Dimension 1 last",
        "Dimension 2 first",
        "Dimension 2 last",
    }
    assert len(same) > 20
    assert {name: mine[name] for name in same} == {name: other[name] for name in same}


def test_text_files_of_a_beamlines_own_program_are_none_of_ours(folder: Path) -> None:
    """They begin with `[Info]` as those of SES, but neither their lines nor their header have its form."""
    files = sorted(folder.glob("rmap_*_ROI1_.txt"))
    assert len(files) == 41
    assert {read_file(path, readers()) for path in files} == {None}


def test_a_map_of_the_da30_is_read_as_configparser_reads_it(folder: Path) -> None:
    path = folder / "maxiv-bloch-cut.zip"
    ours = found(path).metadata["Region 1"]
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    with zipfile.ZipFile(path) as archive:
        parser.read_string(archive.read("cut.ini").decode("latin-1"))
        parser.read_string(archive.read("Spectrum_cut.ini").decode("latin-1"))
    for name in ("Pass Energy", "Lens Mode", "Excitation Energy", "Sample", "ThetaY", "Comments"):
        assert str(value(ours[name])) == parser["SES"][name], name
    assert ours["Dimension 1 size"] == parser.getint("spectrum", "width")
    assert ours["Dimension 2 size"] == parser.getint("spectrum", "height")
    assert value(ours["Dimension 2 first"]) == parser.getfloat("spectrum", "heightoffset")


def test_a_days_experiment_is_read_as_its_tables_say(folder: Path) -> None:
    path = folder / "EX439_S718_Au_in_25_mbar_O2.sle"
    ours = found(path)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        (schedule,) = database.execute("SELECT Value FROM Configuration WHERE Key = 'Schedule'").fetchone()
        text = schedule.decode() if isinstance(schedule, bytes) else schedule
        expected = [
            (name, scans)
            for node, scans in database.execute("SELECT Node, count(*) FROM RawData GROUP BY Node")
            for name in re.findall(rf'<Spectrum ID="{node}" Name="([^"]*)"', text)
        ]
    regions = [group for name, group in ours.metadata.items() if name.startswith("Region ")]
    assert [(region["Spectrum"], region["Scans acquired"]) for region in regions] == expected
    assert (len(expected), sum(scans for _, scans in expected)) == (8, 527)
    assert ours.grows
    assert str(ours.first_time) == "2020-08-27 08:34:04"


@pytest.mark.parametrize("name", NOT_OURS)
def test_files_of_other_programs_are_none_of_ours(folder: Path, name: str) -> None:
    assert read_file(folder / name, readers()) is None


def test_a_file_of_another_program_that_says_scienta_is_read_as_h5py_reads_it(
    folder: Path, tmp_path: Path
) -> None:
    """A real file of a beamline's own program, given the attribute by which Scienta's is known."""
    path = tmp_path / "cut.h5"
    path.write_bytes((folder / "sls-sis-cut.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        file.attrs["vendor"] = b"Scienta Omicron"
        group = file["Electron Analyzer/Image Data"]
        expected = {name: entry for name, entry in group.attrs.items() if isinstance(entry, bytes | float)}
    ours = found(path).metadata
    texts = {name: entry for group in ours.values() for name, entry in group.items()}
    assert expected
    for name, entry in expected.items():
        ours_too = value(texts.get(name, texts.get(f"Image Data {name}")))
        assert str(ours_too) == (entry.decode() if isinstance(entry, bytes) else str(entry)), name
