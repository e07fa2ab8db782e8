"""A message in parts: each within the limit, together the whole, and each able to make the dataset alone."""

from typing import Any

import pytest

from scifish.contract.message import File, Message
from scifish.contract.metadata import merged
from scifish.files.file_list import united
from scifish.outbox.split import split
from support.scifish.recorder import checked, message_of, mint

LIMIT = 4000
ITEMS = {
    "motors": {f"m{number:02}": {"value": number, "unit": "mm"} for number in range(60)},
    "empty": {},
    "deep": {"er": {"å": "x" * 500, "list": [1, 2, 3]}},
    "top": 5,
}


def with_files(count: int, **dataset: Any) -> Message:
    message = message_of(mint(), 4, event="end", description="said in each part", **dataset)
    files = tuple(
        File(path=f"/d/{number:04}.h5", size=number, time=message.sent_at) for number in range(count)
    )
    return message.model_copy(update={"dataset": message.dataset.model_copy(update={"files": files})})


def joined(parts: list[Message]) -> tuple[Any, list[str]]:
    metadata: dict[str, Any] = {}
    for one in parts:
        metadata = merged(metadata, one.dataset.scientific_metadata)
    return metadata, [file.path for file in united(*(one.dataset.files for one in parts))]


def test_the_parts_are_the_whole() -> None:
    message = with_files(80, scientificMetadata=ITEMS)
    parts = [checked(one.to_bytes()) for one in split(message, LIMIT)]
    assert joined(parts) == (ITEMS, [file.path for file in message.dataset.files])
    assert sum(len(one.dataset.files) for one in parts) == 80, "no file twice"
    assert [one.part for one in parts] == list(range(len(parts)))
    assert {one.parts for one in parts} == {len(parts)}
    sizes = [len(one.to_bytes()) for one in parts]
    assert max(sizes) <= LIMIT
    assert len(parts) == pytest.approx(sum(sizes) / LIMIT, abs=2), "they are full"
    bare: dict[str, Any] = {"files": (), "scientific_metadata": {}}
    datasets = {one.dataset.model_copy(update=bare).model_dump_json() for one in parts}
    heads = {one.model_copy(update={"part": 0, "dataset": message.dataset}).to_bytes() for one in parts}
    assert len(datasets) == len(heads) == 1, "all else stands in each"
    assert parts[0].dataset.description == "said in each part"


@pytest.mark.parametrize("limit", range(2000, 2100, 7))
def test_no_part_is_larger_than_the_limit(limit: int) -> None:
    parts = split(with_files(40, scientificMetadata=ITEMS), limit)
    assert max(len(one.to_bytes()) for one in parts) <= limit


def test_what_fits_is_one_part() -> None:
    message = with_files(3, scientificMetadata={"x": 1})
    [only] = split(message, LIMIT)
    assert only == message


def test_a_message_without_anything_to_spread_is_one_part() -> None:
    message = message_of(mint())
    assert split(message, LIMIT) == [message]


def test_an_item_that_no_part_can_hold_says_so_in_its_place() -> None:
    items = {"g": {"image": "x" * 5000, "energy": 12.7}}
    metadata, _ = joined(split(with_files(0, scientificMetadata=items), LIMIT))
    assert metadata["g"]["energy"] == 12.7
    assert metadata["g"]["image"] == {
        "value": None,
        "error": "5020 bytes, too large for a Kafka message: left out",
    }


def test_what_stands_in_each_part_is_cut_when_it_leaves_no_room() -> None:
    message = with_files(2, scientificMetadata={"energy": 12.7}, dataFormat="f" * 5000)
    parts = split(message, LIMIT)
    assert joined(parts) == ({"energy": 12.7}, ["/d/0000.h5", "/d/0001.h5"])
    assert parts[0].dataset.data_format == "f" * 200 + "…"
    assert any("dataset.data_format" in problem for problem in parts[0].problems)
    assert max(len(one.to_bytes()) for one in parts) <= LIMIT


def test_what_cannot_be_made_smaller_stays_whole() -> None:
    message = with_files(2)
    [only] = split(message, 300)
    assert only.dataset.files == message.dataset.files
