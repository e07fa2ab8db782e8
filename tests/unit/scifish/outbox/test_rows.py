"""The rows of a message at the limits of its size."""

import pytest

from scifish.contract.message import Message
from scifish.outbox.rows import Row, rows, state
from scifish.outbox.size_limit import weight
from support.scifish.recorder import checked, message_of, mint

DIGITS = {"curve": [one % 10 for one in range(5000)]}  # takes six times its JSON in MongoDB
SOME_MISSING = "the files are too many to be kept while the scan runs: some are missing"


def with_files(count: int, description: str = "") -> Message:
    files = [
        {"path": f"/data/{one:09}.h5", "size": 1, "time": "2026-03-01T09:30:00Z"} for one in range(count)
    ]
    return message_of(mint(), files=files, description=description)


def test_a_message_of_just_the_limit_stays_as_it_is() -> None:
    message = message_of(mint(), description="x" * 5000)  # would be cut if anything had to be left out
    size = len(message.to_bytes())
    assert [row.message for row in rows(message, size)] == [message]
    [cut] = rows(message, size - 1)
    assert cut.message.dataset.description != message.dataset.description


def test_metadata_that_scicat_just_stores_stay_as_they_are() -> None:
    limit = weight(DIGITS)
    message = message_of(mint(), scientificMetadata=DIGITS, description="x" * (limit // 2 + 1000))
    assert len(message.to_bytes()) < limit
    assert [row.message for row in rows(message, limit)] == [message]
    [cut] = rows(message, limit - 1)
    assert cut.message.dataset.description != message.dataset.description


@pytest.mark.parametrize("too_much", [0, 1])
def test_files_make_a_message_half_as_large_again_before_it_is_split(too_much: int) -> None:
    message = next(
        one
        for one in (with_files(200, "x" * blanks) for blanks in (1, 2, 3))
        if (len(one.to_bytes()) - too_much) % 3 == 0
    )
    limit = (len(message.to_bytes()) - too_much) * 2 // 3
    found = list(rows(message, limit))
    assert (len(found) > 1) == bool(too_much)
    assert sum(len(row.message.dataset.files) for row in found) == 200
    for row in found:
        assert row.body == row.message.to_bytes()
        assert len(row.body) <= limit + limit // 2


def test_parts_are_as_large_as_they_may_be() -> None:
    largest = max(len(row.body) for row in rows(with_files(2000), 30_000))
    assert 44_000 < largest <= 45_000


def test_the_state_of_one_message_is_that_message() -> None:
    message = with_files(3)
    assert state(Row(message, message.to_bytes())) == message.to_bytes()


def test_the_state_of_a_part_says_that_files_are_missing() -> None:
    first = next(rows(with_files(2000), 30_000))
    kept = checked(state(first))
    assert (kept.part, kept.parts, kept.problems) == (0, 1, (SOME_MISSING,))
    of_two = first.message.model_copy(update={"parts": 2})
    assert checked(state(Row(of_two, of_two.to_bytes()))).problems == (SOME_MISSING,)
