"""The contract of a source: the same cases against the file, DUO and SciCat."""

from datetime import datetime, timezone
from pathlib import Path

import pytest

from sdm import OfficeUnavailable, ProposalsSettings, open_proposals, valid_here_now
from sdm.simulator import Simulator
from support.sdm import entry, write_proposals


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=timezone.utc)


def test_a_proposal_is_the_same_from_every_source(settings: ProposalsSettings) -> None:
    found = open_proposals(settings).find("20260001")
    assert found is not None
    assert (found.id, found.title, found.abstract) == ("20260001", "Title of 20260001", "Å, µ and 文")
    assert (found.group, found.category, found.code) == ("20260001-group", "visitors", None)
    assert found.pi is not None
    assert (found.pi.name, found.pi.email) == ("Astrid Lindqvist", "al@example.org")
    assert set(found.beamlines) == {"demo", "b303a"}


def test_times_are_local_to_the_facility(settings: ProposalsSettings) -> None:
    found = open_proposals(settings).find("20260001")
    assert found is not None
    summer, winter = found.visits
    assert (summer.id, summer.begin, summer.end) == ("2026070108", utc(2026, 7, 1, 6), utc(2026, 7, 4, 6))
    assert (winter.begin, winter.end) == (utc(2027, 1, 11, 7), utc(2027, 1, 14, 19, 30))


def test_beamtime_is_a_matter_of_beamline_and_time(settings: ProposalsSettings) -> None:
    found = open_proposals(settings).find("20260001")
    assert found is not None
    assert valid_here_now(found, "DEMO", utc(2026, 7, 2)).ok
    assert not valid_here_now(found, "b303a", utc(2026, 7, 2)).ok


def test_code_in_is_proprietary(settings: ProposalsSettings) -> None:
    found = open_proposals(settings).find("20260003")
    assert found is not None
    assert found.proprietary


@pytest.mark.parametrize("unknown", ["20269999", "nothing", "../20260001", "", "a/b"])
def test_what_the_office_does_not_know_is_none(settings: ProposalsSettings, unknown: str) -> None:
    assert open_proposals(settings).find(unknown) is None


def test_what_changes_is_seen(settings: ProposalsSettings, proposals: Path) -> None:
    office = open_proposals(settings)
    assert office.find("20260001") is not None
    write_proposals(proposals, entry("20260007"))
    assert office.find("20260001") is None
    assert office.find("20260007") is not None


def test_a_broken_answer_is_no_answer(settings: ProposalsSettings, proposals: Path) -> None:
    office = open_proposals(settings)
    proposals.write_text("proposals: [{id: 20260001, visits: [{begin: never}]}]", encoding="utf-8")
    with pytest.raises(OfficeUnavailable):
        office.find("20260001")


def test_nothing_is_asked_before_the_first_lookup(settings: ProposalsSettings, simulator: Simulator) -> None:
    open_proposals(settings)
    assert simulator.requests == 0
