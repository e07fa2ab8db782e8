"""Messages into the shipped catalogue over HTTP: upsert, healing, and as few requests as possible."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scicow.errors import MessageUnfit, ProposalUnknown
from scicow.ingest.ingest import Ingestor
from scicow.scicat.client import ScicatClient
from scifish.common.clock import iso
from scifish.contract.scicat_names import stored_name
from scifish.errors import ProprietaryError
from support.scicat.fault_proxy import FaultProxy
from support.scicow.ingest import (
    BEGIN,
    PROPOSAL,
    SECRET,
    Desk,
    dataset_of,
    file,
    ingestor,
    message,
    new_pid,
    scan,
    seen,
)


def test_a_scan_becomes_a_dataset_with_all_fields(cow: Ingestor, catalogue: ScicatClient) -> None:
    pid = new_pid()
    for one in scan(pid):
        done = cow.ingest(one)
    assert (done.dataset_pid, done.sequence, done.changed, done.marks) == (pid, 2, True, ())
    dataset = dataset_of(catalogue, pid)
    expected = {
        "type": "raw",
        "datasetName": "scan_1",
        "description": "ascan mot01 0 1 10 0.1",
        "ownerGroup": "20260001-group",
        "accessGroups": ["b303a"],
        "owner": "Ada Berg",
        "principalInvestigators": ["Ada Berg"],
        "contactEmail": "ada@example.org",
        "proposalIds": ["20260001"],
        "sampleIds": ["cup-3"],
        "creationLocation": "b303a",
        "startTime": iso(BEGIN),
        "endTime": iso(BEGIN + timedelta(minutes=5)),
        "runNumber": "7",
        "keywords": ["films"],
        "numberOfFiles": 2,
        "size": 200,
    }
    assert {name: dataset.get(name) for name in expected} == expected
    metadata = dataset["scientificMetadata"]
    assert metadata["scan"] == {
        "title": "ascan mot01 0 1 10 0.1",
        "scanID": 7,
        "detectors": [],
        "_user": "opsusr",
        "exitStatus": "normal",
    }
    assert metadata["proposal"] == {"title": "Order in thin films", "abstract": "We look at films."}
    assert metadata["energy"]["value"] == 712.5
    assert dataset["datasetlifecycle"]["archiveStatusMessage"] == "datasetCreated"


def test_proposal_sample_and_instrument_are_made_once_and_linked(
    cow: Ingestor, catalogue: ScicatClient, proxy: FaultProxy
) -> None:
    for pid in (new_pid(), new_pid()):
        for one in scan(pid):
            cow.ingest(one)
    assert proxy.count("POST", "/instruments") <= 1
    instruments = catalogue.session.request("GET", "/api/v3/instruments")
    named = [one["pid"] for one in instruments if one["uniqueName"] == "FlexPES"]
    assert dataset_of(catalogue, pid)["instrumentIds"] == named
    sample = catalogue.session.request("GET", "/api/v3/samples/cup-3")
    assert (sample["proposalId"], sample["ownerGroup"]) == (PROPOSAL.id, PROPOSAL.group)
    proposal = catalogue.session.request("GET", f"/api/v3/proposals/{PROPOSAL.id}")
    assert (proposal["title"], proposal["abstract"]) == (PROPOSAL.title, PROPOSAL.abstract)


def test_start_and_end_cost_two_requests_and_one_for_the_files(cow: Ingestor, proxy: FaultProxy) -> None:
    warm = new_pid()  # log-in, the proposal's record, and how this SciCat takes patches
    cow.ingest(message(warm))
    cow.ingest(message(warm, "end", 1))
    pid, before = new_pid(), len(proxy.seen)
    cow.ingest(message(pid))
    cow.ingest(message(pid, "end", 1, dataset={"files": [file(1)]}))
    assert proxy.seen[before:] == [
        ("POST", "/api/v4/datasets"),
        ("PATCH", f"/api/v4/datasets/{pid}"),
        ("POST", "/api/v3/origdatablocks"),
    ]


def test_repetition_changes_nothing(cow: Ingestor, catalogue: ScicatClient) -> None:
    pid = new_pid()
    for one in scan(pid):
        cow.ingest(one)
    before = seen(catalogue, pid), dataset_of(catalogue, pid)["updatedAt"]
    for one in scan(pid) + list(reversed(scan(pid))):
        assert not cow.ingest(one).changed
    assert (seen(catalogue, pid), dataset_of(catalogue, pid)["updatedAt"]) == before


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_order_repetition_and_subset_with_the_last_ends_in_the_same_dataset(
    data: st.DataObject, cow: Ingestor, catalogue: ScicatClient
) -> None:
    straight, mixed = new_pid(), new_pid()
    for one in scan(straight, files=3):
        cow.ingest(one)
    messages = scan(mixed, files=3)
    others = data.draw(st.lists(st.sampled_from([0, 0, 1, 2]), max_size=5))
    for number in data.draw(st.permutations([*others, 2])):
        cow.ingest(messages[number])
    assert seen(catalogue, mixed) == seen(catalogue, straight)


def test_what_people_edit_stays(cow: Ingestor, catalogue: ScicatClient) -> None:
    pid = new_pid()
    start, update, end = scan(pid)
    cow.ingest(start)
    cow.ingest(update)
    edits = {
        "comment": "best of the night",
        "dataQualityMetrics": 4,
        "description": "the good one",
        "keywords": ["favourite"],
        "scientificMetadata": {"note": "mine", "slits": {"seen": True}},
    }
    catalogue.patch_dataset(pid, edits)
    assert cow.ingest(end).changed
    dataset = dataset_of(catalogue, pid)
    assert (dataset["comment"], dataset["dataQualityMetrics"]) == ("best of the night", 4)
    assert (dataset["description"], dataset["keywords"]) == ("the good one", ["favourite"])
    assert dataset["scientificMetadata"]["note"] == "mine"
    assert dataset["scientificMetadata"]["slits"]["seen"] is True
    assert dataset["scientificMetadata"]["scan"]["exitStatus"] == "normal"


def test_another_scicow_writes_between_two_messages(
    cow: Ingestor, minicat: str, tmp_path: Path, catalogue: ScicatClient
) -> None:
    pid = new_pid()
    start, update, end = scan(pid)
    cow.ingest(start)
    (tmp_path / "other").mkdir()
    with ingestor(minicat, tmp_path / "other") as other:
        other.ingest(end)
    cow.ingest(update)  # remembers the dataset of before: SciCat says 412, it is read again
    assert dataset_of(catalogue, pid)["scientificMetadata"]["scizoo"]["sequence"] == 2
    assert dataset_of(catalogue, pid)["endTime"]


def test_whatever_is_missing_is_made(
    cow: Ingestor, catalogue: ScicatClient, minicat: str, tmp_path: Path
) -> None:
    pid = new_pid()
    for one in scan(pid):
        cow.ingest(one)
    complete = seen(catalogue, pid)
    for block in catalogue.datablocks(pid):
        catalogue.remove_datablock(block["_id"])
    catalogue.patch_dataset(pid, {"endTime": None, "scientificMetadata": {"energy": None}})
    (tmp_path / "new").mkdir()
    with ingestor(minicat, tmp_path / "new") as fresh:
        fresh.ingest(scan(pid)[2])
    assert seen(catalogue, pid) == complete


def test_a_sample_of_the_same_name_in_another_proposal_gets_its_own_record(
    cow: Ingestor, catalogue: ScicatClient
) -> None:
    foreign = {"sampleId": "disc", "ownerGroup": "others", "proposalId": "20259999"}
    catalogue.session.request("POST", "/api/v3/samples", foreign)
    pid = new_pid()
    cow.ingest(message(pid, dataset={"sampleId": "disc"}))
    assert dataset_of(catalogue, pid)["sampleIds"] == ["20260001-disc"]


def test_proprietary_never_reaches_scicat(proxy: FaultProxy, tmp_path: Path) -> None:
    messages = [
        message(new_pid(), proposal={"category": "proprietary"}),
        message(new_pid(), proposal={"id": SECRET.id}),
        message(new_pid(), proposal={"id": "IN-42"}),
        message(new_pid(), dataset={"sourceFolder": "/data/proprietary/b303a/20260777/2026030108/raw"}),
    ]
    with ingestor(proxy.url, tmp_path, Desk(PROPOSAL, SECRET)) as cow:
        for one in messages:
            with pytest.raises(ProprietaryError):
                cow.ingest(one)
    assert proxy.seen == []


def test_a_proposal_that_nobody_knows_needs_a_person(cow: Ingestor, proxy: FaultProxy) -> None:
    with pytest.raises(ProposalUnknown, match="20269999"):
        cow.ingest(message(new_pid(), proposal={"id": "20269999"}))
    assert proxy.seen == []


def test_what_is_too_large_for_scicat_is_unfit_and_never_sent(
    proxy: FaultProxy, tmp_path: Path, catalogue: ScicatClient
) -> None:
    pid = new_pid()
    large = message(pid, dataset={"scientificMetadata": {"curve": {"value": "x" * 30_000}}})
    small = {"body_limit": 20_000}
    with ingestor(proxy.url, tmp_path, scicat=small) as cow, pytest.raises(MessageUnfit, match="body_limit"):
        cow.ingest(large)
    assert proxy.count("POST", "/datasets") == 0
    assert catalogue.dataset(pid) is None


def test_what_would_make_a_dataset_too_large_for_mongodb_is_unfit_and_never_sent(
    cow: Ingestor, proxy: FaultProxy
) -> None:
    pid = new_pid()
    cow.ingest(message(pid, dataset={"scientificMetadata": {"one": "x" * 9_000_000}}))
    with pytest.raises(MessageUnfit, match="MongoDB holds"):
        cow.ingest(message(pid, "update", 1, dataset={"scientificMetadata": {"two": "x" * 8_000_000}}))
    assert proxy.count("PATCH", f"/datasets/{pid}") <= 1  # the empty one that asks how patches are taken


def test_numbers_that_json_has_not_and_strange_names_arrive(cow: Ingestor, catalogue: ScicatClient) -> None:
    odd = {
        "a.b": {"value": float("nan"), "unit": "mm"},
        "c%2Ed": 1,
        "$set": {"e": 2},
        "Å/é \0": "ü",
        "n": None,
    }
    pid = new_pid()
    cow.ingest(message(pid, dataset={"scientificMetadata": {"odd": odd}}))
    assert not cow.ingest(message(pid, dataset={"scientificMetadata": {"odd": odd}})).changed
    found = dataset_of(catalogue, pid)["scientificMetadata"]["odd"]
    assert found[stored_name("a.b")]["value"] == "NaN"
    assert found["c%2Ed"] == 1
    assert "n" not in found
