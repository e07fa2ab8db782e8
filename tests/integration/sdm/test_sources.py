"""The contract of a source: the same cases against the file, DUO and SciCat."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from sdm import (
    SDM,
    CategoryRefused,
    OfficeUnavailable,
    ProposalsSettings,
    SdmSettings,
    Storage,
    StorageSettings,
    open_proposals,
    valid_here_now,
)
from sdm.testing.simulator import Simulator
from support.sdm.offices import duo_settings, entry
from support.sdm.sources import FileSource, Source


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


def test_type_p_is_proprietary_from_every_source(source: Source) -> None:
    source.write(
        entry("20260004", prop_type="P"),
        entry("20260005", prop_type="B"),
        entry("20260006", category="proprietary", prop_type="N", code="in"),
    )
    office = open_proposals(source.settings)
    found = {name: office.find(name) for name in ("20260004", "20260005", "20260006")}
    assert {name: one and (one.proprietary, one.prop_type) for name, one in found.items()} == {
        "20260004": (True, "P"),
        "20260005": (False, "B"),
        "20260006": (True, "N"),
    }


def test_the_main_proposer_is_the_same_from_every_source(source: Source) -> None:
    marco = {"firstname": "Marco", "lastname": "Bianchi", "email": "mb@example.org"}
    source.write(entry("20260004", proposer=marco), entry("20260005"))
    office = SDM(production=True, settings=SdmSettings(proposals=source.settings)).uo
    assert office.get_proposal_proposer("20260004") == {**marco, "username": ""}
    assert office.get_proposal_proposer(20260005)["lastname"] == "Lindqvist"


def test_the_proposals_of_a_beamline(source: Source) -> None:
    now = {"begin": "2026-07-01 08:00:00", "end": "2026-07-04 08:00:00"}
    source.write(
        *(entry(f"2026000{n}", beamlines=["b303a"], visits=[now]) for n in (1, 3, 5, 7)),
        entry("20260002", visits=[now]),
    )
    office = open_proposals(source.settings)
    assert office.ids_at("b303a") == ("20260001", "20260003", "20260005", "20260007")
    assert office.ids_at("demo") == ("20260002",)
    assert office.ids_at("b999") == ()


def test_the_proposals_of_a_beamline_while_the_office_is_down(
    source: Source,
) -> None:
    office = open_proposals(source.settings)
    source.fail()
    with pytest.raises(OfficeUnavailable):
        office.ids_at("demo")
    source.write(entry("20260001"), entry("20260003"))
    assert office.find("20260001") is not None  # and so it is kept
    source.fail()
    assert office.ids_at("demo") == ("20260001",)


def test_who_may_measure_here_now_by_the_schedule(source: Source) -> None:
    at, margin = datetime(2026, 7, 4, 12, tzinfo=timezone.utc), timedelta(hours=8)
    now = {"begin": "2026-07-01 08:00:00", "end": "2026-07-04 08:00:00"}
    later = {"begin": "2026-08-01 08:00:00", "end": "2026-08-04 08:00:00"}
    source.write(
        entry("20260001", beamlines=["b303a"], visits=[later, now]),
        entry("20260003", beamlines=["b303a"], visits=[later]),
        entry("20260002", visits=[now]),
    )
    office = open_proposals(source.settings)
    assert office.scheduled("b303a", at, margin) == ("20260001",)
    assert office.scheduled("b303a", at, timedelta(hours=1)) == ()  # it ended 6 hours before
    source.fail()
    with pytest.raises(OfficeUnavailable):
        office.scheduled("b303a", at, margin)
    source.write(entry("20260001"))
    assert office.find("20260001") is not None  # and so it is kept
    source.fail()
    assert office.scheduled("demo", at, margin) == ("20260001",)


def test_no_folder_is_made_while_nobody_can_tell_whether_data_are_proprietary(
    source: Source, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    made = StorageSettings(root=tmp_path / "data", apply_group=False)
    visitors = Storage("visitors", "demo", SdmSettings(proposals=source.settings, storage=made))
    assert visitors.create_path("20260001", None, "20260701").endswith("/20260001/20260701/raw")
    with pytest.raises(CategoryRefused, match="proposal 20260003 is proprietary"):
        visitors.create_path(20260003, None, "20260701")
    source.fail()
    with pytest.raises(CategoryRefused, match="20260007 is proprietary is not known"):
        visitors.create_path("20260007", None, "20260701")
    with pytest.raises(CategoryRefused, match="proposal 20260003 is proprietary"):
        visitors.create_path(20260003, None, "20260701")
    assert visitors.create_path("20260001", None, "20260702").endswith("/20260001/20260702/raw")


@pytest.mark.parametrize("unknown", ["20269999", "nothing", "../20260001", "", "a/b"])
def test_what_the_office_does_not_know_is_none(settings: ProposalsSettings, unknown: str) -> None:
    assert open_proposals(settings).find(unknown) is None


def test_what_changes_is_seen(source: Source) -> None:
    office = open_proposals(source.settings)
    assert office.find("20260001") is not None
    source.write(entry("20260007"))
    assert office.find("20260001") is None
    assert office.find("20260007") is not None


@pytest.mark.parametrize("source", ["file", "duo"], indirect=True)  # SciCat takes no such thing
def test_a_broken_answer_is_no_answer(source: Source) -> None:
    assert isinstance(source, FileSource)
    office = open_proposals(source.settings)
    source.path.write_text("proposals: [{id: 20260001, visits: [{begin: never}]}]", encoding="utf-8")
    with pytest.raises(OfficeUnavailable):
        office.find("20260001")


def test_nothing_is_asked_before_the_first_lookup(simulator: Simulator, tmp_path: Path) -> None:
    open_proposals(duo_settings(simulator, tmp_path))
    assert simulator.requests == 0
