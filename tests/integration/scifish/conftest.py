"""A Tango database with simulated devices, PathFixer and SciDog."""

import importlib
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tango
import yaml

from scifish.runtime import close_runtimes
from scizoo.facility.tango import TangoDatabase
from scizoo.facility.tango import tango_host as host_set
from support.scifish.recorder_hooks import RECORDERS
from support.sdm.offices import BEAMLINE, entry, write_proposals, write_settings
from support.tango.beamline import SimulatedServer, simulated_servers
from support.tango.servers import TangoServer, console


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TangoDatabase]:
    running = TangoDatabase(tmp_path_factory.mktemp("tango")).start()
    try:
        with host_set(running.host):
            yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def tango_host(database: TangoDatabase) -> str:
    return database.host


@pytest.fixture(scope="session")
def beamline(
    tango_host: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, SimulatedServer]]:
    """Three servers: `healthy` is left alone, `other` may be frozen, `victim` may be killed and restarted."""
    folder = tmp_path_factory.mktemp("devices")
    with simulated_servers(folder, tango_host, healthy=4, other=2, victim=1) as servers:
        yield servers


@pytest.fixture(scope="module")
def pathfixer(tango_host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TangoServer]:
    folder = tmp_path_factory.mktemp("pathfixer")
    write_proposals(folder / "proposals.yaml", entry("20260001"), entry("20260002"))
    (folder / "data").mkdir()
    properties = {
        "Beamline": BEAMLINE,
        "Root": str(folder / "data"),
        "ProposalsConfig": str(write_settings(folder / "sdm.yaml")),
    }
    yield from served("PathFixer", properties, tango_host, folder)


@pytest.fixture(scope="module")
def scidog_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of SciDog's configurations."""
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def scidog(
    tango_host: str, scidog_store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TangoServer]:
    yield from served("SciDog", {"Store": str(scidog_store)}, tango_host, tmp_path_factory.mktemp("scidog"))


def served(cls: str, properties: dict[str, str], tango_host: str, folder: Path) -> Iterator[TangoServer]:
    server = TangoServer(
        [console(cls), "context"],
        f"context/ctl/{cls}",
        properties,
        tango_host=tango_host,
        log=folder / f"{cls}.log",
    ).register(cls, "context")
    server.start()
    try:
        yield server
    finally:
        server.child.stop()
        tango.Database().delete_server(f"{cls}/context")


@pytest.fixture(scope="module")
def recorder_class() -> Any:
    """Load the recorder as Sardana does: its file alone. Sardana and taurus warn about their own imports."""
    sys.path.insert(0, str(RECORDERS))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = importlib.import_module("SciCatRecorder")
    finally:
        sys.path.remove(str(RECORDERS))
    return module.SciCatRecorder


@pytest.fixture
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Settings of the test's own; no Tango is known."""
    path, settings = tmp_path / "outbox.sqlite", tmp_path / "scifish.yaml"
    settings.write_text(
        yaml.safe_dump({"mode": "outbox", "beamline": "test", "outbox": {"path": str(path)}, "exit_wait": 0})
    )
    monkeypatch.setenv("SCIFISH_CONFIG", str(settings))
    monkeypatch.delenv("TANGO_HOST", raising=False)
    yield path
    close_runtimes()
