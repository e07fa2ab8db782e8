"""What SciDog publishes: old documents are read, newer members are left out, a source reaches the leaf."""

import json

import pytest
from pydantic import ValidationError

from scifish.contract.configuration import Configuration, Item, read_published
from scifish.snapshot.attributes import Reading, leaf, unread

OLD = (
    '{"name":"default","revision":3,"description":"","budget":0.3,"items":[{"attribute":"a/b/c/d","group":null,'
    '"name":null,"unit":null,"when":"begin","mapping":{"1":"on"},"mandatory":false}],'
    '"dataset":{"instrument":null,"dataFormat":null,"keywords":[],"techniques":[],"description":null}}'
)


def test_a_document_of_the_first_version_is_read() -> None:
    old = read_published(OLD)
    assert (old.name, old.revision, old.items[0].mapping) == ("default", 3, {"1": "on"})
    assert (old.items[0].range, old.items[0].tag, old.items[0].source) == (None, None, None)


def test_members_of_a_newer_scidog_are_left_out() -> None:
    newer = json.loads(OLD)
    newer["colour"] = "red"
    newer["items"][0]["weight"] = {"kilo": 1}
    newer["items"].append({"attribute": "a/b/c/e", "weight": 2})
    newer["dataset"]["licence"] = "CC0"
    assert [one.attribute for one in read_published(json.dumps(newer)).items] == ["a/b/c/d", "a/b/c/e"]


@pytest.mark.parametrize("text", ["{", "[]", '{"name": "a", "x": 1, "budget": -1}'])
def test_what_is_no_configuration_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_published(text)


def test_an_item_says_in_the_metadata_which_layer_it_comes_from() -> None:
    source = {"layer": "facility", "configuration": "house", "revision": 4}
    item = Item.model_validate({"attribute": "a/b/c/d", "source": source})
    assert leaf(item, Reading(1), None) == {"value": 1, "unit": "", "source": "facility: house@4"}
    assert leaf(item, Reading(error="why"), None)["source"] == "facility: house@4"
    assert unread(item, None, "why")["source"] == "facility: house@4"
    assert "source" not in leaf(Item(attribute="a/b/c/d"), Reading(1), None)


def test_an_expected_range_has_its_lower_limit_first() -> None:
    assert Item.model_validate({"attribute": "a/b/c/d", "range": [None, 5]}).range == (None, 5)
    with pytest.raises(ValidationError, match="write the lowest first"):
        Item.model_validate({"attribute": "a/b/c/d", "range": [5, 1]})
    assert Configuration(name="a").items == ()
