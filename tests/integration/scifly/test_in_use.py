"""PathFixer lets nobody change the proposal while SciFly has files in progress."""

import pytest
import tango

from scizoo.facility.processes import wait_until
from support.scifly.ses import ONE
from support.sdm.offices import entry, write_proposals
from support.tango.chain import OTHER, PROPOSAL, Chain

SOON = 30.0
ENDED = [{"begin": "2019-05-06 08:00:00", "end": "2019-05-10 08:00:00"}]


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


def test_a_beamtime_that_is_over_ends_after_the_files_in_progress(beamline: Chain) -> None:
    properties: object = {
        "SciFly": [beamline.scifly.device],
        "StaffProposal": [OTHER],
        "CheckPeriod": ["0.2"],
    }
    tango.Database().put_device_property(beamline.pathfixer.device, properties)  # type: ignore[arg-type]
    device = beamline.pathfixer.start()
    device.Proposal = PROPOSAL
    fly = beamline.scifly.start()
    raw = beamline.raw()
    file = raw / "last.txt"
    file.write_bytes(ONE[:-40])
    wait_until(lambda: fly.FilesPending == 1, "it is seen", SOON)
    staff = entry(OTHER, category="staff", visits=[])
    write_proposals(beamline.folder / "proposals.yaml", entry(PROPOSAL, visits=ENDED), staff)
    wait_until(lambda: "its beamtime ended" in device.status(), "its end is told", SOON)
    assert f"{beamline.scifly.device} has 1 file in progress" in device.status()
    assert (device.state(), device.Proposal, beamline.raw()) == (tango.DevState.ALARM, PROPOSAL, raw)
    file.write_bytes(ONE)
    wait_until(lambda: device.Proposal == OTHER, "the staff proposal follows", SOON)
    wait_until(lambda: len(beamline.ends()) == 1, "it is recorded", SOON)
    (end,) = beamline.ends().values()
    assert end.proposal.id == PROPOSAL
