"""Ingested while the user office was down, verified when it is back."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from scicow.scicat.client import ScicatClient
from support.scicow.ingest import (
    PROPOSAL,
    SECRET,
    Desk,
    dataset_of,
    ingestor,
    message,
    new_pid,
    running_minicat,
    scan,
)


@pytest.fixture
def minicat(tmp_path: Path) -> Iterator[str]:
    """One of its own: a pass goes over all marked datasets."""
    with running_minicat(tmp_path / "minicat") as url:
        yield url


def test_the_office_comes_back(minicat: str, tmp_path: Path, catalogue: ScicatClient) -> None:
    desk, pid = Desk(PROPOSAL), new_pid()
    desk.down = True
    with ingestor(minicat, tmp_path, desk) as cow:
        for one in scan(pid):
            done = cow.ingest(one)
        assert done.marks == ("proposal not verified: the office is closed",)
        before = dataset_of(catalogue, pid)
        assert (before["ownerGroup"], before["validationStatus"]) == ("ingestor", "proposal not verified")
        assert before["scientificMetadata"]["scizoo"]["marks"] == list(done.marks)
        still = cow.verify()
        assert (still.verified, still.waiting) == (0, 1)
        desk.down = False
        passed = cow.verify()
        assert (passed.verified, passed.waiting, passed.refused) == (1, 0, ())
        after = dataset_of(catalogue, pid)
        assert (after["ownerGroup"], after["validationStatus"]) == ("20260001-group", "proposal verified")
        assert after["principalInvestigators"] == ["Ada Berg"]
        assert after["scientificMetadata"]["proposal"]["title"] == PROPOSAL.title
        assert after["scientificMetadata"]["scizoo"]["marks"] == []
        assert cow.verify().verified == 0
        assert not cow.ingest(scan(pid)[2]).changed  # the same as if the office had never been down


def test_a_guess_never_replaces_what_the_office_said(
    minicat: str, tmp_path: Path, catalogue: ScicatClient
) -> None:
    desk, pid = Desk(PROPOSAL), new_pid()
    start, update, end = scan(pid)
    with ingestor(minicat, tmp_path, desk) as cow:
        cow.ingest(start)
    desk.down = True
    (tmp_path / "new").mkdir()  # another host, whose cache has never heard of the proposal
    with ingestor(minicat, tmp_path / "new", desk) as cow:
        assert cow.ingest(update).marks == ("proposal not verified: the office is closed",)
        between = dataset_of(catalogue, pid)
        assert (between["ownerGroup"], between["owner"]) == ("20260001-group", "Ada Berg")
        assert between["validationStatus"] == "proposal not verified"
        desk.down = False
        cow.ingest(end)
        after = dataset_of(catalogue, pid)
        assert (after["ownerGroup"], after["validationStatus"]) == ("20260001-group", "proposal verified")
        assert after["scientificMetadata"]["scizoo"]["marks"] == []


def test_all_pages_are_gone_over(minicat: str, tmp_path: Path, catalogue: ScicatClient) -> None:
    desk = Desk(PROPOSAL)
    desk.down = True
    with ingestor(minicat, tmp_path, desk) as cow:
        for _ in range(120):
            cow.ingest(message(new_pid()))
        desk.down = False
        assert cow.verify().verified == 120


def test_what_a_person_moved_meanwhile_stays(minicat: str, tmp_path: Path, catalogue: ScicatClient) -> None:
    desk, pid = Desk(PROPOSAL), new_pid()
    desk.down = True
    with ingestor(minicat, tmp_path, desk) as cow:
        cow.ingest(message(pid))
        catalogue.patch_dataset(pid, {"ownerGroup": "rescued"})
        desk.down = False
        cow.verify()
    assert dataset_of(catalogue, pid)["ownerGroup"] == "rescued"


@pytest.mark.parametrize("what", ["unknown", "proprietary"])
def test_what_the_office_refuses_is_said_and_hidden(
    minicat: str, tmp_path: Path, catalogue: ScicatClient, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    desk, pid = Desk(SECRET), new_pid()
    desk.down = True
    proposal = {"id": SECRET.id if what == "proprietary" else "20269999"}
    with ingestor(minicat, tmp_path, desk) as cow:
        cow.ingest(message(pid, proposal=proposal))
        desk.down = False
        with caplog.at_level(logging.ERROR):
            refused = cow.verify().refused
        assert cow.verify().refused == ()
    assert len(refused) == 1
    assert what.replace("unknown", "does not know") in refused[0]
    assert pid in caplog.text
    dataset = dataset_of(catalogue, pid)
    assert dataset["validationStatus"] == "proposal refused"
    assert dataset["accessGroups"] == ([] if what == "proprietary" else ["b303a"])
