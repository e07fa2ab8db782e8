"""What becomes of a scan whose MacroServer ends in its middle."""

import signal
from pathlib import Path
from typing import Any

import pytest

from scifish.entry import NOT_SAID
from scifish.outbox import Outbox
from scizoo.processes import wait_until
from scizoo.tangodb import tango_database
from support.sardanalab import Lab, lab
from support.scifish import checked


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
        assert state["proposal"]["reason"] != NOT_SAID, "Sardana's recorder leaves the proposal to PathFixer"


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
