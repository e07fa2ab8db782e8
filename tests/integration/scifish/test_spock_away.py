"""Every macro where PathFixer, SciDog or the Tango database does not answer: a sentence, within seconds."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from scifish.beamline.beamline_device import BeamlineDevice
from scifish.errors import SciFishError
from scifish.runtime import close_runtimes
from scifish.sardana import spock
from scifish.sardana import spock_items as spockitems
from scizoo.errors import SardanaError
from scizoo.facility.door import Door
from support.scifish.sardana_lab import Lab, lab
from support.tango.beamline import freeze
from support.tango.servers import TangoServer

PATHFIXER = (
    ("scicat_proposal",),
    ("scicat_proposal", "20260001"),
    ("scicat_sample",),
    ("scicat_sample", "x"),
)
SCIDOG = (
    ("scicat_configurations",),
    ("scicat_activate", "day"),
    ("scicat_reload",),
    ("scicat_add", "mot01/velocity"),
    ("scicat_remove", "mot01/velocity"),
)
FEW = 12.0  # seconds: a margin above 4, which a device may take, for a busy machine


@pytest.fixture(scope="module")
def running(
    tango_host: str,
    pathfixer: TangoServer,
    scidog: TangoServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Lab]:
    with lab(tmp_path_factory.mktemp("away"), tango_host, instance="away") as one:
        yield one


def said(door: Door, *macro: str) -> str:
    """Run a macro and return what it said, whether it failed or not."""
    begun = time.monotonic()
    try:
        text = door.run(*macro)
    except SardanaError as error:
        text = str(error)
    assert time.monotonic() - begun < FEW, macro
    for trace in ("Traceback", "TypeError", "AttributeError", "please report"):
        assert trace not in text
    return text


def test_servers_that_hang_and_servers_that_do_not_run(
    running: Lab, pathfixer: TangoServer, scidog: TangoServer
) -> None:
    silent = "{0} context/ctl/{1} does not answer within 4 s; end its process and start it with: {0} context"
    away = "{0} context/ctl/{1} does not answer; start it with: {0} context"
    devices = (("PathFixer", PATHFIXER), ("SciDog", SCIDOG))
    with running.sardana.door() as door:
        asked = BeamlineDevice("PathFixer", None)
        asked.read("State")
        for server in (pathfixer, scidog):
            freeze(server.child)
        with pytest.raises(SciFishError, match=r"^PathFixer context/ctl/pathfixer is busy: it may still do "):
            asked.read("State")
        for name, macros in devices:
            assert silent.format(name, name.lower()) in said(door, *macros[-1]).replace("/PathF", "/pathf")
        status = said(door, "scicat_status")
        assert all(f"problem: {silent.format(name, name.lower())}" in status for name, _ in devices)
        for server in (pathfixer, scidog):
            server.child.kill()
        for name, macros in devices:
            for macro in macros:
                assert away.format(name, name.lower()) in said(door, *macro)
        status = said(door, "scicat_status")
        assert all(f"problem: {away.format(name, name.lower())}" in status for name, _ in devices)
        door.run("ascan", "mot01", "0", "1", "1", "0.01")
        assert "recorded: 0 items" in said(door, "scicat_last")
        for server in (pathfixer, scidog):
            server.start()
        # Both remember what the tests before this one have set: only the form of the answer is known.
        assert said(door, "scicat_proposal").startswith("proposal: ")
        assert " does not answer" not in said(door, "scicat_configurations")


ASKED: tuple[Callable[[], list[str]], ...] = (
    lambda: spock.proposal(None),
    lambda: spock.proposal("20260001"),
    lambda: spock.sample("x"),
    spockitems.configurations,
    lambda: spockitems.activate("day"),
    spockitems.reload,
    lambda: spockitems.add("mot01", None, None, None),
    lambda: spockitems.remove("mot01"),
)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    path = tmp_path / "scifish.yaml"
    devices = {"pathfixer": "no/such/pathfixer", "scidog": "no/such/scidog"}
    said = {"mode": "outbox", "outbox": {"path": str(tmp_path / "outbox.sqlite")}, **devices}
    path.write_text(yaml.safe_dump(said))
    monkeypatch.setenv("SCIFISH_CONFIG", str(path))
    yield
    close_runtimes()


@pytest.mark.parametrize("ask", ASKED)
def test_a_device_that_the_database_does_not_know(
    tango_host: str, settings: None, ask: Callable[[], list[str]]
) -> None:
    with pytest.raises(
        SciFishError, match=r"^(PathFixer|SciDog) no/such/\w+ is not in the Tango database; reg"
    ):
        ask()


@pytest.mark.parametrize("ask", ASKED)
def test_a_database_that_is_away(
    settings: None, ask: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANGO_HOST", "127.0.0.1:1")
    with pytest.raises(
        SciFishError, match=r"the Tango database 127\.0\.0\.1:1 does not answer; start it, or"
    ):
        ask()


def test_the_status_without_a_database(settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGO_HOST", "127.0.0.1:1")
    lines = spock.status("SciCatRecorder")
    assert any(line.startswith("problem: PathFixer no/such/pathfixer: the Tango database ") for line in lines)
    assert any(line.startswith("outbox: 0 messages wait") for line in lines)
