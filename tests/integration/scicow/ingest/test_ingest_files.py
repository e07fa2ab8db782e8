"""A dataset's files and pictures over HTTP: united, split by the limits, listed once."""

from pathlib import Path
from typing import Any

from scicow.dataset.datablocks import files_of
from scicow.ingest.ingest import Ingestor
from scicow.scicat.client import ScicatClient
from support.scicat.fault_proxy import FaultProxy
from support.scicow.ingest import (
    dataset_of,
    file,
    ingestor,
    message,
    new_pid,
    scan,
    seen,
)


def test_files_are_united_and_the_newer_entry_wins(cow: Ingestor, catalogue: ScicatClient) -> None:
    pid = new_pid()
    parts = [[file(1, 10), file(2, 20)], [file(2, 25, 3), file(3, 30)], [file(1, 5, -1)]]
    for sequence, files in enumerate(parts):
        cow.ingest(message(pid, "start" if sequence == 0 else "update", sequence, dataset={"files": files}))
    listed = {one["path"][-8:]: one["size"] for one in seen(catalogue, pid)["files"]}
    assert listed == {"00001.h5": 10, "00002.h5": 25, "00003.h5": 30}
    dataset = dataset_of(catalogue, pid)
    assert (dataset["numberOfFiles"], dataset["size"]) == (3, 65)


def test_files_listed_twice_are_mended(cow: Ingestor, catalogue: ScicatClient) -> None:
    pid = new_pid()
    for one in scan(pid):
        cow.ingest(one)
    complete = seen(catalogue, pid)
    catalogue.add_datablock(pid, files_of(catalogue.datablocks(pid)[0]))
    assert dataset_of(catalogue, pid)["numberOfFiles"] == 4
    cow.ingest(scan(pid)[2])
    assert seen(catalogue, pid) == complete


def test_many_files_are_split_by_the_limits(
    proxy: FaultProxy, tmp_path: Path, catalogue: ScicatClient
) -> None:
    pid = new_pid()
    with ingestor(
        proxy.url, tmp_path, files_per_datablock=10, bytes_per_datablock=500, files_per_dataset=24
    ) as cow:
        done = cow.ingest(message(pid, "end", 1, dataset={"files": [file(one) for one in range(30)]}))
    blocks = catalogue.datablocks(pid)
    assert [len(block["dataFileList"]) for block in blocks] == [5, 5, 5, 5, 4]
    assert done.marks == ("6 files are not listed: a dataset holds 24",)


def test_parts_of_one_sequence_are_united(cow: Ingestor, catalogue: ScicatClient) -> None:
    pid = new_pid()
    groups: list[dict[str, Any]] = [{"one": {"a": 1}}, {"two": {"b": 2}}, {"three": {"c": 3}}]
    for part in (2, 0, 1):
        dataset = {"files": [file(part)], "scientificMetadata": groups[part]}
        cow.ingest(message(pid, "end", 4, part=part, parts=3, dataset=dataset))
    found = seen(catalogue, pid)
    assert len(found["files"]) == 3
    assert {"one", "two", "three"} <= found["scientificMetadata"].keys()


def test_pictures_are_attached_once(cow: Ingestor, catalogue: ScicatClient) -> None:
    pid = new_pid()
    picture = {"caption": "spectrum", "thumbnail": "data:image/png;base64,iVBORw0KGgo="}
    for _ in range(2):
        cow.ingest(message(pid, "end", 1, dataset={"attachments": [picture]}))
    assert [one["caption"] for one in catalogue.attachments(pid)] == ["spectrum"]
