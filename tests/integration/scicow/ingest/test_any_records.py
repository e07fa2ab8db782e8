"""What stands beside the datasets in any SciCat: samples, instruments, proposals, the office's word."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from scicow.ingest.ingest import Ingestor
from scicow.ingest.links import proposal_fields
from scicow.ingest.mapping import UNVERIFIED, VERIFIED
from scicow.scicat.client import ScicatClient
from scicow.scicat.linked_records import PERIODS
from scicow.settings.catalogue import IngestSettings
from support.scicat.fault_proxy import FaultProxy
from support.scicow.any_scan import counts, scan
from support.scicow.ingest import (
    PROPOSAL,
    Desk,
    Place,
    dataset_of,
    message,
    new_pid,
    scicow,
)


@pytest.fixture
def cow(way: FaultProxy, place: Place, tmp_path: Path) -> Iterator[Ingestor]:
    with scicow((way.url, place[1]), tmp_path) as made:
        yield made


def test_samples_and_instruments_with_any_name_are_made_once_and_linked(
    cow: Ingestor, eyes: ScicatClient, place: Place, tmp_path: Path, way: FaultProxy
) -> None:
    sample = f"scan {random.randrange(10_000, 200_000)}"  # which JavaScript takes for a date
    pids = [new_pid(), new_pid()]
    for pid in pids:
        for one in scan(pid, sample):
            assert cow.ingest(one).marks == ()
    with scicow(place, tmp_path) as restarted:
        assert restarted.ingest(scan(new_pid(), sample)[2]).marks == ()
    assert way.count("POST", "/samples") == 1
    assert way.count("POST", "/instruments") <= 1
    datasets = [dataset_of(eyes, pid) for pid in pids]
    assert [one["sampleIds"] for one in datasets] == [[sample], [sample]]
    assert datasets[0]["instrumentIds"] == datasets[1]["instrumentIds"] != []
    assert [one["proposalIds"] for one in datasets] == [[PROPOSAL.id], [PROPOSAL.id]]


def test_a_proposal_is_written_once_and_again_only_when_it_has_changed(
    place: Place, tmp_path: Path, way: FaultProxy, eyes: ScicatClient
) -> None:
    known = PROPOSAL.model_copy(update={"id": str(random.randrange(10**8, 10**9))})
    changed = known.model_copy(update={"title": "Order in thicker films"})
    whole = proposal_fields(known, str(known.group), IngestSettings())
    eyes.session.request("POST", "/api/v3/proposals", {**whole, "accessGroups": ["readers"]})
    marks: list[str] = []
    for office in (known, known, changed, changed):
        with scicow((way.url, place[1]), tmp_path, Desk(office)) as cow:
            marks += cow.ingest(message(new_pid(), proposal={"id": known.id})).marks
    if marks:
        assert len(marks) == 2
        assert "SciCat before v4.20 cannot change a proposal" in marks[0]
        pytest.skip("this SciCat has no trait: periods changed")
    assert way.count("PATCH", "/proposals") == 1
    record = eyes.session.request("GET", f"/api/v3/proposals/{known.id}")
    assert (record["title"], record["accessGroups"]) == ("Order in thicker films", ["readers"])
    assert [one["instrument"] for one in record[PERIODS]] == ["b303a"]


def test_a_dataset_is_verified_when_the_office_is_back(
    place: Place, tmp_path: Path, eyes: ScicatClient
) -> None:
    desk, pid = Desk(PROPOSAL), new_pid()
    desk.down = True
    with scicow(place, tmp_path, desk) as cow:
        for one in scan(pid):
            cow.ingest(one)
        assert dataset_of(eyes, pid)["validationStatus"] == UNVERIFIED
        desk.down = False
        for _ in range(2):  # the first pass may have asked how this SciCat takes patches
            cow.verify()
    dataset = dataset_of(eyes, pid)
    assert (dataset["validationStatus"], dataset["ownerGroup"]) == (VERIFIED, PROPOSAL.group)
    assert counts(eyes, pid) == (3, 350)
