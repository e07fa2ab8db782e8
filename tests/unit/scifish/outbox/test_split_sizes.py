"""The parts of a message are as large as they may be, and no larger."""

from typing import Any

import pytest

from scifish.contract.message import File, Message
from scifish.outbox.split import _ROOM_FOR_NUMBERS, split
from support.scifish.recorder import message_of, mint

LIMIT = 20_000
QUANTITIES = {f"n{one:04}": {"value": one + 0.5, "unit": "mm"} for one in range(1500)}
LISTS = {f"n{one:04}": [one % 10] * 500 for one in range(100)}
TEXTS = {f"n{one:04}": "ö" * 400 for one in range(100)}


def files(count: int) -> list[dict[str, Any]]:
    return [{"path": f"/data/{one:09}.h5", "size": 1, "time": "2026-03-01T09:30:00Z"} for one in range(count)]


def size(message: Message) -> int:
    return len(message.to_bytes())


def head(message: Message) -> int:
    """Return the bytes of what stands in each part."""
    bare = message.dataset.model_copy(update={"files": (), "scientific_metadata": {}})
    return size(message.model_copy(update={"dataset": bare}))


def bytes_of(file: File) -> int:
    return len(file.model_dump_json(by_alias=True)) + 1


@pytest.mark.parametrize("metadata", [QUANTITIES, LISTS, TEXTS], ids=["quantities", "lists", "texts"])
def test_parts_of_metadata_are_full(metadata: dict[str, Any]) -> None:
    message = message_of(mint(), scientificMetadata=metadata)
    *full, last = split(message, LIMIT)
    assert len(full) >= 2
    assert size(last) <= LIMIT
    for part in full:
        assert 0.9 * LIMIT - 1100 < size(part) <= LIMIT
    found = {name: leaf for part in (*full, last) for name, leaf in part.dataset.scientific_metadata.items()}
    assert found == message.dataset.scientific_metadata


def test_parts_of_files_are_full() -> None:
    *full, last = split(message_of(mint(), files=files(2000)), LIMIT)
    assert len(full) >= 5
    for part in full:
        assert LIMIT - _ROOM_FOR_NUMBERS - 150 < size(part) <= LIMIT
    assert size(last) <= LIMIT


def test_what_just_fits_is_one_part() -> None:
    message = message_of(mint(), files=files(2))
    limit = head(message) + _ROOM_FOR_NUMBERS + sum(map(bytes_of, message.dataset.files))
    assert [len(part.dataset.files) for part in split(message, limit)] == [2]
    assert [len(part.dataset.files) for part in split(message, limit - 1)] == [1, 1]


def test_an_item_that_just_fits_is_kept() -> None:
    message = message_of(mint(), scientificMetadata={"x": "a" * 5000})
    limit = head(message) + _ROOM_FOR_NUMBERS + len('"x"') + 4 + 5002
    [kept] = split(message, limit)
    assert kept.dataset.scientific_metadata == {"x": "a" * 5000}
    [lost] = split(message, limit - 1)
    assert "too large for a Kafka message" in lost.dataset.scientific_metadata["x"]["error"]


def test_many_items_that_are_left_out_fit_with_their_names() -> None:
    metadata = {f"{'long' * 50}{one}": "x" * LIMIT for one in range(200)}
    parts = split(message_of(mint(), scientificMetadata=metadata), LIMIT)
    assert max(map(size, parts)) <= LIMIT
    assert sum(len(part.dataset.scientific_metadata) for part in parts) == 200


def test_fields_that_leave_no_room_are_cut_to_half_of_it() -> None:
    message = message_of(mint(), files=files(10), description="x" * LIMIT)
    for part in split(message, head(message) + _ROOM_FOR_NUMBERS):
        assert part.dataset.description != message.dataset.description
    message = message_of(mint(), files=files(10), description="x" * 15_000, dataFormat="y" * 8_000)
    for part in split(message, LIMIT):
        assert len(part.dataset.description or "") < 1000
        assert part.dataset.data_format == "y" * 8_000
