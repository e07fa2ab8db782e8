"""Prodigy's `.xy`, `.itx` and `.sp2`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scifly import Acquisition, read_file, readers
from scifly.errors import SciFlyError
from scizoo.simulation.instruments import specs
from scizoo.simulation.instruments.acquired import Region

REGIONS = [Region(comment="as loaded"), replace(Region(), name="C 1s", pass_energy=20, sweeps=3)]
WHEN = "2026-03-01 10:30:00+00:00"
COMMON = {
    "excitation_energy": {"value": 520, "unit": "eV"},
    "pass_energy": {"value": 50, "unit": "eV"},
    "dwell_time": {"value": 0.2, "unit": "s"},
    "lens_mode": "Transmission",
    "sweeps": 2,
}


def read(folder: Path, content: bytes, suffix: str) -> Acquisition | None:
    path = folder / f"Au_0001.{suffix}"
    path.write_bytes(content)
    found = read_file(path, readers())
    return found and found[1]


def found(folder: Path, content: bytes, suffix: str) -> Acquisition:
    result = read(folder, content, suffix)
    assert result is not None
    return result


@pytest.mark.parametrize(("write", "suffix"), [(specs.xy, "xy"), (specs.itx, "itx")])
def test_an_export_says_what_was_acquired(
    tmp_path: Path, write: Callable[[list[Region]], bytes], suffix: str
) -> None:
    one = found(tmp_path, write(REGIONS[:1]), suffix)
    assert one.common.items() >= {**COMMON, "comment": "as loaded"}.items()
    assert str(one.first_time) == WHEN
    assert one.instrument == "Prodigy"
    both = found(tmp_path, write(REGIONS), suffix)
    assert both.common["pass_energy"] == {"value": [50, 20], "unit": "eV"}
    assert both.common["sweeps"] == [2, 3]
    assert {"Region 1", "Region 2"} <= set(both.metadata)


def test_xy_keeps_group_and_export_apart_from_the_regions(tmp_path: Path) -> None:
    both = found(tmp_path, specs.xy(REGIONS), "xy")
    assert both.title == "Prodigy Au4f, C 1s"
    assert both.metadata["Export"]["Energy Axis"] == "Kinetic Energy"
    assert both.metadata["Region 2"]["Group"] == "1 as-loaded"
    assert both.metadata["Region 2"]["Cycles"] == 1
    assert both.metadata["Prodigy"] == {"Created by": f"SpecsLab Prodigy, Version {specs.VERSION}"}
    assert both.detectors == ("Phoibos",)


def test_xy_has_no_end_of_its_own(tmp_path: Path) -> None:
    assert not found(tmp_path, specs.xy(REGIONS), "xy").has_end


def test_a_comment_of_xy_goes_on_in_the_next_line(tmp_path: Path) -> None:
    content = specs.xy(REGIONS[:1]).replace(b"as loaded\n", b"as loaded\n# and heated\n")
    assert found(tmp_path, content, "xy").common["comment"] == "as loaded\nand heated"


@pytest.mark.parametrize("date", [b"02/29/15 10:00:00 UTC", b"yesterday UTC", b"9" * 5000])
def test_an_impossible_date_is_no_time(tmp_path: Path, date: bytes) -> None:
    content = specs.xy(REGIONS[:1]).replace(b"03/01/26 10:30:00 UTC", date)
    assert found(tmp_path, content, "xy").first_time is None


def test_dates_with_and_without_a_zone_do_not_meet(tmp_path: Path) -> None:
    content = specs.xy(REGIONS[:1]).replace(b"10:30:00 UTC", b"11:30:00", 1)
    assert str(found(tmp_path, content, "xy").first_time) == WHEN


def test_other_encodings_of_xy_are_read(tmp_path: Path) -> None:
    content = specs.xy(REGIONS[:1]).replace(b"as loaded", "60° of tilt".encode("latin-1"))
    assert found(tmp_path, content.replace(b"\n", b"\r\n"), "xy").common["comment"] == "60° of tilt"


def test_itx_that_is_cut_within_a_line_or_followed_by_zeros_is_not_whole(tmp_path: Path) -> None:
    content = specs.itx(REGIONS)
    cut = content.index(b"Parameters:", content.index(b"SetScale")) + 5
    assert found(tmp_path, content[:cut], "itx").missing == "its last line is not whole yet"
    copied = content[:cut].ljust(len(content), b"\0")
    assert found(tmp_path, copied, "itx").missing == "its last line is not whole yet"


def test_itx_is_whole_when_each_wave_has_its_end_and_its_scale(tmp_path: Path) -> None:
    content = specs.itx(REGIONS)
    assert found(tmp_path, content, "itx").missing == ""
    lines = content.splitlines(keepends=True)
    texts = set()
    for length in range(len(lines)):
        cut = read(tmp_path, b"".join(lines[:length]), "itx")
        if cut is not None and (cut.missing or b"WAVES" not in b"".join(lines[length:])):
            texts.add(cut.missing)
    assert texts == {
        "there are no data yet",
        "the data of wave 1 have no end yet",
        "wave 1 has no scale yet",
        "region 2 has no data yet",
        "the data of wave 2 have no end yet",
        "wave 2 has no scale yet",
    }


def test_itx_without_a_header_is_read(tmp_path: Path) -> None:
    content = b"IGOR\nWAVES/S/N=(2,1) 'a'\nBEGIN\n1\n2\nEND\nX SetScale/P x, 1, 2, \"eV\", 'a'\n"
    found_ = found(tmp_path, content, "itx")
    assert found_.missing == ""
    assert found_.metadata["Region 1"] == {"Axis x name": "eV", "Axis x first": 1, "Axis x step": 2}


def test_comments_of_itx_are_joined(tmp_path: Path) -> None:
    line = b"X //User Comment      = as loaded\n"
    content = specs.itx(REGIONS[:1]).replace(line, line + b"X //User Comment      = and heated\n")
    assert found(tmp_path, content, "itx").common["comment"] == "as loaded\nand heated"


def test_a_picture_is_read(tmp_path: Path) -> None:
    picture = found(tmp_path, specs.sp2(replace(REGIONS[0], slices=2)), "sp2")
    region = picture.metadata["Region 1"]
    assert picture.missing == ""
    assert (region["Width"], region["Height"]) == (21, 2)
    assert region["ERange [eV]"] == "138 139"
    assert picture.common["lens_mode"] == "Transmission"
    assert str(picture.first_time) == WHEN


def test_a_picture_waits_for_its_counts(tmp_path: Path) -> None:
    content = specs.sp2(REGIONS[0])
    assert found(tmp_path, content[:-6], "sp2").missing == "20 of 21 counts are there"
    assert found(tmp_path, content[:30], "sp2").missing == "the header is not whole"


def test_a_picture_of_another_program_is_none_of_ours(tmp_path: Path) -> None:
    assert read(tmp_path, specs.sp2(REGIONS[0]), "pgm") is None
    assert read(tmp_path, b"P2\nno sizes here\n", "sp2") is None


@pytest.mark.parametrize("suffix", ["xy", "itx", "sp2"])
def test_a_file_cut_anywhere_raises_nothing_but_our_errors(tmp_path: Path, suffix: str) -> None:
    content = specs.sp2(REGIONS[0]) if suffix == "sp2" else getattr(specs, suffix)(REGIONS)
    for length in range(0, len(content), 5):
        try:
            read(tmp_path, content[:length], suffix)
        except SciFlyError:
            continue
