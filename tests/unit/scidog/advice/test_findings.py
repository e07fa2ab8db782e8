"""What a preview says of each item, by what was read of it."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import pytest

from scidog.advice.findings import findings
from scidog.advice.preview import preview
from scifish.contract.configuration import Item
from scifish.snapshot.attributes import Description, Reading
from support.scidog.store import configuration

MM = Description(label="Gap", unit="mm")
SHUTTER = Description(labels=("CLOSED", "OPEN"))


def item(**members: object) -> Item:
    return Item.model_validate({"attribute": "a/b/c/d", **members})


@pytest.mark.parametrize(
    ("one", "reading", "description", "told"),
    [
        (item(), Reading(1.5), MM, []),
        (item(), None, None, ["not answering: its device did not answer in time"]),
        (item(), Reading(error="attribute unknown"), None, ["attribute unknown: attribute unknown"]),
        (
            item(),
            Reading(error="device is not in the Tango database", reached=False),
            None,
            ["device undefined: device is not in the Tango database"],
        ),
        (
            item(),
            Reading(error="device not exported: its server does not run"),
            None,
            ["not running: device"],
        ),
        (item(), Reading(error="device cannot be reached"), None, ["not answering: device cannot"]),
        (item(), Reading(error="my own error"), None, ["not readable: my own error"]),
        (item(), Reading(1.5), Description(), ["unit missing: has no unit"]),
        (item(unit=""), Reading(1.5), Description(), []),
        (item(), Reading("text"), Description(), []),
        (item(), Reading(True), Description(), []),
        (item(), Reading(1, enumerated=True), SHUTTER, []),
        (
            item(unit="furlongs"),
            Reading(1.5),
            MM,
            ["unit unreadable: SciCat does not read the unit 'furlongs'"],
        ),
        (item(unit="counts"), Reading(1.5), MM, []),
        (item(mapping={"1": "in"}), Reading(2), MM, ["unmapped: the mapping has no word for 2"]),
        (item(mapping={"0..5": "in"}), Reading(2), MM, []),
        (item(mapping={"OPEN": "in"}), Reading(1, enumerated=True), SHUTTER, []),
        (
            item(mapping={"in": "x"}),
            Reading(0, enumerated=True),
            SHUTTER,
            ["unmapped: the mapping has no word for 'CLOSED'"],
        ),
        (item(mapping={"1": "in"}), Reading([1, 2]), MM, ["wrong type: its value is an array"]),
        (item(range=[0, 1]), Reading(1.5), MM, ["out of range: 1.5 is outside of 0 to 1"]),
        (item(range=[2, None]), Reading(1.5), MM, ["out of range: 1.5 is outside of 2 to any"]),
        (item(range=[None, 2]), Reading(1.5), MM, []),
        (item(range=[0, 1]), Reading("NaN"), MM, ["out of range: NaN is outside of 0 to 1"]),
        (
            item(range=[0, 1]),
            Reading([1]),
            MM,
            ["wrong type: a range is expected, and its value is an array"],
        ),
        (item(unit="furlongs"), Reading([1, 2]), MM, ["unit unreadable: SciCat does not read"]),
        (item(unit="furlongs"), Reading({"shape": [9], "mean": 1.0}), MM, ["unit unreadable: SciCat"]),
        (item(unit="furlongs"), Reading(["a"]), MM, []),
        (item(), Reading([1, 2]), Description(), []),
        (item(), Reading(error="Tango database cannot be reached"), None, ["not answering: Tango"]),
        (item(), Reading(error="is a device of class X and no element"), None, ["attribute unknown: is a"]),
        (item(range=[0, 1]), Reading("x"), MM, ["wrong type: a range is expected, and its value is 'x'"]),
    ],
)
def test_each_kind_of_problem(
    one: Item, reading: Reading | None, description: Description | None, told: list[str]
) -> None:
    found = [f"{each.kind}: {each.text}" for each in findings(one, reading, description, 0.1, 0.3)]
    assert len(found) == len(told), found
    assert all(text.startswith(start) for text, start in zip(found, told, strict=True)), found


def test_who_takes_more_than_the_budget_is_told() -> None:
    (found,) = findings(item(), Reading(1.5), MM, 0.45, 0.3)
    assert found.kind == "over budget"
    assert found.text.startswith("takes 450 ms, and the budget is 300 ms")


class Simulated:
    """A device that answers, unless its name says that it hangs."""

    hang = threading.Event()

    def __init__(self, name: str) -> None:
        self.name = name

    def attached(self) -> AbstractContextManager[object]:
        return nullcontext()

    def connect(self) -> None:
        pass

    def full_names(self, attributes: tuple[str, ...]) -> dict[str, str]:
        return {name: f"db:10000/{self.name}/{name}" for name in attributes}

    def read(self, attributes: tuple[str, ...]) -> dict[str, Reading]:
        if "hangs" in self.name:
            self.hang.wait(20)
        return {name: Reading(4.0) for name in attributes}

    def describe(self, attributes: tuple[str, ...]) -> dict[str, Description]:
        return dict.fromkeys(attributes, MM)


@pytest.fixture(autouse=True)
def released() -> Iterator[None]:
    Simulated.hang.clear()
    yield
    Simulated.hang.set()


def test_a_preview_is_what_will_be_recorded() -> None:
    items = [
        {"attribute": "a/b/c/d", "group": "slits", "name": "gap", "mapping": {"4": "insert"}, "when": "end"},
        {"attribute": "a/b/c/e", "unit": "um"},
        {"attribute": "a/b/hangs/d", "name": "never"},
        {"attribute": "A/b/c/E"},
    ]
    document = configuration("night", revision=3, items=items, budget=2)
    found = preview(document, 1.0, Simulated)
    assert (found.configuration, found.revision, found.budget_ms) == ("night", 3, 2000)
    first, second, third, fourth = found.items
    assert (first.group, first.name, first.recorded) == ("slits", "gap", {"value": "insert", "unit": ""})
    assert second.recorded == {"value": 4.0, "unit": "um"}
    assert (second.ms is not None and second.ms < 2000, first.problems, second.problems) == (True, (), ())
    assert (third.ms, third.share, third.problems[0].kind) == (None, None, "not answering")
    assert third.recorded["error"] == "no answer within 1000 ms"
    assert [one.kind for one in fourth.problems] == ["doubled"]
    assert 900 < found.ms < 30_000
