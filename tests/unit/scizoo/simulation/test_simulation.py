"""The simulated beamline: attributes of all types, described; a slow one and a broken one."""

import time
from collections.abc import Iterator

import pytest
import tango
from tango.test_context import MultiDeviceTestContext

from scizoo.simulation.__main__ import CLASSES
from scizoo.simulation.troubled import Troubled
from support.tango.jive import undescribed

DEVICES = {one.__name__: f"sim/{one.__name__.lower()}/1" for one in CLASSES}


@pytest.fixture(scope="module")
def beamline() -> Iterator[dict[str, tango.DeviceProxy]]:
    """Serve all of them in this process."""
    devices = [
        {"class": one, "devices": [{"name": DEVICES[one.__name__], "properties": _properties(one)}]}
        for one in CLASSES
    ]
    with MultiDeviceTestContext(devices) as context:
        yield {name: context.get_device(device) for name, device in DEVICES.items()}


def _properties(one: type) -> dict[str, str]:
    return {"Delay": "0.05"} if one is Troubled else {}


def attributes(
    beamline: dict[str, tango.DeviceProxy],
) -> list[tuple[tango.DeviceProxy, tango.AttributeInfoEx]]:
    return [(device, one) for device in beamline.values() for one in device.attribute_list_query_ex()]


def test_there_are_some_forty_attributes_of_all_types(beamline: dict[str, tango.DeviceProxy]) -> None:
    found = [one for _, one in attributes(beamline) if one.name not in {"State", "Status"}]
    assert 38 <= len(found) <= 50
    kinds = {str(tango.CmdArgType(one.data_type).name) for one in found}
    assert kinds >= {
        "DevDouble", "DevFloat", "DevShort", "DevLong", "DevLong64", "DevUChar", "DevUShort", "DevULong",
        "DevULong64", "DevBoolean", "DevString", "DevEnum",
    }  # fmt: skip
    assert {one.data_format for one in found} == {
        tango.AttrDataFormat.SCALAR,
        tango.AttrDataFormat.SPECTRUM,
        tango.AttrDataFormat.IMAGE,
    }


def test_every_attribute_is_described(beamline: dict[str, tango.DeviceProxy]) -> None:
    missing = {name: undescribed(device) for name, device in beamline.items()}
    assert missing == {name: [] for name in DEVICES}


def test_every_attribute_but_the_broken_one_is_read(beamline: dict[str, tango.DeviceProxy]) -> None:
    failed = []
    for device, one in attributes(beamline):
        try:
            device.read_attribute(one.name)
        except tango.DevFailed as error:
            failed.append((one.name, error.args[0].desc.strip()))
    assert [name for name, _ in failed] == ["Broken"]
    assert "check its cable" in failed[0][1]


def test_the_slow_attribute_takes_its_time(beamline: dict[str, tango.DeviceProxy]) -> None:
    begin = time.monotonic()
    beamline["Troubled"].read_attribute("Slow")
    assert time.monotonic() - begin >= 0.05


def test_a_set_point_keeps_what_is_written_within_its_range(beamline: dict[str, tango.DeviceProxy]) -> None:
    monochromator = beamline["Monochromator"]
    monochromator.Energy = 640.2
    assert monochromator.Energy == 640.2
    assert monochromator.Wavelength == pytest.approx(1.9366, abs=1e-4)
    with pytest.raises(tango.DevFailed, match="above the maximum"):
        monochromator.Energy = 9000


def test_the_ring_current_is_in_its_range(beamline: dict[str, tango.DeviceProxy]) -> None:
    assert 390 < beamline["StorageRing"].Current <= 400
