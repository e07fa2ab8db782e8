"""Items are added to a configuration and removed from it; what is meant is found by any of its names."""

import pytest

from scidog.errors import EditError
from scidog.model.item_edit import added, removed
from scifish.contract.configuration import Configuration, Item

GAP = Item(attribute="a/slits/1/Gap", group="slits", name="gap")
SLOW = Item(attribute="a/oven/1/Temperature", group="oven", name="temperature")
COLD = Item(attribute="a/cryo/1/Temperature", group="cryo", name="temperature")
PLAIN = Item(attribute="mot01")
DAY = Configuration(name="day", revision=4, budget=2, items=(GAP, SLOW, COLD, PLAIN))


def test_an_item_is_added_at_the_end_and_all_else_stays() -> None:
    new = Item(attribute="a/slits/1/Center", group="slits", name="center")
    assert added(DAY, new) == DAY.model_copy(update={"items": (*DAY.items, new)})


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (Item(attribute="A/Slits/1/gap"), "day records a/slits/1/Gap already, as slits/gap; remove it first"),
        (Item(attribute="MOT01"), "day records mot01 already, as mot01; remove it first"),
        (
            Item(attribute="x/y/z/w", group="slits", name="gap"),
            "slits/gap is the name of a/slits/1/Gap in day; choose another name",
        ),
    ],
)
def test_nothing_is_added_twice(item: Item, sentence: str) -> None:
    with pytest.raises(EditError) as error:
        added(DAY, item)
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    ("wanted", "item"),
    [
        ("a/slits/1/gap", GAP),
        ("slits/gap", GAP),
        ("gap", GAP),
        ("oven/temperature", SLOW),
        ("a/cryo/1/temperature", COLD),
        ("mot01", PLAIN),
    ],
)
def test_an_item_is_removed_by_any_of_its_names(wanted: str, item: Item) -> None:
    document, found = removed(DAY, wanted)
    assert found is item
    assert document == DAY.model_copy(update={"items": tuple(one for one in DAY.items if one is not item)})


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        (
            "temperature",
            "temperature names 2 items of day: oven/temperature (a/oven/1/Temperature), "
            "cryo/temperature (a/cryo/1/Temperature); name one of them",
        ),
        ("slits/gpa", "day records no slits/gpa; did you mean slits/gap?"),
        (
            "ring current",
            "day records no ring current; it records slits/gap, oven/temperature, cryo/temperature, mot01",
        ),
    ],
)
def test_what_is_not_one_item_is_not_removed(wanted: str, sentence: str) -> None:
    with pytest.raises(EditError) as error:
        removed(DAY, wanted)
    assert str(error.value) == sentence


def test_an_item_beside_its_twin_is_removed_alone() -> None:
    """A configuration by hand may have one attribute twice, under two names."""
    twice = DAY.model_copy(update={"items": (GAP, GAP.model_copy(update={"name": "width"}))})
    document, _ = removed(twice, "width")
    assert document.items == (GAP,)
    with pytest.raises(EditError, match="names 2 items of day: slits/gap"):
        removed(twice, "a/slits/1/gap")
