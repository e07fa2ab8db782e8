"""The demo's devices on Debian's C++ Tango database over MariaDB, as facilities run it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tango

from scifish.contract.configuration import Configuration
from scifish.snapshot.snapshot import TangoSnapshot
from scizoo.demo.beamline.layout import (
    CONFIGURATION,
    PATHFIXER,
    PROPOSAL,
    SCIDOG,
    SCIFLY,
    Layout,
    write_settings,
)
from scizoo.demo.beamline.services import DemoParts
from scizoo.demo.beamline.staff import Staff
from scizoo.facility.processes import free_port, wait_until
from support.tango.debian import cpp_database

pytestmark = pytest.mark.debian

TO_COME = "to be read at the scan's end"


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Layout]:
    """The simulated beamline, PathFixer, SciDog and SciFly, registered and running."""
    root = tmp_path_factory.mktemp("demo")
    made = Layout(root, free_port(), free_port(), kafka=None, password="not used here")
    write_settings(made)
    staff = Staff()
    with cpp_database(root / "database") as host:
        try:
            parts = DemoParts(made, staff, host)
            parts.register()
            parts.devices()
            yield made
        finally:
            staff.stop()


@pytest.fixture(scope="module")
def pathfixer(layout: Layout) -> tango.DeviceProxy:
    proxy = tango.DeviceProxy(PATHFIXER)
    proxy.Proposal = PROPOSAL
    return proxy


def test_a_proposal_makes_its_directories(pathfixer: tango.DeviceProxy, layout: Layout) -> None:
    path = Path(str(pathfixer.Path))
    assert path.is_relative_to(layout.root / "data")
    assert {one.name for one in path.parent.iterdir()} >= {"raw", "process", "logs"}


def test_changes_come_as_events(pathfixer: tango.DeviceProxy) -> None:
    seen: list[str] = []

    def heard(event: Any) -> None:
        if not event.err:
            seen.append(str(event.attr_value.value))

    subscription = pathfixer.subscribe_event("SamplePath", tango.EventType.CHANGE_EVENT, heard)
    try:
        pathfixer.Sample = "cleaved"
        wait_until(lambda: seen and seen[-1].endswith("/raw/cleaved"), "the new sample path is heard", 30)
    finally:
        pathfixer.unsubscribe_event(subscription)


def test_the_simulated_beamline_is_read_whole(layout: Layout) -> None:
    scidog = tango.DeviceProxy(SCIDOG)
    scidog.Configuration = CONFIGURATION
    configuration = Configuration.model_validate(json.loads(str(scidog.Document)))
    snapshot = TangoSnapshot()
    try:
        found = snapshot.begin(configuration.model_copy(update={"budget": 3.0}), lambda _: None)
    finally:
        snapshot.close()
    leaves = [leaf for group in found.metadata.values() for leaf in group.values()]
    missing = [leaf["error"] for leaf in leaves if leaf.get("error", TO_COME) != TO_COME]
    assert len(leaves) >= 40
    assert len(missing) == 1, missing
    assert "check its cable" in missing[0]


def test_scifly_follows_pathfixer(pathfixer: tango.DeviceProxy) -> None:
    fly, raw = tango.DeviceProxy(SCIFLY), str(pathfixer.Path)
    wait_until(lambda: str(fly.WatchedPath) == raw, "SciFly watches the active path", 20)
