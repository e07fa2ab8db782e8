"""The size that SciCat stores, compared with MongoDB's own form of what SciCat makes of the metadata."""

import random
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minicat.values.si import with_si
from scicow.dataset.metadata_names import stored
from scifish.contract.stored_size import MOST, stored_size
from scifish.outbox.rows import rows
from scifish.outbox.size_limit import LARGEST, STORED, TIMES, fitted, weight
from support.scifish.recorder import message_of, mint

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.lists(st.integers(0, 9), max_size=200),
)
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=8)
TREES = st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner, max_size=5), max_leaves=20)


def quantities(count: int) -> dict[str, Any]:
    return {f"item {one:06}": {"value": one + 0.123, "unit": "mm"} for one in range(count)}


def in_mongodb(metadata: dict[str, Any]) -> int:
    """Return the bytes of what SciCat stores."""
    return len(bson.encode(stored(with_si(metadata))))


@given(st.dictionaries(NAMES, TREES, max_size=5))
def test_it_is_at_least_what_mongodb_stores(metadata: dict[str, Any]) -> None:
    assert stored_size(metadata) >= in_mongodb(metadata)


@pytest.mark.parametrize(
    "metadata",
    [
        quantities(2000),
        {"curve": {"value": [one / 7 for one in range(5000)], "unit": "eV"}},
        {"names": {f"a.b {one}": "text" * 10 for one in range(500)}},
        {"matrix": [[1.5] * 100 for _ in range(100)]},
    ],
)
def test_it_is_not_much_more(metadata: dict[str, Any]) -> None:
    assert in_mongodb(metadata) <= stored_size(metadata) <= 1.6 * in_mongodb(metadata)


@given(st.dictionaries(NAMES, TREES, max_size=5))
def test_nothing_weighs_more_than_so_many_times_its_json(metadata: dict[str, Any]) -> None:
    wide = {"g": [metadata] * 20}
    assert weight(wide) <= TIMES * len(message_of(mint(), scientificMetadata=wide).to_bytes())


@pytest.mark.parametrize(
    "metadata", [quantities(21_500), {"image": [random.Random(1).randrange(10)] * 200_000}]
)
def test_what_is_sent_fits_into_a_document_of_mongodb(metadata: dict[str, Any]) -> None:
    tenth = LARGEST // 10  # of all limits, for it takes a tenth of the time
    tree = {"group": metadata, "energy": {"value": 1, "unit": "eV"}}
    message = message_of(mint(), scientificMetadata=tree)
    assert len(message.to_bytes()) < tenth, "its JSON alone would have been sent"
    assert in_mongodb(message.dataset.scientific_metadata) > MOST // 10
    [row] = rows(message, tenth)
    kept = row.message.dataset.scientific_metadata
    assert in_mongodb(kept) <= STORED // 10
    assert kept["energy"] == {"value": 1, "unit": "eV"}
    assert row.message.problems


def test_what_fits_into_a_document_of_mongodb_stays_whole() -> None:
    message = message_of(mint(), scientificMetadata=quantities(30_000))
    assert fitted(message) == message
    assert [row.message for row in rows(message)] == [message]
