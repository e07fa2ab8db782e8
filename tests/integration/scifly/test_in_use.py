"""PathFixer lets nobody change the proposal while SciFly has files in progress."""

import pytest
import tango

from scizoo.facility.processes import wait_until
from support.scifly.ses import ONE
from support.tango.chain import OTHER, PROPOSAL, Chain

SOON = 30.0


def test_another_proposal_waits_for_the_files_in_progress(beamline: Chain) -> None:
    properties: object = {"SciFly": [beamline.scifly.device]}
    tango.Database().put_device_property(beamline.pathfixer.device, properties)  # type: ignore[arg-type]
    device = beamline.pathfixer.start()
    device.Proposal = PROPOSAL
    fly = beamline.scifly.start()
    file = beamline.raw() / "a.txt"
    file.write_bytes(ONE[:-40])
    wait_until(lambda: fly.FilesPending == 1, "it is seen", SOON)
    with pytest.raises(tango.DevFailed) as caught:
        device.Proposal = OTHER
    assert caught.value.args[0].reason == "PathFixer_InUse"
    assert f"{beamline.scifly.device} has 1 file in progress" in caught.value.args[0].desc
    device.Sample = "next"
    file.write_bytes(ONE)
    wait_until(lambda: fly.FilesPending == 0, "it is recorded", SOON)
    device.Proposal = OTHER
    assert device.Proposal == OTHER
