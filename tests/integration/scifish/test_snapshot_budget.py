"""The budget holds whatever the devices do: frozen, slow, at first contact and afterwards."""

import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from operator import itemgetter
from typing import Any

import pytest
import tango

from scifish.contract.configuration import Configuration, Item
from scifish.ports import Items
from scifish.snapshot.device_worker import Pace
from scifish.snapshot.snapshot import TangoSnapshot
from scizoo.facility.processes import wait_until
from support.clock import SLOW
from support.tango.beamline import SimulatedServer

BUDGET = 1.0
Beamline = dict[str, SimulatedServer]


class Late:
    """Collects what comes late."""

    def __init__(self) -> None:
        self.metadata: dict[str, object] = {}
        self.arrived = threading.Event()

    def __call__(self, items: Items) -> None:
        self.metadata.update(items.metadata)
        self.arrived.set()


@pytest.fixture
def snapshot() -> Iterator[TangoSnapshot]:
    service = TangoSnapshot()
    yield service
    service.close()


@pytest.fixture
def wanted(beamline: Beamline) -> Configuration:
    devices = [*beamline["healthy"].devices, *beamline["other"].devices]
    items = [Item(attribute=f"{name}/value1", name=name) for name in devices]
    return Configuration(name="test", items=tuple(items), budget=BUDGET)


def timed(snapshot: TangoSnapshot, wanted: Configuration, late: Late) -> tuple[float, Items]:
    started = time.monotonic()
    found = snapshot.begin(wanted, late)
    return time.monotonic() - started, found


def missed(found: Items) -> dict[str, str]:
    return {name: leaf["error"] for name, leaf in found.metadata.items() if "error" in leaf}


@pytest.mark.parametrize("known", [True, False], ids=["known before", "first contact"])
def test_frozen_devices_cost_the_budget_once_and_then_nothing(
    snapshot: TangoSnapshot, wanted: Configuration, beamline: Beamline, known: bool
) -> None:
    other, late = beamline["other"], Late()
    if known:
        assert missed(snapshot.begin(wanted, late)) == {}
    with other.frozen():
        first, found = timed(snapshot, wanted, late)
        assert missed(found) == dict.fromkeys(other.devices, "no answer within 1000 ms")
        assert first < BUDGET * SLOW
        second, found = min((timed(snapshot, wanted, late) for _ in range(3)), key=itemgetter(0))
        assert set(missed(found)) == set(other.devices)
        assert all(reason.startswith("not waited for: no answer since ") for reason in missed(found).values())
        assert second < BUDGET * 0.9
    assert late.arrived.wait(20)
    wait_until(lambda: not missed(snapshot.begin(wanted, late)), "all devices are waited for again", 20)


def test_an_answer_after_the_budget_is_told_later(
    snapshot: TangoSnapshot, wanted: Configuration, beamline: Beamline
) -> None:
    late, slow = Late(), beamline["other"].devices[0]
    snapshot.begin(wanted, late)
    with beamline["other"].slow(slow, BUDGET * 2):
        took, found = timed(snapshot, wanted, late)
        assert took < BUDGET * SLOW
        assert missed(found) == {slow: "no answer within 1000 ms"}
        assert late.arrived.wait(30)
        assert late.metadata == {slow: {"value": 1.0, "unit": "mm"}}


def test_a_device_that_is_always_slow_is_not_waited_for_and_is_recorded_all_the_same(
    snapshot: TangoSnapshot, wanted: Configuration, beamline: Beamline
) -> None:
    slow = beamline["other"].devices[1]
    with beamline["other"].slow(slow, BUDGET * 2):
        snapshot.begin(wanted, Late())
        late = Late()
        took, found = min((timed(snapshot, wanted, late) for _ in range(3)), key=itemgetter(0))
        assert took < BUDGET * 0.9
        assert set(missed(found)) == {slow}
        assert late.arrived.wait(30)
        assert late.metadata == {slow: {"value": 1.0, "unit": "mm"}}


def test_a_unit_that_changed_is_told_before_the_scan_ends(wanted: Configuration, beamline: Beamline) -> None:
    snapshot = TangoSnapshot(pace=Pace(fresh=0.0))
    device, late = tango.DeviceProxy(beamline["healthy"].devices[0]), Late()
    snapshot.begin(wanted, late)
    config: Any = device.get_attribute_config("value1")
    config.unit = "um"
    device.set_attribute_config(config)
    try:
        known = {**snapshot.begin(wanted, late).metadata, **late.metadata}
        if known[device.name()]["unit"] == "mm":
            assert late.arrived.wait(30)
            known.update(late.metadata)
        assert known[device.name()] == {"value": 1.0, "unit": "um"}
        assert snapshot.begin(wanted, late).metadata[device.name()]["unit"] == "um"
    finally:
        config.unit = "mm"
        device.set_attribute_config(config)


def test_the_end_is_read_beside_the_begin(snapshot: TangoSnapshot, beamline: Beamline) -> None:
    name = f"{beamline['healthy'].devices[0]}/position"
    wanted = Configuration(
        name="test",
        budget=3,
        items=(
            Item(attribute=name, group="a", name="once"),
            Item(attribute=name, group="a", name="twice", when="both"),
            Item(attribute=name, group="a", name="last", when="end"),
        ),
    )
    value = {"value": 1.5, "unit": "mm"}
    begun = snapshot.begin(wanted, Late())
    later = {"value": None, "unit": "mm", "error": "to be read at the scan's end"}
    assert begun == Items({"a": {"once": value, "twice": value, "twice_end": later, "last": later}})
    ended = Late()
    assert snapshot.end(wanted, ended)
    assert ended.arrived.wait(30)
    assert ended.metadata == {"a": {"twice_end": value, "last": value}}


def test_the_end_returns_at_once_and_tells_once_within_the_budget(
    snapshot: TangoSnapshot, beamline: Beamline
) -> None:
    frozen = beamline["other"].devices[0]
    wanted = Configuration(
        name="test", budget=BUDGET, items=(Item(attribute=f"{frozen}/value1", name="x", when="end"),)
    )
    ended = Late()
    with beamline["other"].frozen():
        started = time.monotonic()
        assert snapshot.end(wanted, ended)
        assert time.monotonic() - started < BUDGET
        assert ended.arrived.wait(30)
        assert ended.metadata == {"x": {"value": None, "unit": "", "error": "no answer within 1000 ms"}}


def test_nothing_to_read_at_the_end(snapshot: TangoSnapshot, wanted: Configuration) -> None:
    assert snapshot.end(wanted, Late()) is False


def test_a_process_ends_at_once_though_a_device_hangs(beamline: Beamline) -> None:
    device = beamline["other"].devices[0]
    program = textwrap.dedent(f"""
        from scifish.contract.configuration import Configuration, Item
        from scifish.snapshot.snapshot import TangoSnapshot
        items = (Item(attribute="{device}/value1", name="x"),)
        TangoSnapshot().begin(Configuration(name="test", budget=0.1, items=items), print)
    """)
    with beamline["other"].frozen():
        started = time.monotonic()
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert time.monotonic() - started < 2 * SLOW  # Tango itself waits for 9 s
