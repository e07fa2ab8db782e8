"""Whole scans into a catalogue: minicat, or the real SciCat that SCICAT_URL names. One set of tests."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scicow.dataset.metadata_names import stored
from scicow.ingest.ingest import Ingestor
from scicow.scicat.client import ScicatClient
from support.scicat.fault_proxy import FaultProxy
from support.scicow.any_scan import NAMES, counts, metadata, scan
from support.scicow.ingest import (
    BEGIN,
    Place,
    dataset_of,
    file,
    message,
    new_pid,
    scicow,
    seen,
)
from support.scicow.reconcile import mended, reconciler

# Without this header a SciCat is as one before v4.27: it never refuses a patch of what was changed meanwhile.
DROPPED = (frozenset[str](), frozenset({"if-unmodified-since"}))


@pytest.fixture
def cow(way: FaultProxy, place: Place, tmp_path: Path) -> Iterator[Ingestor]:
    with scicow((way.url, place[1]), tmp_path) as made:
        yield made


def without_si(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return {name: without_si(one) for name, one in entry.items() if name not in ("valueSI", "unitSI")}


def recorded(client: ScicatClient, pid: str) -> Any:
    """Return a dataset's metadata, but for what SciCow and SciCat add, under the names of the catalogue."""
    found = dataset_of(client, pid)["scientificMetadata"]
    own = {"scizoo", "scan", "proposal"}
    return without_si(stored({name: one for name, one in found.items() if name not in own}))


def test_a_scan_is_whole_after_its_last_message(cow: Ingestor, eyes: ScicatClient) -> None:
    pid = new_pid()
    for one in scan(pid):
        assert cow.ingest(one).marks == ()
    assert recorded(eyes, pid) == stored(metadata(3.5, late={"x y": 2}))
    dataset = dataset_of(eyes, pid)
    assert dataset["endTime"]
    assert [one["name"] for one in dataset["techniques"]] == ["x-ray absorption", "other"]
    assert counts(eyes, pid) == (3, 350)
    assert [one["caption"] for one in eyes.attachments(pid)] == ["spectrum"]


def test_a_value_with_a_unit_is_converted_after_each_change(cow: Ingestor, eyes: ScicatClient) -> None:
    pid = new_pid()
    for one in scan(pid):
        cow.ingest(one)
    found = dataset_of(eyes, pid)["scientificMetadata"]["plain"]["plain"]
    assert (found["value"], found["unit"], found["unitSI"]) == (3.5, "mm", "m")
    assert found["valueSI"] == pytest.approx(0.0035)


def test_repetition_changes_nothing_nor_does_a_restart(
    cow: Ingestor, eyes: ScicatClient, place: Place, tmp_path: Path
) -> None:
    pid = new_pid()
    for one in scan(pid):
        cow.ingest(one)
    before = seen(eyes, pid), dataset_of(eyes, pid)["updatedAt"]
    for one in [*scan(pid), *reversed(scan(pid))]:
        assert not cow.ingest(one).changed
    with scicow(place, tmp_path) as fresh:
        for one in scan(pid):
            fresh.ingest(one)  # the first may have asked how this SciCat takes patches
        assert not any(fresh.ingest(one).changed for one in scan(pid))
    assert seen(eyes, pid) == before[0]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_ends_in_the_same_dataset(
    seed: int, cow: Ingestor, eyes: ScicatClient, place: Place, tmp_path: Path
) -> None:
    straight, mixed = new_pid(), new_pid()
    for one in scan(straight):
        cow.ingest(one)
    messages = scan(mixed)
    order = [*messages, *random.Random(seed).sample(messages, 2)]
    random.Random(seed).shuffle(order)
    with scicow(place, tmp_path) as other:
        for number, one in enumerate(order):
            (cow if number % 2 else other).ingest(one)
    assert seen(eyes, mixed) == seen(eyes, straight)


def test_several_messages_as_one_change_end_in_the_same_dataset(cow: Ingestor, eyes: ScicatClient) -> None:
    straight, coalesced = new_pid(), new_pid()
    for one in scan(straight):
        cow.ingest(one)
    first, *rest = scan(coalesced)
    cow.ingest(first)
    cow.ingest(*rest)
    assert seen(eyes, coalesced) == seen(eyes, straight)


@pytest.mark.parametrize("dropped", DROPPED)
def test_an_older_message_of_another_scicow_overwrites_nothing(
    *,
    dropped: frozenset[str],
    cow: Ingestor,
    eyes: ScicatClient,
    place: Place,
    tmp_path: Path,
    way: FaultProxy,
) -> None:
    way.dropped = dropped
    pid = new_pid()
    start, update, end, _ = scan(pid)
    cow.ingest(start)
    with scicow(place, tmp_path) as other:
        other.ingest(end)
    cow.ingest(update)  # it remembers the dataset of before the end
    assert recorded(eyes, pid) == stored(metadata(3.5, late={"x y": 2}))
    assert dataset_of(eyes, pid)["scientificMetadata"]["scizoo"]["sequence"] == 2
    assert counts(eyes, pid) == (2, 200)


@pytest.mark.parametrize("dropped", DROPPED)
def test_what_a_person_edits_between_two_messages_stays(
    dropped: frozenset[str], cow: Ingestor, eyes: ScicatClient, way: FaultProxy
) -> None:
    way.dropped = dropped
    pid = new_pid()
    start, update, end, _ = scan(pid)
    cow.ingest(start)
    cow.ingest(update)
    mine = {"my note": {"a b": "mine"}, "late": {"x y": 1, "of a person": 5}}
    eyes.patch_dataset(pid, {"description": "the good one", "keywords": ["best"], "scientificMetadata": mine})
    cow.ingest(end)
    dataset = dataset_of(eyes, pid)
    assert (dataset["description"], dataset["keywords"]) == ("the good one", ["best"])
    late = {"x y": 2, "of a person": 5}
    assert recorded(eyes, pid) == stored(metadata(3.5, late=late, **{"my note": {"a b": "mine"}}))


def test_a_patch_keeps_the_counts(
    cow: Ingestor, eyes: ScicatClient, place: Place, tmp_path: Path, way: FaultProxy
) -> None:
    pid = new_pid()
    start, _, end, _ = scan(pid)
    cow.ingest(start)
    cow.ingest(end)
    block = {"datasetId": pid, "size": 50, "dataFileList": [file(9, 50) | {"time": BEGIN.isoformat()}]}
    eyes.session.request("POST", "/api/v3/origdatablocks", block)  # by others, unknown to SciCow
    assert counts(eyes, pid) == (3, 250)
    cow.ingest(message(pid, "update", 3, dataset={"scientificMetadata": metadata(9.5)}))
    assert counts(eyes, pid) == (3, 250)
    with scicow(place, tmp_path) as restarted:
        restarted.ingest(message(pid, "update", 4, dataset={"scientificMetadata": metadata(8.5)}))
    assert counts(eyes, pid) == (3, 250)


def test_an_item_that_fails_at_the_end_takes_the_place_of_its_value(
    cow: Ingestor, eyes: ScicatClient
) -> None:
    pid = new_pid()
    bad = {"value": None, "unit": "mm", "error": "the device does not answer"}
    failed = {name: {one: dict(bad) for one in NAMES} for name in NAMES}
    cow.ingest(message(pid, dataset={"scientificMetadata": metadata(1.5)}))
    end = message(pid, "end", 1, dataset={"scientificMetadata": failed, "endTime": BEGIN})
    cow.ingest(end)
    found = recorded(eyes, pid)
    assert found["plain"]["plain"] == {"unit": "mm", "error": "the device does not answer"}
    assert not cow.ingest(end).changed


def test_reconcile_finds_nothing_to_mend_and_mends_what_is_lost(
    cow: Ingestor, eyes: ScicatClient, tmp_path: Path
) -> None:
    whole, bare = new_pid(), new_pid()
    messages = [one for pid in (whole, bare) for one in scan(pid)]
    for one in messages:
        cow.ingest(one)
    looks = reconciler(eyes, tmp_path)
    assert looks.compare(messages).differences == []
    for block in eyes.datablocks(bare):
        eyes.remove_datablock(str(block["_id"]))
    eyes.patch_dataset(bare, {"scientificMetadata": {stored_first("sample stage"): None}})
    assert len(looks.compare(messages).differences) == 2
    assert mended(looks, messages, cow)[0].complete
    assert looks.compare(messages).differences == []
    assert seen(eyes, bare) == seen(eyes, whole)


def stored_first(name: str) -> str:
    """Return a name as any SciCat takes it for what it holds."""
    return name


def test_files_listed_twice_are_mended(cow: Ingestor, eyes: ScicatClient) -> None:
    pid = new_pid()
    for one in scan(pid):
        cow.ingest(one)
    complete = seen(eyes, pid)
    files = [{name: one[name] for name in ("path", "size", "time")} for one in complete["files"]]
    block = {"datasetId": pid, "size": 350, "dataFileList": files}
    eyes.session.request("POST", "/api/v3/origdatablocks", block)
    cow.ingest(scan(pid)[3])
    assert seen(eyes, pid) == complete
