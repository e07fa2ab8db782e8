"""The source `file`: what an operator writes, read again when it changed, refused with where and what."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from scifish.errors import SettingsError
from sdm import OfficeUnavailable
from sdm.offices.file import FileProposals, read_proposals
from support.sdm.offices import entry, write_proposals

ZURICH = ZoneInfo("Europe/Zurich")


def read(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    read_proposals(path, ZURICH)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "proposals.yaml"


def test_times_with_a_zone_are_taken_as_written(path: Path) -> None:
    visits = [{"begin": "2026-07-01T08:00:00Z", "end": "2026-07-01T16:00:00+02:00"}]
    write_proposals(path, entry("20260001", visits=visits))
    visit = read_proposals(path, ZURICH)["20260001"].visits[0]
    assert (visit.begin.isoformat(), visit.end.isoformat(), visit.id) == (
        "2026-07-01T08:00:00+00:00",
        "2026-07-01T14:00:00+00:00",
        "2026070110",
    )


def test_the_hour_that_comes_twice_is_its_first(path: Path) -> None:
    visits = [{"begin": "2026-10-25 02:30:00", "end": "2026-10-25 12:00:00"}]
    write_proposals(path, entry("20260001", visits=visits))
    assert read_proposals(path, ZURICH)["20260001"].visits[0].begin.isoformat() == "2026-10-25T00:30:00+00:00"


def test_an_id_may_be_written_as_a_number(path: Path) -> None:
    path.write_text("proposals: [{id: 20260001, beamlines: [B303A]}]", encoding="utf-8")
    assert read_proposals(path, ZURICH)["20260001"].beamlines == ("b303a",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("proposals: [{id: '1', titel: x}]", "unknown key 'proposals.0.titel'; did you mean 'title'?"),
        ("proposals: [{title: x}]", "key 'proposals.0.id' is missing"),
        ("proposals: [{id: '1'}, {id: '1'}]", "proposal 1 stands there twice"),
        ("proposals: [{id: 'a/b'}]", "proposal a/b: id"),
        ("proposals: [{id: '1', visits: [{begin: 2026-01-01, end: 2026-01-02}]}]", "names no beamline"),
        (
            "proposals: [{id: '1', beamlines: [x], visits: [{begin: 2026-01-02, end: 2026-01-01}]}]",
            "not after its begin",
        ),
        ("- a list", "holds a list"),
        ("proposals: [", "is not YAML"),
    ],
)
def test_a_mistake_is_named(path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(path, text)
    assert str(caught.value).startswith(str(path))
    assert words in str(caught.value)


def test_a_change_is_seen_also_after_a_mistake(path: Path) -> None:
    office = FileProposals(path, ZURICH)
    with pytest.raises(OfficeUnavailable, match="cannot be read"):
        office.find("20260001")
    write_proposals(path, entry("20260001"))
    assert office.find("20260001") is not None
    path.write_text("proposals: [", encoding="utf-8")
    with pytest.raises(OfficeUnavailable):
        office.find("20260001")
    write_proposals(path, entry("20260002"))
    assert (office.find("20260001"), office.find("20260002") is None) == (None, False)


def test_an_unchanged_file_is_not_read_again(path: Path) -> None:
    office = FileProposals(write_proposals(path, entry("20260001")), ZURICH)
    office.find("20260001")
    before = path.stat()
    content = path.read_bytes().replace(b"20260001", b"20260002")
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert office.find("20260001") is not None
