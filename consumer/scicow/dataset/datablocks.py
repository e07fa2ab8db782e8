"""Lists of files: what is missing, how files are put into datablocks, what is doubled. Pure functions."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from scicow.dataset.desired import DataFile

Block = Mapping[str, Any]  # an origdatablock as SciCat gives it


@dataclass(frozen=True)
class Limits:
    """What one datablock, one request and one dataset may hold."""

    files: int
    bytes: int
    dataset_files: int
    request_bytes: int


class Repair(NamedTuple):
    """A datablock whose list of files must become `files`; none left: the datablock goes."""

    block_id: str
    files: tuple[DataFile, ...]


def files_of(block: Block) -> list[DataFile]:
    """Return the files that a datablock lists."""
    return [DataFile(one["path"], one["time"], one["size"]) for one in block.get("dataFileList") or []]


def listed(blocks: Iterable[Block]) -> dict[str, DataFile]:
    """Return the newest entry of each path over all datablocks."""
    newest: dict[str, DataFile] = {}
    for block in blocks:
        for file in files_of(block):
            if file.path not in newest or newest[file.path].age < file.age:
                newest[file.path] = file
    return newest


def missing(desired: Iterable[DataFile], there: Mapping[str, DataFile]) -> list[DataFile]:
    """Return the wanted files whose path is listed nowhere."""
    return [file for file in desired if file.path not in there]


def outdated(desired: Iterable[DataFile], there: Mapping[str, DataFile]) -> list[DataFile]:
    """Return the wanted files that are newer than what is listed for their path."""
    return [file for file in desired if file.path in there and there[file.path].age < file.age]


def cut(files: Sequence[DataFile], limits: Limits) -> list[list[DataFile]]:
    """Return `files` cut into datablocks within the limits, in their order."""
    blocks: list[list[DataFile]] = []
    size = length = 0
    for file in files:
        weight = len(json.dumps(file.to_json())) + 1
        full = blocks and (
            len(blocks[-1]) >= limits.files
            or size + file.size > limits.bytes
            or length + weight > limits.request_bytes
        )
        if full or not blocks:
            blocks.append([])
            size = length = 0
        blocks[-1].append(file)
        size += file.size
        length += weight
    return blocks


def repairs(blocks: Iterable[Block], newer: Iterable[DataFile] = ()) -> list[Repair]:
    """Return what to change so that each path is listed once, with its newest entry.

    The oldest datablock of a path keeps it, so two SciCows that repair at the same time agree.
    """
    ordered = sorted(blocks, key=lambda block: (str(block.get("createdAt")), str(block.get("_id"))))
    newest = listed(ordered)
    for file in newer:
        if file.path in newest and newest[file.path].age < file.age:
            newest[file.path] = file
    seen: set[str] = set()
    found: list[Repair] = []
    for block in ordered:
        files = files_of(block)
        kept: list[DataFile] = []
        for file in files:
            if file.path not in seen:
                seen.add(file.path)
                kept.append(newest[file.path])
        if kept != files:
            found.append(Repair(str(block["_id"]), tuple(kept)))
    return found
