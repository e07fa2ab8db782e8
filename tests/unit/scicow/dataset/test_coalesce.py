"""A batch ends in the same dataset as its messages one after the other, whatever they hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scicow.dataset.coalesce import coalesced_dataset, coalesced_patch, united
from scicow.dataset.desired import DataFile, Desired
from scicow.dataset.merge import new_dataset, patch_for
from scifish.contract.metadata import merge_patch
from support.scicow.merge import PID, TEXTS, desired, groups, histories, ingested

MESSAGES = st.lists(st.builds(desired, st.integers(0, 4), TEXTS, groups(".")), min_size=1, max_size=5)
FILES = st.lists(
    st.builds(DataFile, st.sampled_from("abc"), st.sampled_from(["t1", "t2"]), st.integers(0, 2)),
    max_size=3,
    unique_by=lambda file: file.path,
)
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "description": st.just("theirs"),
        "keywords": st.just(["theirs", "k"]),
        "endTime": st.none(),
        "scientificMetadata": groups("."),
    },
)


@given(MESSAGES)
def test_a_dataset_made_of_a_batch_is_that_of_its_messages_one_by_one(messages: list[Desired]) -> None:
    assert coalesced_dataset(messages) == ingested(messages)


@given(MESSAGES, EDITS, MESSAGES)
def test_a_batch_changes_a_dataset_as_its_messages_do_one_by_one(
    before: list[Desired], edits: dict[str, Any], messages: list[Desired]
) -> None:
    """Also of parts, of producers that do not send the whole state, and after people's edits."""
    current = merge_patch(ingested(before), edits)
    expected = current
    for one in messages:
        expected = merge_patch(expected, patch_for(expected, one))
    assert merge_patch(current, coalesced_patch(current, messages)) == expected


@given(histories())
def test_a_batch_that_comes_again_changes_nothing(messages: list[Desired]) -> None:
    assert coalesced_patch(coalesced_dataset(messages), messages) == {}


@given(st.lists(FILES, min_size=1, max_size=4))
def test_files_are_united_as_they_are_one_by_one(lists: list[list[DataFile]]) -> None:
    messages = [Desired(PID, number, number == 0, {}, tuple(files)) for number, files in enumerate(lists)]
    expected: dict[str, DataFile] = {}
    for file in (file for files in lists for file in files):
        if file.path not in expected or expected[file.path].age < file.age:
            expected[file.path] = file
    assert united(messages).files == tuple(expected.values())


def test_pictures_and_marks_are_united_and_the_highest_sequence_counts() -> None:
    first, second, other = ({"caption": one, "thumbnail": two} for one, two in ("a1", "a2", "b3"))
    messages = [
        Desired(PID, 5, False, {}, attachments=(first,), marks=("late",)),
        Desired(PID, 3, False, {}, attachments=(second, other), marks=("late", "odd")),
    ]
    whole = united(messages)
    assert (whole.sequence, whole.attachments, whole.marks) == (5, (first, other), ("late", "odd"))


def test_a_value_is_sent_whole_so_that_scicat_converts_it_again() -> None:
    dataset = new_dataset(desired(0, {}, {"g": {"a": {"value": 3, "unit": "mm"}}}))
    dataset["scientificMetadata"]["g"]["a"] |= {"valueSI": 0.003, "unitSI": "m"}
    later = [desired(one, {}, {"g": {"a": {"value": 4 + one, "unit": "mm"}}}) for one in (1, 2)]
    patch = coalesced_patch(dataset, later)
    assert patch["scientificMetadata"]["g"]["a"] == {"value": 6, "unit": "mm"}


@pytest.mark.parametrize("meanwhile", [{"value": 2, "unit": "mm"}, {"value": 2}])  # metres go with the unit
def test_a_value_that_changes_there_and_back_is_no_change(meanwhile: dict[str, Any]) -> None:
    first = {"value": 1, "unit": "mm"}
    dataset = ingested([desired(0, {}, {"g": {"a": first}})])
    dataset["scientificMetadata"]["g"]["a"] |= {"valueSI": 0.001, "unitSI": "m"}
    later = [desired(1, {}, {"g": {"a": meanwhile}}), desired(2, {}, {"g": {"a": first}})]
    assert coalesced_patch(dataset, later) == {"scientificMetadata": {"scizoo": {"sequence": 2}}}


@pytest.mark.parametrize(
    ("held", "new", "patch"),
    [
        ({"b": 1}, 5, 5),
        (5, {"b": 1}, {"b": 1}),
        ({"value": 1, "declaredUnit": "steps"}, {"value": 2}, {"value": 2, "declaredUnit": None}),
    ],
)
def test_a_value_is_replaced_by_one_of_another_form(held: object, new: object, patch: object) -> None:
    dataset = ingested([desired(0, {}, {"g": {"a": held}})])
    later = [desired(1, {}, {"g": {"a": held}}), desired(2, {}, {"g": {"a": new}})]
    assert coalesced_patch(dataset, later)["scientificMetadata"]["g"] == {"a": patch}


def test_the_dataset_that_is_remembered_stays_as_it_is() -> None:
    dataset = ingested([desired(0, {}, {"g": {"a": 1}})])
    copied = merge_patch(dataset, {})
    coalesced_patch(dataset, [desired(1, {}, {"g": {"a": 2}}), desired(2, {}, {"g": {"b": 2}})])
    assert dataset == copied


def test_a_batch_sends_what_is_new_goes_and_changes() -> None:
    before = {"datasetName": "one", "size": 1}
    dataset = ingested([desired(0, before, {"g": {"a": {"value": 1, "unit": "mm"}, "b": 1}, "h": {"c": 1}})])
    dataset["scientificMetadata"]["scizoo"]["of an older version"] = 1
    dataset["scientificMetadata"]["g"]["a"] |= {"valueSI": 0.001, "unitSI": "m"}
    later = [
        desired(
            1, {**before, "endTime": "t"}, {"g": {"a": {"value": 1, "unit": "mm"}, "b": 2}, "h": {"c": 1}}
        ),
        desired(2, {**before, "size": 2, "endTime": "t"}, {"g": {"b": {"value": 3}}, "i": {"d": 4}}),
    ]
    assert coalesced_patch(dataset, later) == {
        "size": 2,
        "endTime": "t",
        "scientificMetadata": {
            "g": {"b": {"value": 3}},
            "i": {"d": 4},
            "scizoo": {"sequence": 2, "of an older version": None},
        },
    }


def test_a_single_message_is_itself() -> None:
    one = desired(1, {"size": 2}, {})
    assert united([one]) is one
    dataset = ingested([desired(0, {"size": 1}, {})])
    assert coalesced_patch(dataset, [one]) == patch_for(dataset, one)
    assert coalesced_dataset([one]) == new_dataset(one)


def test_a_file_of_a_later_message_counts_only_if_it_is_newer() -> None:
    files = [DataFile("a", "t1", 1), DataFile("a", "t2", 2), DataFile("a", "t1", 3)]
    messages = [Desired(PID, number, False, {}, (file,)) for number, file in enumerate(files)]
    assert united(messages).files == (files[1],)


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": "foo"}, None, None),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_merge_patch_is_that_of_rfc_7396(target: object, patch: object, result: object) -> None:
    assert merge_patch(target, patch) == result
