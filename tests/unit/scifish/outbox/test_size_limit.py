"""What is too large for the catalogue is left out and named: the scan has its dataset all the same."""

import random
from typing import Any

import pytest

from scifish.contract.message import Environment, Message
from scifish.outbox.rows import rows, state
from scifish.outbox.size_limit import LARGEST, fitted, with_light_head
from support.scifish.recorder import checked, message_of, mint

LIMIT = 30_000


def value(text: str) -> dict[str, Any]:
    return {"value": text, "unit": ""}


def files(count: int) -> list[dict[str, Any]]:
    return [{"path": f"/data/{one:09}.h5", "size": 1, "time": "2026-03-01T09:30:00Z"} for one in range(count)]


def size(message: Message) -> int:
    return len(
        message.model_copy(update={"dataset": message.dataset.model_copy(update={"files": ()})}).to_bytes()
    )


def test_what_fits_stays_as_it_is() -> None:
    message = message_of(mint(), scientificMetadata={"a": value("x" * 1000)}, files=files(500))
    assert fitted(message, LIMIT) == message
    [row] = rows(message)
    assert (row.message, row.body) == (message, message.to_bytes())


def test_the_largest_item_is_left_out_and_named() -> None:
    tree = {"detector": {"image": value("x" * 50_000), "gain": value("high")}, "energy": 12.7}
    message = checked(fitted(message_of(mint(), scientificMetadata=tree), LIMIT).to_bytes())
    assert message.dataset.scientific_metadata == {
        "detector": {
            "image": {"value": None, "error": "50032 bytes, too large for the catalogue: left out"},
            "gain": value("high"),
        },
        "energy": 12.7,
    }
    assert message.problems == (
        "metadata detector/image: 50032 bytes, too large for the catalogue: left out",
    )


def test_of_a_group_of_very_many_items_those_that_have_room_stay() -> None:
    groups = {f"group {one}": {f"item {two}": two for two in range(100)} for one in range(100)}
    message = fitted(message_of(mint(), scientificMetadata={**groups, "energy": 12.7}), LIMIT)
    metadata = message.dataset.scientific_metadata
    assert metadata["energy"] == 12.7
    whole = [name for name in groups if metadata[name] == groups[name]]
    assert 0 < len(whole) < 100
    assert all("error" in metadata[name] for name in groups if name not in whole)
    assert len(message.problems) == 21
    assert message.problems[-1] == f"{100 - len(whole) - 20} more items were too large"


def test_more_items_than_there_is_room_for_their_names_are_left_out_together() -> None:
    message = fitted(
        message_of(mint(), scientificMetadata={f"item {one}": one for one in range(5000)}), LIMIT
    )
    assert list(message.dataset.scientific_metadata) == ["left out"]
    assert "metadata items: " in message.problems[0]


def tree(chance: random.Random, depth: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(chance.randint(1, 8)):
        name = 'µ"n' * chance.randint(1, 20) + str(chance.random())
        deeper = depth < 4 and chance.random() < 0.4
        found[name] = tree(chance, depth + 1) if deeper else value("ü" * int(10 ** chance.uniform(0, 4.5)))
    return found


@pytest.mark.parametrize("seed", range(40))
def test_every_tree_fits_afterwards(seed: int) -> None:
    made = tree(random.Random(seed))
    message = checked(fitted(message_of(mint(), scientificMetadata=made), LIMIT).to_bytes())
    assert size(message) <= LIMIT
    assert bool(message.problems) == (message.dataset.scientific_metadata != made)


def test_fields_that_are_too_large_are_cut_and_named() -> None:
    attachments = [{"caption": "c", "thumbnail": "data:" + "x" * 30_000}]
    large = message_of(mint(), description="d" * 40_000, sampleId="cell", attachments=attachments)
    around = Environment.model_validate({"title": "ascan", "motors": ["m" * 30_000]})
    message = with_light_head(large.model_copy(update={"environment": around}), 5000)
    assert len(message.to_bytes()) <= 5000
    checked(message.to_bytes())
    assert message.dataset.description == "d" * 200 + "…"
    assert (message.dataset.sample_id, message.environment.title) == ("cell", "ascan")
    assert message.problems == (
        "dataset.description: 40002 bytes, too large: cut",
        "dataset.attachments: 30037 bytes, too large: cut",
        "environment.motors: 30004 bytes, too large: cut",
    )


def test_of_very_many_problems_the_first_stay() -> None:
    many = message_of(mint()).model_copy(
        update={"problems": tuple(f"{one} {'x' * 300}" for one in range(3000))}
    )
    message = with_light_head(many, 300_000)
    assert len(message.to_bytes()) <= 300_000
    assert len(message.problems) == 1000
    assert message.problems[-1] == "and 2001 more problems"


def test_what_is_left_out_is_logged_also_beside_very_many_problems(caplog: pytest.LogCaptureFixture) -> None:
    earlier = tuple(f"{one} {'x' * 300}" for one in range(3000))
    message = message_of(mint(), event="end", scientificMetadata={"image": value("x" * 1_000_000)})
    list(rows(message.model_copy(update={"problems": earlier}), 800_000))
    [record] = caplog.records
    assert record.getMessage() == (
        f"entry {message.pid}: and 2001 more problems; "
        "metadata image: 1.0 MB, too large for the catalogue: left out"
    )


def test_very_many_files_are_spread_over_rows_and_none_is_lost() -> None:
    message = message_of(mint(), files=files(2000), scientificMetadata={"energy": 12.7})
    parts = [checked(row.body) for row in rows(message, LIMIT)]
    assert [one.part for one in parts] == list(range(len(parts)))
    assert len(parts) > 3
    assert max(len(one.to_bytes()) for one in parts) <= LIMIT * 1.5
    assert [file.path for one in parts for file in one.dataset.files] == [one["path"] for one in files(2000)]
    of_two = parts[0].model_copy(update={"parts": 2})
    assert [row.message for row in rows(of_two, 100)] == [of_two]
    again = [list(rows(one, 100)) for one in parts]
    assert [row.message for [row] in again] == parts, "a part is not divided again: its number is its own"


def test_the_state_of_an_entry_is_one_message() -> None:
    first = next(rows(message_of(mint(), files=files(2000)), LIMIT))
    kept = checked(state(first))
    assert (kept.part, kept.parts) == (0, 1)
    assert kept.dataset.files == first.message.dataset.files
    assert "some are missing" in kept.problems[-1]


def test_the_catalogue_takes_what_fits() -> None:
    assert LARGEST < 16_000_000 * 9 // 10, "the room that SciCow has in one request"
