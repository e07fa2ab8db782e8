"""Names of Sardana in a configuration: what they read is what Sardana itself takes for an element's value."""

import importlib
import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import tango

from scifish.contract.attribute_name import MAIN, split
from scifish.contract.configuration import Configuration, Item
from scifish.snapshot.sardana_element import _MAIN, main_attribute
from scifish.snapshot.snapshot import TangoSnapshot
from scifish.snapshot.tango_device import TangoDevice
from scizoo.facility.processes import wait_until
from support.scifish.sardana_lab import Lab, lab
from support.tango.beamline import SimulatedServer


@pytest.fixture(scope="module")
def running(tango_host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with lab(tmp_path_factory.mktemp("names"), tango_host, instance="names") as one:
        yield one


class Asked:
    """An element of the Pool that only tells which of its attributes it is asked for."""

    def __getattr__(self, method: str) -> Any:
        name = method.removeprefix("get_").removesuffix("_attribute")
        return lambda: name


@pytest.mark.parametrize(
    ("tango_class", "pool_class"),
    [
        ("Motor", "poolmotor.PoolMotor"),
        ("PseudoMotor", "poolpseudomotor.PoolPseudoMotor"),
        ("MotorGroup", "poolmotorgroup.PoolMotorGroup"),
        ("CTExpChannel", "poolcountertimer.PoolCounterTimer"),
        ("ZeroDExpChannel", "poolzerodexpchannel.Pool0DExpChannel"),
        ("OneDExpChannel", "poolonedexpchannel.Pool1DExpChannel"),
        ("TwoDExpChannel", "pooltwodexpchannel.Pool2DExpChannel"),
        ("PseudoCounter", "poolpseudocounter.PoolPseudoCounter"),
        ("IORegister", "poolioregister.PoolIORegister"),
    ],
)
def test_the_main_attribute_is_the_one_that_sardana_takes(tango_class: str, pool_class: str) -> None:
    module, _, name = pool_class.partition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = getattr(importlib.import_module(f"sardana.pool.{module}"), name)
    assert found.get_default_attribute(Asked()) == main_attribute(tango_class)


def test_the_pool_names_the_same_source(running: Lab) -> None:
    """What the Pool tells of its elements: each one's full name and where its value is read."""
    answer: Any = tango.DeviceProxy(running.sardana.settings.pool).read_attribute("Elements")
    elements = [one for one in json.loads(answer.value[1])["new"] if "source" in one and "/" in one["source"]]
    checked = set()
    for one in elements:
        device, attribute = split(one["source"])
        proxy = tango.DeviceProxy(device)
        if proxy.info().dev_class in _MAIN:
            assert attribute == main_attribute(proxy.info().dev_class)
            checked.add(one["name"])
    assert {"mot01", "mot02", "ct01"} <= checked


def test_a_configuration_reads_elements_by_any_of_their_names(running: Lab, tango_host: str) -> None:
    device = tango.Database().get_device_from_alias("mot01")
    motor: Any = tango.DeviceProxy("mot01")
    motor.write_attribute("position", 3.25)
    there = (tango.DevState.ON, 3.25)
    wait_until(lambda: (motor.state(), motor.read_attribute("position").value) == there, "mot01 is there", 30)
    names = (
        "mot01",
        "mot01/velocity",
        device,
        f"tango://{tango_host}/{device}/position",
        "ct01",
        "mot99",
        "mot02/no",
    )
    items = tuple(Item(attribute=name, name=name.replace("/", "-")) for name in names)
    snapshot = TangoSnapshot()
    read = snapshot.begin(Configuration(name="names", budget=8, items=items), lambda _: None).metadata
    snapshot.close()
    assert read["mot01"]["value"] == 3.25
    assert read[device.replace("/", "-")]["value"] == 3.25
    assert read[items[3].name or ""]["value"] == 3.25
    assert read["mot01-velocity"]["value"] == 1000.0
    assert isinstance(read["ct01"]["value"], float)
    assert read["mot99"]["error"] == "device is not in the Tango database"
    assert read["mot02-no"]["error"] == "attribute unknown"


def test_a_device_that_is_no_element_says_what_to_write(
    running: Lab, beamline: dict[str, SimulatedServer]
) -> None:
    device = TangoDevice(beamline["healthy"].devices[0])
    read = device.read((MAIN, "position"))
    assert read["position"].error is None
    assert read[MAIN].error == (
        "is a device of class Simulated and no element of Sardana: "
        "name its attribute, sim/healthy/0/ATTRIBUTE"
    )
    assert MAIN not in device.describe((MAIN, "position"))
