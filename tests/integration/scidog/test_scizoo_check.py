"""`scizoo check` tells all that `Check` tells of what is recorded, each once."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import tango

from scidog.model.previews import Kind
from scizoo.check.devices import tango_findings
from scizoo.facility.processes import wait_until
from support.scidog.store import DEVICE, configuration
from support.tango.beamline import SimulatedServer, simulated_servers
from support.tango.servers import TangoServer

ICE, WELL = "sim/ice/0", "sim/well/0"
ITEMS: list[dict[str, Any]] = [
    {"attribute": "no/such/device/x"},
    {"attribute": "sim/ended/0/position"},
    {"attribute": f"{ICE}/position"},
    {"attribute": f"{WELL}/nothing"},
    {"attribute": f"{WELL}/broken"},
    {"attribute": f"{WELL}/interlock", "range": [0, 1]},
    {"attribute": f"{WELL}/alarming", "range": [0, 300]},
    {"attribute": f"{WELL}/temperature", "unit": "furlongs"},
    {"attribute": f"{WELL}/mode", "mapping": {"top": "x"}},
    {"attribute": f"{WELL}/value3"},
    {"attribute": "wellknown/value3"},
    {"attribute": f"{DEVICE}/Revision"},  # a number without a unit
]


@pytest.fixture
def simulated(tango_host: str, tmp_path: Path) -> Iterator[SimulatedServer]:
    with simulated_servers(tmp_path, tango_host, well=1, ice=1, ended=1) as servers:
        tango.Database().put_device_alias(WELL, "wellknown")
        servers["ended"].child.stop()
        yield servers["ice"]
        tango.Database().delete_device_alias("wellknown")


def test_it_tells_what_check_tells_once(
    scidog: TangoServer, simulated: SimulatedServer, tango_host: str
) -> None:
    dog = scidog.start()
    dog.set_timeout_millis(60_000)
    dog.Save(configuration("night", items=ITEMS, budget=1e-6).model_dump_json())
    dog.Configuration = "night"
    wait_until(lambda: not dog.NotLookedAt, "all devices were looked at", 60)
    with simulated.frozen():
        checked = json.loads(dog.Check('{"seconds": 2}'))["problems"]
        told = [
            one.text for one in tango_findings(tango_host) if one.verdict == "note" and "item " in one.text
        ]
    assert {one["kind"] for one in checked} == set(get_args(Kind))
    found = Counter(int(text.partition("item ")[2].partition(":")[0]) for text in told)
    assert found == Counter(one["item"] for one in checked), told
