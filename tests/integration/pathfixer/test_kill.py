"""PathFixer is killed at any moment of a change: what is there afterwards is whole, the old or the new."""

import json
import os
import signal
import threading
from functools import partial
from pathlib import Path

import tango

from scizoo.facility.door import read_environment
from scizoo.facility.processes import wait_until
from support.sdm.offices import DEVICE, entry, write_proposals
from support.tango.servers import TangoServer

PROPOSALS = tuple(f"2026{number:04}" for number in range(1, 9))
MOMENTS = (0.0, 0.004, 0.01, 0.03, 0.3, 0.55, 0.6, 0.8)  # seconds; the MacroServer takes 0.5 of them


def test_a_kill_at_any_moment_of_a_change_leaves_the_old_or_the_new_whole(
    pathfixer: TangoServer, slow_macroserver: TangoServer, tmp_path: Path
) -> None:
    write_proposals(tmp_path / "proposals.yaml", *map(entry, PROPOSALS))
    properties: object = {"MacroServers": [slow_macroserver.device]}
    tango.Database().put_device_property(DEVICE, properties)  # type: ignore[arg-type]
    device = pathfixer.start()
    device.Proposal = PROPOSALS[-1]
    wait_until(partial(is_on, device), "it is remembered, too", 30)
    for proposal, moment in zip(PROPOSALS, MOMENTS, strict=True):
        before = str(device.SamplePath)
        answered = killed_while_written(pathfixer, proposal, moment)
        device = pathfixer.start()
        after, path = json.loads(device.Context), str(device.SamplePath)
        assert path == before or after["proposal"] == proposal
        assert after["proposal"] == proposal or not answered, "it was answered, and is lost"
        wait_until(partial(is_on, device), "all is well", 30)
        assert read_environment(slow_macroserver.device)["ScanDir"] == path
        assert list(device.VerifyPath() or ()) == []
        newest = device.History()[-1].split(" -> ")[1]
        assert newest.startswith(f"{after['proposal']}/{after['visit']}"), "the audit file has another"


def is_on(device: tango.DeviceProxy) -> bool:
    return bool(device.state() == tango.DevState.ON)


def killed_while_written(pathfixer: TangoServer, proposal: str, moment: float) -> bool:
    """Write a proposal, kill PathFixer that many seconds later, and tell whether it had answered."""
    killer = threading.Timer(moment, os.kill, (pathfixer.child.pid, signal.SIGKILL))
    proxy = tango.DeviceProxy(DEVICE)
    killer.start()
    try:
        proxy.write_attribute("Proposal", proposal)
    except (tango.DevFailed, TypeError):  # TypeError: PyTango asked in vain which type the attribute has
        return False
    else:
        return True
    finally:
        killer.join()
        pathfixer.child.wait(30)
