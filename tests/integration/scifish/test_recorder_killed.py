"""What becomes of a scan whose MacroServer ends in its middle."""

import signal
from pathlib import Path
from typing import Any

import pytest

from scifish.contract.message import Message
from scifish.outbox.outbox import Outbox
from scifish.scan.entry import NO_PROPOSAL_YET
from scizoo.facility.processes import wait_until
from scizoo.facility.tango import tango_database
from support.scifish.recorder import checked
from support.scifish.sardana_lab import Lab, knows_the_pool, lab


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["SIGTERM", "SIGKILL"])
def test_a_scan_of_a_killed_macroserver_ends_as_interrupted(number: signal.Signals, tmp_path: Path) -> None:
    with tango_database(tmp_path) as host, lab(tmp_path, host, instance="killed") as running:
        with running.sardana.door() as door:
            door.start("ascan", "mot01", "0", "500", "500", "0.05")
            door.wait_for_output("   2  ")
            kill(running, number)
        state = wait_until(lambda: interrupted(running.outbox), "the scan is ended", 30)
        assert state is not None
        assert state["environment"]["exitStatus"] == "interrupted"
        assert state["environment"]["pointsAsked"] == 501
        assert state["dataset"]["endTime"] >= state["dataset"]["startTime"]
        assert state["proposal"]["reason"] != NO_PROPOSAL_YET, "the recorder leaves the proposal to PathFixer"


def test_the_files_of_a_killed_macroserver_join_its_scan(tmp_path: Path) -> None:
    """The names of its files are on the disk while it runs; the MacroServer that is started again looks."""
    environment = {"ScanDir": str(tmp_path / "data"), "ScanFile": ["scan.dat"]}
    with (
        tango_database(tmp_path) as host,
        lab(tmp_path, host, instance="files", environment=environment) as running,
    ):
        with running.sardana.door() as door:
            door.start("ascan", "mot01", "0", "500", "500", "0.05")
            door.wait_for_output("   2  ")
            kill(running, signal.SIGKILL)
        state = wait_until(lambda: interrupted(running.outbox), "the scan is ended", 30)
        assert state is not None
        [awaited] = state["awaited"]
        assert awaited["path"] == str(tmp_path / "data" / "scan.dat")
        running.sardana.start()
        knows_the_pool(running.sardana)
        with running.sardana.door() as door:
            door.run("ascan", "mot01", "0", "1", "1", "0.01")
        update = wait_until(lambda: with_files(running.outbox, state["pid"]), "the file joins", 60)
    assert update is not None
    assert (update.event, update.sequence) == ("update", state["sequence"] + 1)
    assert [one.path for one in update.dataset.files] == [awaited["path"]]
    assert update.awaited == ()


def with_files(path: Path, pid: str) -> Message | None:
    """Return the last message of a scan once it has files."""
    outbox = Outbox(path)
    message = checked(outbox.messages(pid)[-1].body)
    outbox.close()
    return message if message.dataset.files else None


def kill(running: Lab, number: signal.Signals) -> None:
    server = running.sardana.macroserver
    if number is signal.SIGKILL:
        server.kill()
    else:
        server.stop(grace=10)
    assert not server.running


def interrupted(path: Path) -> dict[str, Any] | None:
    """Return the end of the entry, as whoever next opens the outbox makes it."""
    outbox = Outbox(path)
    outbox.end_orphans()
    messages = [checked(one.body) for one in outbox.pending() if one.event == "end"]
    ends = [message.model_dump(mode="json", by_alias=True) for message in messages]
    outbox.close()
    return ends[-1] if ends else None
