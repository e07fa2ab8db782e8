"""What the snapshot records of real Tango attributes of all kinds."""

from collections.abc import Iterator

import pytest

from scifish.contract.configuration import Configuration, Item
from scifish.ports import Items
from scifish.snapshot.snapshot import TangoSnapshot
from support.tango.beamline import SimulatedServer

DEVICE = "sim/healthy/0"
pytestmark = pytest.mark.usefixtures("beamline")


@pytest.fixture
def snapshot() -> Iterator[TangoSnapshot]:
    service = TangoSnapshot()
    yield service
    service.close()


def nobody(items: Items) -> None:
    raise AssertionError(f"late: {items}")


def configuration(*items: Item, budget: float = 3.0) -> Configuration:
    return Configuration(name="test", items=items, budget=budget)


def item(name: str, **more: object) -> Item:
    return Item.model_validate({"attribute": f"{DEVICE}/{name}", "name": name, **more})


@pytest.mark.parametrize(
    ("name", "leaf"),
    [
        ("position", {"value": 1.5, "unit": "mm"}),
        ("temperature", {"value": 21.5, "unit": "°C"}),
        ("flux", {"value": "NaN", "unit": "counts"}),
        ("shutter", {"value": "OPEN", "unit": ""}),
        ("interlock", {"value": True, "unit": ""}),
        ("mode", {"value": "top-up", "unit": ""}),
        ("state", {"value": "ON", "unit": ""}),
        ("alarming", {"value": 400.0, "unit": "K", "quality": "ALARM"}),
        ("invalid", {"value": None, "unit": "mA", "error": "the device says that the value is INVALID"}),
        ("missing", {"value": None, "unit": "", "error": "attribute unknown"}),
        ("short_spectrum", {"value": [1.0, 2.0, 3.0], "unit": "eV"}),
        ("names", {"value": ["a", "b"], "unit": ""}),
        ("many_names", {"value": {"shape": [100], "dtype": "str"}, "unit": ""}),
        (
            "image",
            {"value": {"shape": [32, 16], "dtype": "int64", "min": 1, "max": 1, "mean": 1.0}, "unit": ""},
        ),
        (
            "long_spectrum",
            {
                "value": {"shape": [1000], "dtype": "float64", "min": 0.0, "max": 999.0, "mean": 499.5},
                "unit": "",
            },
        ),
    ],
)
def test_each_kind_of_attribute(snapshot: TangoSnapshot, name: str, leaf: dict[str, object]) -> None:
    assert snapshot.begin(configuration(item(name)), nobody) == Items({name: leaf})


def test_an_exception_of_the_device_is_the_reason(snapshot: TangoSnapshot) -> None:
    leaf = snapshot.begin(configuration(item("broken")), nobody).metadata["broken"]
    assert leaf["value"] is None
    assert "no light in the hutch" in leaf["error"]


def test_all_items_of_one_device_in_one_round(snapshot: TangoSnapshot) -> None:
    names = ("position", "missing", "broken", "shutter", "invalid")
    found = snapshot.begin(configuration(*(item(name, group="sample") for name in names)), nobody)
    assert set(found.metadata["sample"]) == set(names)
    assert found.metadata["sample"]["position"] == {"value": 1.5, "unit": "mm"}
    assert found.metadata["sample"]["shutter"]["value"] == "OPEN"


def test_label_unit_and_mapping_come_from_where_they_should(snapshot: TangoSnapshot) -> None:
    found = snapshot.begin(
        configuration(
            Item(attribute=f"{DEVICE}/Position"),
            item("value3", unit="um"),
            item("shutter", mapping={"OPEN": "beam on sample"}),
            item("interlock", mapping={"true": "searched"}),
        ),
        nobody,
    )
    assert found.metadata == {
        "Position": {"value": 1.5, "unit": "mm"},
        "value3": {"value": 3.0, "unit": "um"},
        "shutter": {"value": "beam on sample", "unit": ""},
        "interlock": {"value": "searched", "unit": ""},
    }


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        ("no/such/device", "device is not in the Tango database"),
        ("tango://127.0.0.1:1/a/b/c", "Tango database cannot be reached"),
    ],
)
def test_a_device_that_is_not_there(snapshot: TangoSnapshot, device: str, reason: str) -> None:
    missing = Item(attribute=f"{device}/x", name="x", unit="mm", mandatory=True)
    found = snapshot.begin(configuration(missing, item("position"), budget=10), nobody)
    assert found.metadata["x"] == {"value": None, "unit": "mm", "error": reason}
    assert found.metadata["position"]["value"] == 1.5
    assert found.problems == (f"mandatory item {device}/x: {reason}",)


def test_a_device_whose_server_was_killed(
    snapshot: TangoSnapshot, beamline: dict[str, SimulatedServer]
) -> None:
    victim = beamline["victim"]
    wanted = configuration(Item(attribute=f"{victim.devices[0]}/position", name="x"))
    assert snapshot.begin(wanted, nobody).metadata["x"]["value"] == 1.5
    victim.child.kill()
    try:
        leaf = snapshot.begin(wanted, nobody).metadata["x"]
        assert leaf == {"value": None, "unit": "mm", "error": "device cannot be reached"}
    finally:
        victim.start().wait()
