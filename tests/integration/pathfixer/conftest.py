import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import tango

from scizoo.facility.tango import TangoDatabase, tango_host
from support.sdm.offices import BEAMLINE, DEVICE, entry, write_proposals, write_settings
from support.tango import slow_macroserver as slow_macroserver_program
from support.tango.servers import TangoServer, console


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TangoDatabase]:
    """The Tango database of these tests; a test may kill it and start it again."""
    running = TangoDatabase(tmp_path_factory.mktemp("database")).start()
    with tango_host(running.host):
        yield running
    running.stop()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """sdm's settings with a visitors', a staff, a proprietary and an ended proposal in proposals.yaml."""
    ended = [{"begin": "2019-05-06 08:00:00", "end": "2019-05-10 08:00:00"}]
    two = [{"begin": f"20{year}-01-01 08:00:00", "end": f"20{year}-12-31 08:00:00"} for year in (20, 21)]
    now = [{"begin": "2022-01-01 08:00:00", "end": "2099-12-31 08:00:00"}]
    write_proposals(
        tmp_path / "proposals.yaml",
        entry("20260001"),
        entry("20260002", category="staff", visits=[]),
        entry("20260003", code="IN"),
        entry("20260004", visits=[*two, *now]),
        entry("20190001", visits=ended),
    )
    return write_settings(tmp_path / "sdm.yaml")


@pytest.fixture
def pathfixer(database: TangoDatabase, root: Path, config: Path, tmp_path: Path) -> Iterator[TangoServer]:
    """A registered PathFixer that the test starts."""
    properties = {
        "Beamline": BEAMLINE,
        "Root": str(root),
        "ProposalsConfig": str(config),
        "CheckPeriod": "0.2",
    }
    server = TangoServer(
        [console("PathFixer"), "test"],
        DEVICE,
        properties,
        tango_host=database.host,
        log=tmp_path / "pathfixer.log",
    ).register("PathFixer")
    yield server
    server.child.stop()
    tango.Database().delete_device(DEVICE)  # with all that it remembers


@pytest.fixture
def slow_macroserver(database: TangoDatabase, tmp_path: Path) -> Iterator[TangoServer]:
    """What looks like a MacroServer and takes its time."""
    server = TangoServer(
        [sys.executable, slow_macroserver_program.__file__, "test"],
        "test/ctl/slowmacroserver",
        {},
        tango_host=database.host,
        log=tmp_path / "slow.log",
    ).register("SlowMacroServer")
    server.start()
    yield server
    server.child.stop()
