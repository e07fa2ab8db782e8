"""A second Tango device subscribes to PathFixer and SciDog and sees each change whole."""

import json
import sys
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from scizoo.facility.processes import wait_until
from support.tango import listener
from support.tango.chain import OTHER, PROPOSAL, Chain, chain
from support.tango.servers import TangoServer

SOON = 60.0  # Tango itself needs up to some ten seconds to connect events again after a restart


@pytest.fixture
def beamline(tmp_path: Path, tango_host: str) -> Iterator[Chain]:
    with chain(tmp_path, tango_host) as made:
        (made.store / "default.yaml").write_text("budget: 1\n", encoding="utf-8")
        (made.store / "other.yaml").write_text("budget: 2\n", encoding="utf-8")
        yield made


@pytest.fixture
def second(beamline: Chain, tango_host: str, tmp_path: Path) -> Iterator[TangoServer]:
    attributes = [
        f"{beamline.pathfixer.device}/Context",
        f"{beamline.pathfixer.device}/SamplePath",
        f"{beamline.scidog.device}/Document",
        f"{beamline.scidog.device}/Configuration",
    ]
    server = TangoServer(
        [sys.executable, listener.__file__, "test"],
        "test/ctl/listener",
        {"Attributes": attributes},
        tango_host=tango_host,
        log=tmp_path / "listener.log",
    ).register("Listener")
    yield server
    server.child.stop()


def came(second: TangoServer, attribute: str) -> list[str]:
    """Return the values of one attribute that came as events, oldest first.

    A value that comes twice in a row is one: Tango repeats the current one when a subscription is complete.
    """
    seen = [one.partition(" ") for one in second.proxy.Seen or ()]
    return [value for value, _ in groupby(value for name, _, value in seen if name == attribute)]


def documents(second: TangoServer, attribute: str) -> list[dict[str, Any]]:
    return [json.loads(text) for text in came(second, attribute) if text]


def test_it_sees_what_changes_each_change_in_one_piece(beamline: Chain, second: TangoServer) -> None:
    path, dog = beamline.pathfixer.start(), beamline.scidog.start()
    second.start()
    for name in ("context", "samplepath", "document", "configuration"):
        wait_until(partial(came, second, name), f"{name} is subscribed", SOON)
    path.Proposal = PROPOSAL
    path.Sample = "Ag"
    path.Proposal = OTHER
    dog.Configuration = "default"
    dog.Configuration = "other"
    wait_until(lambda: came(second, "configuration")[-1:] == ["other"], "SciDog's change comes", SOON)
    wait_until(lambda: documents(second, "document")[-1:], "SciDog's document comes", SOON)
    last = path.Context
    wait_until(lambda: came(second, "context")[-1:] == [last], "PathFixer's change comes", SOON)
    wait_until(lambda: path.SamplePath in came(second, "samplepath"), "SamplePath comes", SOON)
    assert [(one["name"], one["budget"]) for one in documents(second, "document")] == [
        ("default", 1),
        ("other", 2),
    ]
    contexts = [one for one in documents(second, "context") if one["proposal"]]
    assert [one["proposal"] for one in contexts] == [PROPOSAL, PROPOSAL, OTHER]
    assert [one["sample"] for one in contexts][:2] == [None, "Ag"]
    for one in contexts:
        assert f"/{one['proposal']}/{one['visit']}/raw" in one["path"]
        assert one["samplePath"] == "/".join(filter(None, (one["path"], one["sample"])))


def test_it_may_start_before_them_and_they_may_be_killed(beamline: Chain, second: TangoServer) -> None:
    second.start()
    beamline.scidog.start().Configuration = "default"
    beamline.pathfixer.start().Proposal = PROPOSAL
    wait_until(lambda: "default" in came(second, "configuration"), "SciDog is heard", SOON)
    wait_until(lambda: PROPOSAL in str(came(second, "context")), "PathFixer is heard", SOON)
    for server in (beamline.scidog, beamline.pathfixer):
        server.child.kill()
    beamline.scidog.start().Configuration = "other"
    beamline.pathfixer.start().Proposal = OTHER
    wait_until(lambda: "other" in came(second, "configuration"), "SciDog is heard again", SOON)
    wait_until(lambda: OTHER in str(came(second, "context")), "PathFixer is heard again", SOON)
