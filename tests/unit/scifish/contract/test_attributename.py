import pytest
from pydantic import ValidationError

from scifish.common.yaml_model import parse
from scifish.contract.attribute_name import LOOKS, MAIN, checked_name, split
from scifish.contract.configuration import Item
from scifish.errors import SettingsError
from scifish.snapshot.places import places


@pytest.mark.parametrize(
    ("text", "device", "attribute"),
    [
        ("Sim/Ring/1/Current", "sim/ring/1", "current"),
        ("tango://Host:10000/sim/ring/1/Current", "tango://host:10000/sim/ring/1", "current"),
        ("mot01", "mot01", MAIN),
        ("mot01/Velocity", "mot01", "velocity"),
        ("Energy/Position", "Energy", "position"),  # an alias as it is written
        ("motor/motctrl01/1", "motor/motctrl01/1", MAIN),
        ("tango://host:10000/motor/motctrl01/1", "tango://host:10000/motor/motctrl01/1", MAIN),
        ("tango://host:10000/mot01", "tango://host:10000/mot01", MAIN),
        ("tango://host:10000/mot01/position", "tango://host:10000/mot01", "position"),
    ],
)
def test_a_name_is_a_device_and_an_attribute(text: str, device: str, attribute: str) -> None:
    assert checked_name(text) == text
    assert split(text) == (device, attribute)


@pytest.mark.parametrize(
    "text",
    ["", " ", "mot 01", "a/b/c/d/e", "a//c/d", "/a", "a/", "a/b/c/d#x", "tango:", "http://a/b", "mot@1"],
)
def test_what_is_no_name_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(ValidationError):
        Item(attribute=text)
    with pytest.raises(SettingsError) as error:
        parse(Item, {"attribute": text}, "day.yaml")
    assert str(error.value) == f"day.yaml: attribute: {LOOKS} (it is {text!r})"


def test_an_element_is_called_by_its_own_name() -> None:
    """The label of the main attribute is the same for all: it would make them one."""
    items = tuple(Item(attribute=name) for name in ("mot01", "ct01/value", "motor/motctrl01/1", "a/b/c/D"))
    labels = {"mot01/": "Position", "ct01/value": "Value", "a/b/c/d": "label"}
    assert places(items, labels) == [
        (None, "mot01"),
        (None, "Value"),
        (None, "motor/motctrl01/1"),
        (None, "label"),
    ]
