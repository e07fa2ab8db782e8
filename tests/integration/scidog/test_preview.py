"""What `Preview` says of real devices: each kind of problem, the value as it is recorded, the time."""

from collections.abc import Iterator
from typing import Any

import pytest
import tango

from scidog.advice.preview import preview
from scidog.model.previews import PreviewItem
from support.clock import SLOW
from support.scidog.store import configuration
from support.tango.beamline import SimulatedServer, simulated_servers

ICE, WELL = "sim/ice/0", "sim/well/0"
KINDS: list[tuple[dict[str, Any], str]] = [
    ({"attribute": "nosuch/position"}, "device undefined"),
    ({"attribute": "nosuch"}, "device undefined"),
    ({"attribute": "no/such/device/x"}, "device undefined"),
    ({"attribute": "sim/ended/0/position"}, "not running"),
    ({"attribute": f"{ICE}/position"}, "not answering"),
    ({"attribute": "tango://127.0.0.1:1/a/b/c/d"}, "not answering"),
    ({"attribute": f"{WELL}/nothing"}, "attribute unknown"),
    ({"attribute": "wellknown"}, "attribute unknown"),  # a device without an attribute of Sardana's
    ({"attribute": f"{WELL}/broken"}, "not readable"),
    ({"attribute": f"{WELL}/invalid"}, "not readable"),
    ({"attribute": f"{WELL}/interlock", "range": [0, 1]}, "wrong type"),
    ({"attribute": f"{WELL}/image", "range": [0, 1], "unit": ""}, "wrong type"),
    ({"attribute": f"{WELL}/short_spectrum", "mapping": {"1": "x"}}, "wrong type"),
    ({"attribute": f"{WELL}/many_names", "mapping": {"1": "x"}}, "wrong type"),
    ({"attribute": f"{WELL}/alarming", "range": [0, 300]}, "out of range"),
    ({"attribute": f"{WELL}/flux", "range": [0, None]}, "out of range"),  # NaN
    ({"attribute": f"{WELL}/temperature", "unit": "furlongs"}, "unit unreadable"),
    ({"attribute": f"{WELL}/long_spectrum", "unit": "furlongs"}, "unit unreadable"),
    ({"attribute": f"{WELL}/mode", "mapping": {"top": "x"}}, "unmapped"),
    ({"attribute": f"{WELL}/VALUE3"}, ""),
    ({"attribute": f"{WELL}/value3", "name": "again"}, "doubled"),
    ({"attribute": "wellknown/Value3"}, "doubled"),  # the same by its alias
    ({"attribute": f"{WELL}/state", "mapping": {"ALARM": "alarm", "ON": "on"}}, ""),
    ({"attribute": f"{WELL}/shutter", "mapping": {"OPEN": "open"}, "when": "end"}, ""),
]


@pytest.fixture(scope="module")
def simulated(
    tango_host: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, SimulatedServer]]:
    folder = tmp_path_factory.mktemp("previewed")
    with simulated_servers(folder, tango_host, well=1, ice=1, ended=1) as servers:
        tango.Database().put_device_alias(WELL, "wellknown")
        servers["ended"].child.stop()
        yield servers
        tango.Database().delete_device_alias("wellknown")


@pytest.fixture(scope="module")
def found(simulated: dict[str, SimulatedServer]) -> tuple[PreviewItem, ...]:
    with simulated["ice"].frozen():
        return preview(configuration(items=[item for item, _ in KINDS], budget=0.3), SLOW).items


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_each_kind_of_problem_is_what_it_is(found: tuple[PreviewItem, ...], number: int) -> None:
    _, kind = KINDS[number]
    problems = [one for one in found[number].problems if one.kind != "over budget"]  # on a busy host
    assert [one.kind for one in problems] == ([kind] if kind else []), problems


def test_the_values_are_those_that_are_recorded(found: tuple[PreviewItem, ...]) -> None:
    recorded = {KINDS[number][0]["attribute"]: one.recorded for number, one in enumerate(found)}
    assert recorded[f"{WELL}/VALUE3"] == {"value": 3.0, "unit": "mm"}
    assert recorded[f"{WELL}/shutter"] == {"value": "open", "unit": ""}
    assert recorded[f"{WELL}/alarming"] == {"value": 400.0, "unit": "K", "quality": "ALARM"}
    assert recorded[f"{WELL}/invalid"]["value"] is None


def test_the_time_is_that_of_a_read_and_not_of_the_connection(simulated: dict[str, SimulatedServer]) -> None:
    proxy = tango.DeviceProxy(WELL)
    proxy.Slow(0.2)
    try:
        document = configuration(items=[{"attribute": f"{WELL}/value{one}"} for one in (1, 2)], budget=1)
        found = preview(document, 4.0 * SLOW)
    finally:
        proxy.Slow(0.0)
    for one in found.items:
        assert one.ms is not None
        assert one.share == pytest.approx(one.ms / 1000, abs=0.001)
        assert 400 <= one.ms < 400 * SLOW
