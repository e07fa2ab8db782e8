"""Debian's TangoTest, written in C++, as a source of attributes: each ends as a value or a reason."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import tango

from scifish.contract.configuration import Configuration, Item
from scifish.snapshot.snapshot import TangoSnapshot
from scifish.snapshot.tango_device import TangoDevice
from scizoo.facility.tango import tango_database
from support.tango.debian import tango_test

pytestmark = pytest.mark.debian
BUDGET = 2.0  # s; the machines of the tests are shared


@pytest.fixture(scope="module")
def device(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tango.DeviceProxy]:
    folder = tmp_path_factory.mktemp("tangotest")
    with tango_database(folder), tango_test(folder) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def recorded(device: tango.DeviceProxy) -> dict[str, Any]:
    return snapshot_of(device)


def snapshot_of(device: tango.DeviceProxy) -> dict[str, Any]:
    """The snapshot of all its attributes, in one group."""
    names = [str(name) for name in device.get_attribute_list()]
    items = tuple(Item(attribute=f"{device.dev_name()}/{name}", group="cpp", name=name) for name in names)
    snapshot = TangoSnapshot()
    try:
        found = snapshot.begin(Configuration(name="tangotest", budget=BUDGET, items=items), lambda _: None)
    finally:
        snapshot.close()
    assert set(found.metadata["cpp"]) == set(names)
    group: dict[str, Any] = found.metadata["cpp"]
    return group


def value(leaf: Any) -> Any:
    return leaf["value"] if isinstance(leaf, dict) and "value" in leaf else leaf


def reason(leaf: Any) -> Any:
    return leaf.get("error") if isinstance(leaf, dict) else None


def test_every_attribute_is_a_value_or_a_reason(recorded: dict[str, Any]) -> None:
    silent = [name for name, leaf in recorded.items() if value(leaf) is None and not reason(leaf)]
    assert silent == []
    assert len(recorded) > 40


def test_it_all_is_json(recorded: dict[str, Any]) -> None:
    assert json.loads(json.dumps(recorded, allow_nan=False)) == recorded


def test_numbers_text_state_and_truth(recorded: dict[str, Any]) -> None:
    assert isinstance(value(recorded["double_scalar"]), float | int)
    assert isinstance(value(recorded["long64_scalar"]), int)
    assert value(recorded["string_scalar"]) == "Default string"
    assert value(recorded["boolean_scalar"]) in (True, False)
    assert value(recorded["State"]) in ("RUNNING", "FAULT", "ON")


def test_a_long_spectrum_and_an_image_are_summed_up(recorded: dict[str, Any]) -> None:
    wave = value(recorded["wave"])
    assert wave["shape"] == [256]
    assert wave["dtype"] == "float64"
    assert -1 <= wave["min"] <= wave["mean"] <= wave["max"] <= 1
    assert len(value(recorded["double_image_ro"])["shape"]) == 2


def test_an_attribute_that_throws_and_one_without_a_value_say_why(recorded: dict[str, Any]) -> None:
    assert value(recorded["throw_exception"]) is None
    assert "exception" in reason(recorded["throw_exception"])
    assert value(recorded["no_value"]) is None
    assert reason(recorded["no_value"])


def as_utf8(text: str) -> str:
    """Return what makes PyTango send the text's UTF-8 bytes, as Jive and C++ clients on Linux do."""
    return text.encode().decode("latin-1")


def test_text_in_utf8_is_recorded_as_it_was_meant(device: tango.DeviceProxy) -> None:
    [config] = device.get_attribute_config_ex(["float_scalar"])
    config.unit, config.label = as_utf8("µm"), as_utf8("Ångström")
    device.set_attribute_config(config)
    device.write_attribute("string_scalar", as_utf8("20 °C"))
    device.write_attribute("string_spectrum", [as_utf8("α"), as_utf8("β")])
    group = snapshot_of(device)
    assert group["float_scalar"]["unit"] == "µm"
    assert TangoDevice(device.dev_name()).describe(("float_scalar",))["float_scalar"].label == "Ångström"
    assert value(group["string_scalar"]) == "20 °C"
    assert value(group["string_spectrum"]) == ["α", "β"]
