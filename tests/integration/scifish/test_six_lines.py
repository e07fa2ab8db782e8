"""From an empty SciDog to a recorded scan with three chosen attributes: six lines in spock, no file."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import tango

from support.scifish.sardana_lab import Lab, lab
from support.scifish.spock import Spock
from support.tango.servers import TangoServer

PAGE = Path(__file__).parents[3] / "docs/operators/scidog-users.md"
SIX_LINES = PAGE.read_text(encoding="utf-8").partition("```\n")[2].partition("```")[0].splitlines()


@pytest.fixture(scope="module")
def running(
    tango_host: str, pathfixer: TangoServer, scidog: TangoServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    with lab(tmp_path_factory.mktemp("six"), tango_host, instance="six") as one:
        yield one


def test_six_lines_typed_in_spock(running: Lab, scidog: TangoServer, tango_host: str, tmp_path: Path) -> None:
    assert not scidog.proxy.Configurations
    spock = Spock(tmp_path, tango_host, "door/six/1")
    assert len(SIX_LINES) == 6
    said = [spock.run(line) for line in SIX_LINES]
    assert "active: default, the first configuration\n" in said[1]
    assert "default is at revision 3 with 3 items" in said[3]
    assert "default revision 3: 3 items, " in said[4]
    assert "sample/sample x = 0.0 mm" in said[4]
    assert "3 recorded, 0 missing" in said[5]
    (entry,) = running.entries()
    number = entry["environment"]["scanID"]
    ended = running.ended(number)
    assert ended["configuration"]["name"] == "default"
    metadata = ended["dataset"]["scientificMetadata"]
    assert metadata["sample"]["sample x"]["unit"] == "mm"
    assert metadata["motors"]["speed"]["unit"] == "mm/s"
    assert len(metadata) >= 3
    assert ended["proposal"]["id"] == "20260001"


def test_the_snapshot_of_sardana_becomes_a_configuration(running: Lab, scidog: TangoServer) -> None:
    with running.sardana.door() as door:
        door.run("defsnap", "mot01", "mot02")
    macroserver = running.sardana.settings.macroserver
    request = json.dumps({"macroserver": macroserver, "configuration": "snapshot"})
    saved = json.loads(scidog.proxy.ImportSnapshot(request))
    assert (saved["configuration"], saved["items"]) == ("snapshot", 2)
    found = json.loads(scidog.proxy.Preview('{"configuration": "snapshot", "seconds": 20}'))
    assert [(one["name"], one["recorded"].get("error")) for one in found["items"]] == [
        ("mot01", None),
        ("mot02", None),
    ]
    assert json.loads(scidog.proxy.ImportSnapshot(request))["revision"] == saved["revision"]
    with pytest.raises(tango.DevFailed, match="name a MacroServer that runs"):
        scidog.proxy.ImportSnapshot("no/such/macroserver")
