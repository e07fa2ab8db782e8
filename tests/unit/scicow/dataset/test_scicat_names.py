"""Names of metadata as SciCat stores them: the examples were seen on a real v4.27.0."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scicow.dataset.clean_metadata import clean
from scicow.dataset.merge import patch_for
from scicow.dataset.metadata_names import stored
from scifish.contract.scicat_names import stored_name
from support.scicow.merge import desired, ingested


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("plain_name-1", "plain_name-1"),
        ("sample stage", "sample%20stage"),
        ("temp. 1", "temp%2E%201"),
        ("a/b$ü", "a%2Fb%24%C3%BC"),
        ("%2E", "%2E"),
        ("a%20b", "a%20b"),
        ("a%20b c", "a%20b c"),
        ("50%", "50%25"),
        ("%ff", "%25ff"),
        ("it's (~1*2!)", "it's%20(~1*2!)"),
    ],
)
def test_a_name_is_stored_as_scicat_does(name: str, kept: str) -> None:
    assert stored_name(name) == kept


@given(st.text())
def test_what_is_stored_is_stored_the_same_when_it_is_sent_back(name: str) -> None:
    assert stored_name(stored_name(name)) == stored_name(name)


@given(st.booleans())
def test_a_changed_value_is_patched_under_the_name_that_is_held(encodes: bool) -> None:
    dataset = ingested([desired(0, {}, {"a b": {"c d": {"value": 1, "unit": "mm"}}})], encodes=encodes)
    new = desired(1, {}, {"a b": {"c d": {"value": 2, "unit": "mm"}}})
    patch = patch_for(dataset, new)["scientificMetadata"]
    name, inner = ("a%20b", "c%20d") if encodes else ("a b", "c d")
    assert patch[name] == {inner: {"value": 2, "unit": "mm"}}


def test_the_dot_and_its_code_are_two_names_where_they_are_stored_so() -> None:
    held = [desired(0, {}, {"g": {".": 1, "%2E": 2}})]
    new = desired(1, {}, {"g": {".": 3, "%2E": 4}})
    assert patch_for(ingested(held), new)["scientificMetadata"]["g"] == {".": 3, "%2E": 4}
    assert patch_for(ingested(held, encodes=True), new)["scientificMetadata"]["g"] == {"%2E": 4}


def test_names_inside_of_a_value_differ_by_their_form_alone_and_are_no_change() -> None:
    metadata = {"g": {"table": {"value": {"a b": 1, "c.d": [2]}}}}
    dataset = ingested([desired(0, {}, metadata)], encodes=True)
    assert patch_for(dataset, desired(0, {}, metadata)) == {}
    assert stored(metadata) != metadata


def test_names_that_end_a_scicat_or_that_mongodb_has_not_get_others() -> None:
    assert clean({"": 1, "a\0b": {"\0": 2}}) == {"no name": 1, "ab": {"no name": 2}}


def test_what_scicat_adds_to_members_of_lists_is_neither_a_change_nor_sent_back() -> None:
    technique = {"pid": "PaNET01196", "name": "x-ray absorption"}
    dataset = ingested([desired(0, {"techniques": [technique]}, {})])
    dataset["techniques"] = [{**technique, "_id": "6b0d307627aedcc4e0558f80"}]
    assert "techniques" not in patch_for(dataset, desired(1, {"techniques": [technique]}, {}))
    other = {"pid": "other", "name": "other"}
    patch = patch_for(dataset, desired(1, {"techniques": [technique, other]}, {}))
    assert patch["techniques"] == [technique, other]
