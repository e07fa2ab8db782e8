"""The reader's rule on plain documents: what SciCat does with a merge-patch is RFC 7396, applied here."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scicow.dataset.desired import Desired
from scicow.dataset.merge import (
    new_dataset,
    patch_for,
    sequence_of,
)
from scifish.contract.metadata import merge_patch
from support.scicow.merge import PID, desired, histories, ingested, made


def unordered(dataset: dict[str, Any]) -> dict[str, Any]:
    """Return a dataset with its keywords as a set: their order is no information."""
    copied = copy.deepcopy(dataset)
    for holder in (copied, copied["scientificMetadata"]["scizoo"]["given"]):
        if "keywords" in holder:
            holder["keywords"] = sorted(holder["keywords"])
    return copied


@given(st.data(), st.booleans())
def test_any_order_and_subset_with_the_last_ends_in_the_same_dataset(
    data: st.DataObject, encodes: bool
) -> None:
    history = data.draw(histories())
    others = data.draw(st.lists(st.sampled_from(history), max_size=6))
    mixed = data.draw(st.permutations([*others, history[-1]]))
    assert unordered(ingested(mixed, encodes=encodes)) == unordered(ingested(history, encodes=encodes))


@given(histories(), st.booleans())
def test_the_same_message_again_changes_nothing(history: list[Desired], encodes: bool) -> None:
    dataset = ingested(history, encodes=encodes)
    assert [patch_for(dataset, one) for one in history] == [{}] * len(history)


def test_an_older_message_only_fills_what_is_absent() -> None:
    dataset = ingested([desired(3, {"datasetName": "new"}, {"g": {"a": 1}})])
    older = desired(1, {"datasetName": "old", "description": "text"}, {"g": {"a": 0, "b": 2}, "h": {"c": 3}})
    patch = patch_for(dataset, older)
    assert patch["description"] == "text"
    assert "datasetName" not in patch
    metadata = patch["scientificMetadata"]
    assert (metadata["g"], metadata["h"]) == ({"b": 2}, {"c": 3})
    assert sequence_of(merge_patch(dataset, patch)) == 3


def test_an_item_that_is_read_at_last_loses_its_error() -> None:
    first = desired(0, {}, {"g": {"a": {"unit": "mm", "error": "no answer"}}})
    later = desired(1, {}, {"g": {"a": {"value": 5, "unit": "mm"}}})
    assert ingested([first, later])["scientificMetadata"]["g"]["a"] == {"value": 5, "unit": "mm"}


def test_what_scicat_adds_to_a_value_is_no_difference() -> None:
    one = desired(0, {}, {"g": {"a": {"value": 5, "unit": "mm"}}})
    dataset = ingested([one])
    dataset["scientificMetadata"]["g"]["a"] |= {"valueSI": 0.005, "unitSI": "m"}
    assert patch_for(dataset, one) == {}
    other = desired(1, {}, {"g": {"a": {"value": 7}}})
    assert merge_patch(dataset, patch_for(dataset, other))["scientificMetadata"]["g"]["a"] == {"value": 7}
    whole = patch_for(dataset, desired(1, {}, {"g": {"a": {"value": 7, "unit": "mm"}}}))
    assert whole["scientificMetadata"]["g"]["a"] == {"value": 7, "unit": "mm"}, (
        "SciCat converts what it is sent"
    )


def test_what_people_changed_stays_and_what_they_did_not_follows_the_scan() -> None:
    dataset = ingested([desired(0, {"datasetName": "one", "description": "d", "keywords": ["k", "l"]}, {})])
    dataset |= {"description": "mine", "keywords": ["l", "own"], "comment": "good"}
    fields = {"datasetName": "two", "description": "e", "keywords": ["k", "l", "m"]}
    after = merge_patch(dataset, patch_for(dataset, desired(1, fields, {})))
    assert (after["datasetName"], after["description"], after["comment"]) == ("two", "mine", "good")
    assert after["keywords"] == ["l", "own", "m"]
    third = merge_patch(after, patch_for(after, desired(2, {**fields, "description": "f"}, {})))
    assert third["description"] == "mine"


def test_what_people_removed_is_not_brought_back() -> None:
    dataset = ingested([desired(0, {"description": "d", "keywords": ["k"]}, {})])
    dataset |= {"description": "", "keywords": []}
    assert patch_for(dataset, desired(0, {"description": "d", "keywords": ["k"]}, {})) == {}


def test_a_dataset_that_scicow_did_not_make_is_merged_too() -> None:
    dataset = {"pid": PID, "keywords": ["theirs"], "scientificMetadata": {"g": {"b": 1}}}
    patch = patch_for(dataset, desired(0, {"keywords": ["k"]}, {"g": {"a": 1}}))
    after = merge_patch(dataset, patch)
    assert after["keywords"] == ["theirs", "k"]
    assert after["scientificMetadata"]["g"] == {"a": 1, "b": 1}
    assert sequence_of(dataset) == -1


def test_pid_and_type_are_never_patched() -> None:
    dataset = {"pid": PID, "type": "derived", "scientificMetadata": {}}
    assert not {"pid", "type"} & patch_for(dataset, desired(0, {}, {})).keys()


def test_a_new_dataset_is_the_message_with_what_was_given() -> None:
    fields = {"datasetName": "one", "keywords": ["k"], "ownerGroup": "p1", "size": 3}
    assert new_dataset(made(0, fields, {"g": {"a": 1}})) == {
        **fields,
        "type": "raw",
        "pid": PID,
        "scientificMetadata": {
            "g": {"a": 1},
            "scizoo": {
                "sequence": 0,
                "problems": [],
                "marks": [],
                "given": {"datasetName": "one", "keywords": ["k"], "ownerGroup": "p1"},
            },
        },
    }


def test_a_newer_message_changes_exactly_what_is_new() -> None:
    before = {
        "datasetName": "one",
        "description": "d",
        "size": 1,
        "datasetlifecycle": {"archivable": False, "a": 1},
    }
    dataset = ingested([made(0, before, {"g": {"a": 1, "b": {"value": 1}}, "h": {"c": 1}})])
    after = {**before, "datasetName": "two", "size": 2, "datasetlifecycle": {"archivable": True, "a": 1}}
    later = made(
        1, {**after, "endTime": "t"}, {"g": {"a": 2, "b": {"value": 1}}, "h": {"c": 1}, "i": {"d": 3}}
    )
    assert patch_for(dataset, later) == {
        "datasetName": "two",
        "size": 2,
        "datasetlifecycle": {"archivable": True},
        "endTime": "t",
        "scientificMetadata": {
            "g": {"a": 2},
            "i": {"d": 3},
            "scizoo": {"sequence": 1, "problems": ["of 1"], "given": {"datasetName": "two"}},
        },
    }


def test_a_message_of_the_same_sequence_is_newer_one_below_is_not() -> None:
    dataset = ingested([made(4, {"size": 1}, {"g": {"a": 1}})])
    assert patch_for(dataset, made(4, {"size": 2}, {"g": {"a": 2}})) == {
        "size": 2,
        "scientificMetadata": {"g": {"a": 2}},
    }
    assert patch_for(dataset, made(3, {"size": 2}, {"g": {"a": 2}})) == {}


def test_what_the_bookkeeping_does_not_hold_any_more_goes_with_a_newer_message_only() -> None:
    dataset = ingested([made(2, {"datasetName": "one"}, {})])
    dataset["scientificMetadata"]["scizoo"] |= {"of an older version": 1}
    newer = patch_for(dataset, made(3, {"datasetName": "one"}, {}))["scientificMetadata"]["scizoo"]
    assert newer == {"sequence": 3, "problems": ["of 3"], "of an older version": None}
    assert patch_for(dataset, made(1, {"datasetName": "old", "description": "d"}, {})) == {
        "description": "d",
        "scientificMetadata": {"scizoo": {"given": {"description": "d"}}},
    }


def test_a_guess_fills_what_is_absent_and_is_no_gift_where_something_is() -> None:
    dataset = ingested([made(0, {"ownerGroup": "p1", "contactEmail": ""}, {})])
    guess = made(1, {"ownerGroup": "fallback", "contactEmail": "a@b"}, {}, "ownerGroup", "contactEmail")
    patch = patch_for(dataset, guess)
    assert patch == {
        "contactEmail": "a@b",
        "scientificMetadata": {
            "scizoo": {"sequence": 1, "problems": ["of 1"], "given": {"contactEmail": "a@b"}}
        },
    }
    known = made(2, {"ownerGroup": "p2", "contactEmail": "c@d"}, {})
    after = merge_patch(dataset, patch)
    assert patch_for(after, known)["contactEmail"] == "c@d"
    assert patch_for(after, known)["ownerGroup"] == "p2"


@pytest.mark.parametrize(
    ("book", "sequence"),
    [(None, -1), ("text", -1), ({}, -1), ({"sequence": "3"}, -1), ({"sequence": 0}, 0), ({"sequence": 3}, 3)],
)
def test_the_sequence_that_a_dataset_holds(book: object, sequence: int) -> None:
    dataset = {"scientificMetadata": {"scizoo": book}}
    assert sequence_of(dataset) == sequence
    assert ("size" in patch_for({**dataset, "size": 1}, made(0, {"size": 2}, {}))) is (sequence <= 0)
    assert sequence_of({}) == sequence_of({"scientificMetadata": None}) == -1
