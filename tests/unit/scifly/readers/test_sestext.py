import tracemalloc
from datetime import datetime
from pathlib import Path

import pytest

from scifly.errors import IncompleteError, UnreadableError
from scifly.readers.registry import reader_of, readers
from scifly.readers.ses_text import SesText
from support.scifly.ses import ONE, SAMPLE, region, ses


def put(folder: Path, content: bytes) -> Path:
    path = folder / "file.txt"
    path.write_bytes(content)
    return path


def test_a_published_file_is_read() -> None:
    found = SesText().read(SAMPLE)
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
    assert "1.57494897842407E+0001" not in str(SesText().read(SAMPLE))
    assert not any("scale" in name for group in SesText().read(SAMPLE).metadata.values() for name in group)


def test_a_file_that_ends_anywhere_before_its_last_row_is_incomplete(tmp_path: Path) -> None:
    content = ses(region(1, rows=3), region(2, rows=2, columns=3))
    complete = len(content.rstrip(b"\r\n")) + len(b"\r\n")
    for length in range(complete):
        with pytest.raises(IncompleteError):
            SesText().read(put(tmp_path, content[:length]))
    assert SesText().read(put(tmp_path, content[:complete])).title == "SES R1, R2"


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    content = ses(region(1, rows=3), region(2, rows=9))
    with pytest.raises(IncompleteError, match=r"region 2 of 2: 0 of 9 rows are there"):
        SesText().read(put(tmp_path, content[: content.index(b"[Data 2]")]))


def test_several_regions_are_groups_and_give_the_first_and_the_last_time(tmp_path: Path) -> None:
    content = ses(region(1, time="10:00:00", name="Au4f"), region(2, time="10:05:00", name="C1s"))
    found = SesText().read(put(tmp_path, content))
    assert found.title == "SES Au4f, C1s"
    assert [found.metadata[group]["Region Name"] for group in ("Region 1", "Region 2")] == ["Au4f", "C1s"]
    assert found.first_time == datetime.fromisoformat("2026-03-01T10:00:00")
    assert found.last_time == datetime.fromisoformat("2026-03-01T10:05:00")


def test_a_third_dimension_is_a_data_block_for_each_of_its_points(tmp_path: Path) -> None:
    content = ses(region(1, rows=4, columns=3, frames=5))
    assert SesText().read(put(tmp_path, content)).metadata["Region 1"]["Dimension 3 size"] == 5
    with pytest.raises(IncompleteError, match=r"16 of 20 rows"):
        SesText().read(put(tmp_path, content[: content.index(b"[Data 1:5]")]))


def test_latin_1_text_and_other_sections_are_kept(tmp_path: Path) -> None:
    extra = "[Manipulator 1]\r\nPolar=12.5\r\n[Monochromator 1]\r\nName=käse\r\na line\twithout a key\r\n"
    content = ses(region(1, Comments="Grüße, 20°", Sample="0012").replace("[Run Mode", extra + "[Run Mode"))
    found = SesText().read(put(tmp_path, content))
    assert found.metadata["Region 1"]["Comments"] == "Grüße, 20°"
    assert found.metadata["Region 1"]["Sample"] == found.sample == "0012"
    assert found.metadata["Manipulator 1"] == {"Polar": 12.5}
    assert found.metadata["Monochromator 1"] == {"Name": "käse", "Text": "a line\twithout a key"}


@pytest.mark.parametrize("date", ["", "yesterday", "2026-13-01"])
def test_a_date_that_is_none_leaves_the_times_unknown(tmp_path: Path, date: str) -> None:
    assert SesText().read(put(tmp_path, ses(region(1, date=date)))).first_time is None


def test_a_very_long_scale_is_read_by_its_ends(tmp_path: Path) -> None:
    scale = " ".join(str(n) for n in range(100_000))
    content = ONE.replace(b"Dimension 1 scale=80.0", f"Dimension 1 scale={scale}".encode())
    assert SesText().read(put(tmp_path, content)).metadata["Region 1"]["Dimension 1 first"]["value"] == 0


def test_memory_does_not_grow_with_the_data_nor_with_a_line(tmp_path: Path) -> None:
    big = ses(region(1, rows=20_000, columns=40)) + b"[Notes]\r\n" + b"x" * 8_000_000
    path = put(tmp_path, big)
    tracemalloc.start()
    SesText().read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3_000_000 < len(big) / 4


@pytest.mark.parametrize("content", [b"", b"my notes", b"[Data]\n1 2", b"\x00\x01\x02"])
def test_other_text_files_are_not_claimed(tmp_path: Path, content: bytes) -> None:
    assert reader_of(put(tmp_path, content), readers()) is None


def test_an_ses_file_is_claimed_and_an_unreadable_one_is_told(tmp_path: Path) -> None:
    assert isinstance(reader_of(SAMPLE, readers()), SesText)
    with pytest.raises(UnreadableError, match="check its rights"):
        reader_of(tmp_path, readers())
    with pytest.raises(FileNotFoundError):
        reader_of(tmp_path / "absent.txt", readers())
