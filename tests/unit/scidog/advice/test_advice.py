"""Likely mistakes in a configuration: told in words, and nothing is refused for them."""

from typing import Any

import pytest

from scidog.advice.advice import Seen, by_device, of_device, of_document
from support.scidog.store import configuration

MONO = Seen(names=("Energy", "Gap", "State"), units={"energy": "eV", "gap": "furlongs"}, main=None)


def document(*items: dict[str, Any]) -> Any:
    return configuration(items=list(items))


def of_devices(shown: Any, seen: dict[str, Seen]) -> list[str]:
    told = [one for device, items in by_device(shown).items() for one in of_device(items, seen[device])]
    return [f"item {number}: {text}" for number, text in told]


def item(attribute: str = "sim/mono/1/Energy", **members: Any) -> dict[str, Any]:
    return {"attribute": attribute, **members}


@pytest.mark.parametrize(
    ("items", "told"),
    [
        (
            (item(), item("SIM/mono/1/energy", name="x")),
            "item 2: SIM/mono/1/energy is item 1 too; remove one",
        ),
        (
            (item(group="g", name="e"), item("sim/mono/1/Gap", group="g", name="e")),
            "item 2: 'g/e' is the name of item 1 too; give one another name",
        ),
        ((item(unit="furlongs"),), "item 1: SciCat does not read the unit 'furlongs'; write one such as mm"),
        ((item(unit="2 mm"),), "item 1: SciCat does not read the unit '2 mm'"),
    ],
)
def test_what_the_document_shows(items: tuple[dict[str, Any], ...], told: str) -> None:
    [problem] = of_document(document(*items))
    assert problem.startswith(told)


@pytest.mark.parametrize(
    "items",
    [
        (item(), item("sim/mono/1/Gap")),
        (item(name="e"), item("sim/mono/2/Energy", name="e", group="two")),
        (item(unit=""), item("sim/mono/1/Gap", unit="°C"), item("a/b/c/d", unit="kg m^2 / s^2")),
        (item(unit="%"), item("sim/mono/1/Gap", unit="counts"), item("a/b/c/d", unit=" Counts ")),
        (item("mot01"), item("mot01/velocity"), item("mot02")),
    ],
)
def test_what_is_right_is_not_told(items: tuple[dict[str, Any], ...]) -> None:
    assert of_document(document(*items)) == []


@pytest.mark.parametrize(
    ("one", "seen", "told"),
    [
        (
            item("sim/mono/1/Energi"),
            MONO,
            "item 1: sim/mono/1/Energi: its device has no such attribute; did you",
        ),
        (item("sim/mono/1/xyz"), MONO, "its device has no such attribute; it has Energy, Gap, State"),
        (item(), Seen(defined=False), "its device is not in the Tango database; correct the name"),
        (
            item("sim/mono/1/Gap"),
            MONO,
            "item 1: SciCat does not read the unit 'furlongs'; write one such as mm",
        ),
    ],
)
def test_what_the_device_shows(one: dict[str, Any], seen: Seen, told: str) -> None:
    [problem] = of_devices(document(one), {"sim/mono/1": seen})
    assert told in problem


@pytest.mark.parametrize(
    ("one", "seen"),
    [
        (item(), MONO),
        (item("sim/mono/1/STATE"), MONO),
        (item("sim/mono/1/Gap", unit="mm"), MONO),
        (item("sim/mono/1/xyz"), Seen(names=None)),
    ],
)
def test_a_device_that_is_right_or_does_not_answer(one: dict[str, Any], seen: Seen) -> None:
    assert of_devices(document(one), {"sim/mono/1": seen}) == []


def test_an_element_of_sardana_has_its_main_attribute() -> None:
    motor = Seen(names=("Position", "Velocity"), units={"position": "mm"}, main="Position")
    assert of_devices(document(item("mot01")), {"mot01": motor}) == []
    [problem] = of_devices(document(item("door")), {"door": Seen(names=("State",), units={})})
    assert problem == "item 1: door is no element of Sardana; add the attribute's name"
