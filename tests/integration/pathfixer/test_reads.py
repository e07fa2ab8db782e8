"""Reads answer at once, whatever a write waits for; State is MOVING meanwhile."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import tango

from scizoo.facility.processes import wait_until
from sdm.testing.fault import Fault
from sdm.testing.simulator import Simulator
from support.pathfixer.office import simulated_office
from support.sdm.offices import DEVICE
from support.tango.readers import many_readers
from support.tango.servers import TangoServer

ATTRIBUTES = ("SamplePath", "Path", "Proposal", "Context", "State", "Status", "Title", "AvailableProposals")
AT_ONCE = 1.5  # seconds, on a busy host; the write takes 2.5, and the office 30
HANGS = 30


@pytest.fixture
def office(config: Path, tmp_path: Path) -> Iterator[Simulator]:
    with simulated_office(config, tmp_path, timeout=2 * HANGS) as simulator:
        yield simulator


def write(attribute: str, value: str) -> str:
    """Write, and return the reason of the refusal."""
    try:
        tango.DeviceProxy(DEVICE).write_attribute(attribute, value)
    except tango.DevFailed as error:
        return str(error.args[0].reason)
    return ""


def test_all_reads_answer_at_once_while_the_office_hangs(pathfixer: TangoServer, office: Simulator) -> None:
    properties: object = {"AnswerTime": ["2.5"], "CheckPeriod": ["60"]}
    tango.Database().put_device_property(DEVICE, properties)  # type: ignore[arg-type]
    device = pathfixer.start()
    device.Proposal = "20260001"
    office.fault = Fault(kind="slow", seconds=HANGS)
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write, "Proposal", "20260004")
        wait_until(lambda: device.state() == tango.DevState.MOVING, "it works on it", 30)
        assert "Proposal '20260004'" in device.status()
        slowest = 0.0
        while not writing.done():
            for name in ATTRIBUTES:
                began = time.monotonic()
                device.read_attribute(name)
                slowest = max(slowest, time.monotonic() - began)
        assert writing.result() == "PathFixer_Late"
    assert slowest < AT_ONCE
    wait_until(lambda: device.state() == tango.DevState.ON, "it rests", 30)
    assert device.Proposal == "20260001"
    office.fault = Fault()
    office.closing.set()


def test_reads_of_many_clients_never_fail_while_events_are_sent(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    with many_readers(DEVICE, ("Context", "SamplePath", "Sample")):  # each change has an event of each
        for number in range(120):
            device.Sample = f"s{number}"


def test_moving_and_its_end_are_events(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    states: list[tango.DevState] = []
    device.subscribe_event(
        "State", tango.EventType.CHANGE_EVENT, lambda event: states.append(event.attr_value.value)
    )
    device.Proposal = "20260001"
    expected = [tango.DevState.STANDBY, tango.DevState.MOVING, tango.DevState.ON]
    wait_until(lambda: states == expected, "the events", 30)


def test_changes_of_many_clients_at_once_are_made_one_after_another(pathfixer: TangoServer) -> None:
    device = pathfixer.start()
    device.Proposal = "20260001"
    raw, samples = device.Path, [f"s{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda name: write("Sample", name), samples)) <= {"", "PathFixer_Late"}
    assert device.SamplePath == f"{raw}/{device.Sample}"
    made = [line.split()[3] for line in device.History() if "Sample" in line]
    taken = [line.split("->")[1].split(":")[0].split("/")[-1].strip() for line in device.History()][1:]
    assert len(taken) == len(set(taken)) == len(made)
    assert taken[-1] == device.Sample
