"""The rules of the snapshot: leaves, places, reasons. Nothing here speaks Tango."""

from dataclasses import dataclass

import pytest

from scifish.contract.attribute_name import split
from scifish.contract.configuration import Item
from scifish.snapshot.attributes import Description, Leaf, Reading, leaf
from scifish.snapshot.places import nested, places
from scifish.tango_client.errors import reason

ENUM = Description(label="Shutter", unit="", labels=("CLOSED", "OPEN"))


def item(**members: object) -> Item:
    return Item.model_validate({"attribute": "a/b/c/d", **members})


@pytest.mark.parametrize(
    ("wanted", "reading", "described", "expected"),
    [
        (item(), Reading(1.5), Description(unit="mm"), {"value": 1.5, "unit": "mm"}),
        (item(), Reading(1.5), None, {"value": 1.5, "unit": ""}),
        (item(unit="um"), Reading(1.5), Description(unit="mm"), {"value": 1.5, "unit": "um"}),
        (item(unit=""), Reading(1.5), Description(unit="mm"), {"value": 1.5, "unit": ""}),
        (
            item(),
            Reading(1.5, "ALARM"),
            Description(unit="mm"),
            {"value": 1.5, "unit": "mm", "quality": "ALARM"},
        ),
        (
            item(),
            Reading(error="why"),
            Description(unit="mm"),
            {"value": None, "unit": "mm", "error": "why"},
        ),
        (item(), Reading(1, enumerated=True), ENUM, {"value": "OPEN", "unit": ""}),
        (item(), Reading([0, 1], enumerated=True), ENUM, {"value": ["CLOSED", "OPEN"], "unit": ""}),
        (item(), Reading(7, enumerated=True), ENUM, {"value": 7, "unit": ""}),
        (item(), Reading(1, enumerated=True), None, {"value": 1, "unit": ""}),
        (item(mapping={"OPEN": "on"}), Reading(1, enumerated=True), ENUM, {"value": "on", "unit": ""}),
        (item(mapping={"1": "on"}), Reading(1, enumerated=True), ENUM, {"value": "on", "unit": ""}),
        (item(mapping={"1": "in"}), Reading(1.0), Description(unit="mm"), {"value": "in", "unit": ""}),
        (item(mapping={"1": "in"}), Reading(1.5), Description(unit="mm"), {"value": 1.5, "unit": "mm"}),
        (item(mapping={"true": "yes"}), Reading(True), None, {"value": "yes", "unit": ""}),
        (item(mapping={"False": "no"}), Reading(False), None, {"value": "no", "unit": ""}),
        (item(mapping={"a": "b"}), Reading(["a"]), None, {"value": ["a"], "unit": ""}),
    ],
)
def test_leaf(wanted: Item, reading: Reading, described: Description | None, expected: Leaf) -> None:
    assert leaf(wanted, reading, described) == expected


def test_a_name_is_given_or_the_label_or_the_attribute() -> None:
    labels = {"a/b/c/x": "Energy", "a/b/c/y": ""}
    wanted = [item(attribute="A/B/C/X", name="e"), item(attribute="A/B/C/X"), item(attribute="a/b/c/Y")]
    assert places(wanted, labels) == [(None, "e"), (None, "Energy"), (None, "Y")]


def test_two_in_one_place_have_their_full_names() -> None:
    labels = {"a/b/1/position": "Position", "a/b/2/position": "Position"}
    both = [item(attribute=f"a/b/{number}/position", group="motors") for number in (1, 2)]
    assert places(both, labels) == [("motors", "a/b/1/position"), ("motors", "a/b/2/position")]


def test_an_item_does_not_take_the_place_of_a_group() -> None:
    wanted = [item(name="slits"), item(name="gap", group="slits")]
    assert places(wanted, {}) == [(None, "a/b/c/d"), ("slits", "gap")]


def test_nested() -> None:
    one: Leaf = {"value": 1, "unit": ""}
    assert nested({("g", "a"): one, ("g", "b"): one, (None, "c"): one}) == {
        "g": {"a": one, "b": one},
        "c": one,
    }


@pytest.mark.parametrize(
    ("name", "parts"),
    [("A/B/C/D", ("a/b/c", "d")), ("tango://h:1/a/b/c/D", ("tango://h:1/a/b/c", "d"))],
)
def test_split(name: str, parts: tuple[str, str]) -> None:
    assert split(name) == parts


@dataclass
class Error:
    reason: str
    desc: str = "words"


@pytest.mark.parametrize(
    ("stack", "text"),
    [
        ((Error("API_AttrNotFound"),), "attribute unknown"),
        ((Error("API_CorbaException"), Error("API_CommunicationFailed")), "device cannot be reached"),
        (
            (Error("API_CorbaException"), Error("API_DeviceTimedOut")),
            "device did not answer before Tango's own timeout",
        ),
        ((Error("OwnReason", "no  light\n in the hutch"),), "no light in the hutch"),
        ((), "device gave an error without a text"),
    ],
)
def test_reasons(stack: tuple[Error, ...], text: str) -> None:
    assert reason(stack) == text


def test_a_long_reason_is_cut() -> None:
    assert len(reason((Error("OwnReason", "x" * 1000),))) == 200
