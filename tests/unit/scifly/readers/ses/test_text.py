import tracemalloc
from datetime import datetime
from pathlib import Path

import pytest

from scifly import read_file, readers
from scifly.readers.ses.header import MAX_KEPT
from support.scifly.ses import ONE, SAMPLE, read_ses, region, ses


def put(folder: Path, content: bytes) -> Path:
    path = folder / "file.txt"
    path.write_bytes(content)
    return path


def test_a_published_file_is_read() -> None:
    found = read_ses(SAMPLE)
    info = found.metadata["Region 1"]
    assert (found.title, found.sample, found.user, found.detectors) == (
        "SES Ag3d",
        "Ag",
        "AN",
        ("R3000-6MS014",),
    )
    assert found.first_time == found.last_time == datetime.fromisoformat("2023-03-08T15:24:35")
    assert info["Pass Energy"] == {"value": 50, "unit": "eV"}
    assert info["Step Time"] == {"value": 203, "unit": "ms"}
    assert info["Lens Mode"] == "Transmission"
    assert info["File"].startswith("Z:\\XPS_data")
    assert (info["Dimension 1 first"], info["Dimension 1 last"]) == (
        {"value": 382, "unit": "eV"},
        {"value": 364, "unit": "eV"},
    )
    assert found.metadata["SES"] == {"Number of Regions": 1, "Version": "1.3.1"}


def test_the_data_are_nowhere_in_the_metadata() -> None:
    assert "1.57494897842407E+0001" not in str(read_ses(SAMPLE))
    assert not any("scale" in name for group in read_ses(SAMPLE).metadata.values() for name in group)


def test_a_file_that_ends_anywhere_before_its_last_row_is_incomplete(tmp_path: Path) -> None:
    content = ses(region(1, rows=3), region(2, rows=2, columns=3))
    complete = len(content.rstrip(b"\r\n")) + len(b"\r\n")
    table = readers()
    for length in range(complete):
        found = read_file(put(tmp_path, content[:length]), table)
        assert found is None or found[1].missing, length
    assert read_ses(tmp_path / "file.txt").missing
    assert read_ses(put(tmp_path, content[:complete])).title == "SES R1, R2"


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    content = ses(region(1, rows=3), region(2, rows=9))
    found = read_ses(put(tmp_path, content[: content.index(b"[Data 2]")]))
    assert found.missing == "region 2 of 2: 0 of 9 rows are there"
    assert found.metadata["Region 2"]["Pass Energy"] == {"value": 20, "unit": "eV"}


def test_several_regions_are_groups_and_give_the_first_and_the_last_time(tmp_path: Path) -> None:
    content = ses(region(1, time="10:00:00", name="Au4f"), region(2, time="10:05:00", name="C1s"))
    found = read_ses(put(tmp_path, content))
    assert found.title == "SES Au4f, C1s"
    assert [found.metadata[group]["Region Name"] for group in ("Region 1", "Region 2")] == ["Au4f", "C1s"]
    assert found.first_time == datetime.fromisoformat("2026-03-01T10:00:00")
    assert found.last_time == datetime.fromisoformat("2026-03-01T10:05:00")


def test_a_third_dimension_is_a_data_block_for_each_of_its_points(tmp_path: Path) -> None:
    content = ses(region(1, rows=4, columns=3, frames=5))
    assert read_ses(put(tmp_path, content)).metadata["Region 1"]["Dimension 3 size"] == 5
    cut = read_ses(put(tmp_path, content[: content.index(b"[Data 1:5]")]))
    assert "16 of 20 rows" in cut.missing


def test_latin_1_text_and_other_sections_are_kept(tmp_path: Path) -> None:
    extra = "[Manipulator 1]\r\nPolar=12.5\r\n[Monochromator 1]\r\nName=käse\r\na line\twithout a key\r\n"
    content = ses(region(1, Comments="Grüße, 20°", Sample="0012").replace("[Run Mode", extra + "[Run Mode"))
    found = read_ses(put(tmp_path, content))
    assert found.metadata["Region 1"]["Comments"] == "Grüße, 20°"
    assert found.metadata["Region 1"]["Sample"] == found.sample == "0012"
    assert found.metadata["Manipulator 1"] == {"Polar": 12.5}
    assert found.metadata["Monochromator 1"] == {"Name": "käse", "Text": "a line\twithout a key"}


@pytest.mark.parametrize("date", ["", "yesterday", "2026-13-01"])
def test_a_date_that_is_none_leaves_the_times_unknown(tmp_path: Path, date: str) -> None:
    assert read_ses(put(tmp_path, ses(region(1, date=date)))).first_time is None


def test_a_very_long_scale_is_read_by_its_ends(tmp_path: Path) -> None:
    scale = " ".join(str(n) for n in range(100_000))
    content = ONE.replace(b"Dimension 1 scale=80.0", f"Dimension 1 scale={scale}".encode())
    assert read_ses(put(tmp_path, content)).metadata["Region 1"]["Dimension 1 first"]["value"] == 0


def test_memory_does_not_grow_with_the_data_nor_with_a_line(tmp_path: Path) -> None:
    big = ses(region(1, rows=20_000, columns=40)) + b"[Notes]\r\n" + b"x" * 8_000_000
    path = put(tmp_path, big)
    tracemalloc.start()
    read_ses(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000 < len(big) / 4


@pytest.mark.parametrize("content", [b"", b"my notes", b"[Data]\n1 2", b"\x00\x01\x02"])
def test_other_text_files_are_not_claimed(tmp_path: Path, content: bytes) -> None:
    assert read_file(put(tmp_path, content), readers()) is None


def test_the_common_set_has_one_value_or_one_of_each_region(tmp_path: Path) -> None:
    assert read_ses(SAMPLE).common == {
        "excitation_energy": {"value": 520, "unit": "eV"},
        "pass_energy": {"value": 50, "unit": "eV"},
        "dwell_time": {"value": 0.203, "unit": "s"},
        "lens_mode": "Transmission",
        "sweeps": 2,
        "region": "Ag3d",
        "sample": "Ag",
        "experimenter": "AN",
    }
    content = ses(region(1, Pass_Energy="20"), region(2, Pass_Energy="50", Excitation_Energy="3.1E-317"))
    found = read_ses(put(tmp_path, content)).common
    assert found["pass_energy"] == {"value": [20, 50], "unit": "eV"}
    assert found["region"] == ["R1", "R2"]
    assert "excitation_energy" not in found


def test_a_lone_semicolon_is_no_comment(tmp_path: Path) -> None:
    assert "comment" not in read_ses(put(tmp_path, ses(region(1, Comments=";")))).common
    assert read_ses(put(tmp_path, ses(region(1, Comments="cold; dark")))).common["comment"] == "cold; dark"


def test_times_with_12_hours_are_read(tmp_path: Path) -> None:
    found = read_ses(put(tmp_path, ses(region(1, date="10/3/2021", time="11:47:56 PM"))))
    assert found.first_time == datetime.fromisoformat("2021-10-03T23:47:56")


def test_the_twins_that_ses_names_are_told(tmp_path: Path) -> None:
    content = ses(region(1, File=r"Z:\XPS_data\Ag_0001.txt,.pxt,.ibw,.pxt"))
    assert read_ses(put(tmp_path, content)).twins == ("Ag_0001.txt", "Ag_0001.pxt", "Ag_0001.ibw")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_wide_text_is_read(tmp_path: Path, encoding: str) -> None:
    text = ses(region(1, Comments="Grüße"), region(2)).decode("latin-1")
    found = read_ses(put(tmp_path, text.encode(encoding)))
    assert (found.missing, found.common["comment"]) == ("", "Grüße")
    assert read_ses(put(tmp_path, text[:-60].encode(encoding))).missing.endswith("rows are there")


@pytest.mark.parametrize(
    "content",
    [
        b"[Info]\nNumber of Regions=999999999\n[Region 1]\nDimension 1 size=1\n[Data 1]\n1 2\n",
        b"[Info]\nNumber of Regions=" + b"9" * 5000 + b"\n[Region " + b"9" * 5000 + b"]\na=1\n",
        b"[Info]\nNumber of Regions=1\n[Region 1]\nDimension 1 size=" + b"9" * 9 + b"\n[Data 1]\n1 2\n",
        b"[Info]\nNumber of Regions=1\n[Data " + b"9" * 4999 + b"]\n1 2\n[Info 1]\nPass Energy=1e999\n",
        ONE.replace(b"[Data 1]", b"".join(b"[S%d]\n" % n for n in range(200_000)) + b"[Data 1]"),
        ONE.replace(b"[Data 1]", b"".join(b"[Data %d]\n" % n for n in range(50_000)) + b"[Data 1]"),
        ONE.replace(b"Pass Energy", b"k" * 200_000 + b"=" + b"v" * 3_000_000 + b"\nPass Energy"),
        ONE.replace(b"Pass Energy", b"".join(b"k%d=1\n" % n for n in range(300_000)) + b"Pass Energy"),
    ],
    ids=["regions", "digits", "rows", "data", "sections", "data sections", "line", "keys"],
)
def test_no_number_or_length_of_a_header_takes_memory(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, content)
    tracemalloc.start()
    found = read_ses(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 30_000_000
    assert len(str(found)) < 6 * MAX_KEPT
