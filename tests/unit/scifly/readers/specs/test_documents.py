"""Prodigy's `.sle` and SpecsLab 2's `.xml`."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scifly import Acquisition, read_file, readers
from scifly.errors import IncompleteError, UnreadableError
from scifly.readers.instrument_file import open_regular
from scifly.readers.specs.sle import ProdigyExperiment
from scizoo.simulation.instruments import specs
from scizoo.simulation.instruments.acquired import Region

REGIONS = [Region(comment="as loaded"), replace(Region(), name="C1s", pass_energy=20, sweeps=3)]


def found(path: Path) -> Acquisition:
    result = read_file(path, readers())
    assert result is not None
    return result[1]


def change(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement, values)


def test_an_experiment_grows_and_has_a_region_for_each_spectrum(tmp_path: Path) -> None:
    day = found(specs.sle(tmp_path / "day.sle", REGIONS))
    assert (day.grows, day.missing, day.title) == (True, "", "Prodigy Au4f, C1s")
    assert day.common["pass_energy"] == {"value": [50.0, 20.0], "unit": "eV"}
    assert day.common["lens_mode"] == "Transmission"
    region = day.metadata["Region 2"]
    assert (region["Group"], region["Scans acquired"], region["Scans unfinished"]) == ("as loaded", 3, 0)
    assert str(day.first_time) == "2026-03-01 10:30:00"


def test_an_unfinished_scan_is_counted(tmp_path: Path) -> None:
    day = found(specs.sle(tmp_path / "day.sle", REGIONS, unfinished=True))
    assert day.metadata["Region 2"]["Scans unfinished"] == 1


def test_a_spectrum_that_was_not_acquired_is_only_counted(tmp_path: Path) -> None:
    path = specs.sle(tmp_path / "day.sle", REGIONS)
    change(path, "DELETE FROM RawData WHERE Node = 2")
    day = found(path)
    assert (day.metadata["Prodigy"]["Spectra acquired"], day.metadata["Prodigy"]["Spectra scheduled"]) == (
        1,
        2,
    )
    assert "Region 2" not in day.metadata


@pytest.mark.parametrize(
    ("schedule", "why"),
    [
        ("<Experiment>", "no end yet"),
        ("<a></b>", "is no XML"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "entity"),
    ],
)
def test_a_damaged_schedule_leaves_the_spectra(tmp_path: Path, schedule: str, why: str) -> None:
    path = specs.sle(tmp_path / "day.sle", REGIONS)
    change(path, "UPDATE Configuration SET Value = ? WHERE Key = 'Schedule'", schedule)
    day = found(path)
    assert why in day.problems[0]
    assert day.metadata["Region 1"]["Epass"] == {"value": 50.0, "unit": "eV"}


def test_texts_of_another_encoding_are_read(tmp_path: Path) -> None:
    path = specs.sle(tmp_path / "day.sle", REGIONS)
    change(path, "UPDATE Configuration SET Value = CAST(x'4D69E9' AS TEXT) WHERE Key = 'AppVersion'")
    assert found(path).metadata["Prodigy"]["AppVersion"] == "Mi\ufffd"


def test_another_database_is_none_of_ours(tmp_path: Path) -> None:
    change(tmp_path / "other.sle", "CREATE TABLE a (b)")
    assert read_file(tmp_path / "other.sle", readers()) is None


def test_half_a_database_waits(tmp_path: Path) -> None:
    path = specs.sle(tmp_path / "day.sle", REGIONS)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(IncompleteError, match="SQLite cannot read it"):
        read_file(path, readers())


def test_a_view_that_never_ends_is_given_up(tmp_path: Path) -> None:
    path = specs.sle(tmp_path / "day.sle", REGIONS)
    change(path, "DROP TABLE RawData")
    change(
        path,
        "CREATE VIEW RawData AS WITH RECURSIVE n(Node) AS (SELECT 1 UNION ALL SELECT Node + 1 FROM n) "
        "SELECT Node, '' AS ScanDate, 1 AS Eexc, 1 AS WriteIndex FROM n",
    )
    with open_regular(path) as file, pytest.raises(IncompleteError, match=r"temporary file|nterrupt"):
        ProdigyExperiment(seconds=0.2).read(file)


def test_an_experiment_is_read_from_the_file_that_was_opened(tmp_path: Path) -> None:
    path = specs.sle(tmp_path / "day.sle", REGIONS)
    secret = specs.sle(tmp_path / "secret.sle", [replace(REGIONS[0], name="secret")])
    with open_regular(path) as file:
        path.unlink()
        path.symlink_to(secret)
        assert ProdigyExperiment().read(file).title == "Prodigy Au4f, C1s"


def test_a_document_of_specslab_is_read(tmp_path: Path) -> None:
    path = tmp_path / "PBTTT.xml"
    path.write_bytes(specs.specslab_xml(REGIONS))
    document = found(path)
    assert (document.title, document.missing, document.instrument) == ("SpecsLab Au4f, C1s", "", "SpecsLab")
    assert document.common["pass_energy"] == {"value": [50, 20], "unit": "eV"}
    assert document.metadata["Region 1"]["Group"] == "as loaded"
    assert document.detectors == ("PHOIBOS",)
    assert str(document.first_time) == "2026-03-01 10:30:00+00:00"


def test_a_document_of_specslab_waits_for_its_end(tmp_path: Path) -> None:
    content = specs.specslab_xml(REGIONS)
    path = tmp_path / "PBTTT.xml"
    for length in range(200, len(content) - 2, 11):
        path.write_bytes(content[:length])
        with pytest.raises(IncompleteError, match="the XML has no end yet"):
            read_file(path, readers())


@pytest.mark.parametrize("inside", ["<!ENTITY a 'b'>", "<!ENTITY a SYSTEM 'file:///etc/passwd'>"])
def test_no_entity_is_resolved(tmp_path: Path, inside: str) -> None:
    path = tmp_path / "x.xml"
    text = specs.specslab_xml(REGIONS).decode().replace("<any ", f"<!DOCTYPE any [{inside}]><any ", 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableError, match="declares an entity"):
        read_file(path, readers())


def test_a_document_of_many_levels_is_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    head = specs.specslab_xml(REGIONS).partition(b"<any ")[0]
    path.write_bytes(head + b"<a>" * 1000)
    with pytest.raises(UnreadableError, match="more than 200 levels"):
        read_file(path, readers())
