"""SciFly's attributes and commands, as an operator uses them."""

import time
from pathlib import Path

import pytest
import tango

from scizoo.facility.processes import wait_until
from support.scifly.ses import ONE
from support.tango.chain import PROPOSAL, Chain

SOON = 30.0


def names(beamline: Chain) -> list[str]:
    return sorted(str(one.dataset.dataset_name) for one in beamline.ends().values())


@pytest.fixture
def fly(beamline: Chain) -> tango.DeviceProxy:
    beamline.pathfixer.start().Proposal = PROPOSAL
    fly = beamline.scifly.start()
    wait_until(lambda: fly.WatchedPath, "it watches", SOON)
    return fly


def test_what_comes_while_it_is_stopped_is_recorded_after_start_also_over_a_restart(
    beamline: Chain, fly: tango.DeviceProxy
) -> None:
    fly.Stop()
    assert not fly.Enabled
    path = beamline.raw() / "a.txt"
    path.write_bytes(ONE)
    wait_until(lambda: fly.FilesPending == 1, "it waits", SOON)
    assert fly.Pending[0].startswith(f"{path}: is ")
    wait_until(lambda: "switched off: 1 wait" in fly.Status(), "that is told", SOON)
    assert fly.State() == tango.DevState.STANDBY
    beamline.scifly.child.kill()
    fly = beamline.scifly.start()
    wait_until(lambda: fly.FilesPending == 1, "it waits again", SOON)
    assert (fly.Enabled, names(beamline)) == (False, [])
    fly.Start()
    wait_until(lambda: names(beamline) == ["a"], "it is recorded", SOON, child=beamline.scifly.child)
    (pid,) = beamline.ends()
    wait_until(lambda: fly.LastDataset == pid, "its dataset is told", SOON)
    assert fly.Enabled
    assert tango.Database().get_device_attribute_property(fly.dev_name(), ["Enabled"])["Enabled"] == {
        "__value": ["true"]
    }
    fly.Enabled = False
    wait_until(lambda: fly.State() == tango.DevState.STANDBY, "it is off", SOON)


def test_rules_say_what_is_recorded_and_every_other_file_is_told(beamline: Chain) -> None:
    rules = ["ses: {patterns: '*.txt', patience: 1}", "any: {patterns: '*.dat', reader: generic}"]
    tango.Database().put_device_property(beamline.scifly.device, {"Rules": rules})
    beamline.pathfixer.start().Proposal = PROPOSAL
    fly = beamline.scifly.start()
    assert [one.partition(":")[0] for one in fly.Instruments] == ["ses", "any"]
    raw = beamline.raw()
    (raw / "notes.txt").write_bytes(b"milk")
    (raw / "cut.txt").write_bytes(ONE[:-30])
    (raw / "image.dat").write_bytes(b"1234")
    wait_until(lambda: names(beamline) == ["image"], "the generic file is recorded", SOON)
    wait_until(lambda: fly.Failed, "the cut file is given up", SOON)
    assert fly.Failed == (f"{raw}/cut.txt: region 1 of 1: 4 of 5 rows are there",)
    assert fly.Ignored == (f"{raw}/notes.txt: no reader knows its format; a reader for it can be added",)
    explained = "\n".join(fly.Explain(f"{raw}/cut.txt"))
    assert "it was given up" in explained
    assert "proposal 20260001" in explained
    fly.Retry(f"{raw}/cut.txt")
    wait_until(lambda: len([one for one in fly.Problems or () if "is given up" in one]) == 2, "again", SOON)
    fly.Rescan()
    (raw / "after.txt").write_bytes(ONE)
    wait_until(lambda: names(beamline) == ["after", "image"], "it goes on", SOON)


def test_a_folder_is_filled_in_for_the_proposal_of_its_path(beamline: Chain, fly: tango.DeviceProxy) -> None:
    old = Path(str(beamline.raw()).replace(PROPOSAL, "20250007"))
    (old / "Ag").mkdir(parents=True)
    (old / "Ag/a.txt").write_bytes(ONE)
    fly.Backfill(str(old))
    wait_until(lambda: names(beamline) == ["a"], "it is recorded", SOON, child=beamline.scifly.child)
    (entry,) = beamline.ends().values()
    assert (entry.proposal.id, entry.dataset.sample_id) == ("20250007", "Ag")
    assert fly.WatchedPath == str(beamline.raw())
    for folder, expected in (
        (str(beamline.raw()), "is watched already; Rescan looks at all of it"),
        ("/nowhere", "its path names no proposal"),
    ):
        with pytest.raises(tango.DevFailed, match=expected):
            fly.Backfill(folder)


BURST = 400  # files


def test_attributes_are_served_while_a_burst_is_recorded(beamline: Chain, fly: tango.DeviceProxy) -> None:
    raw = beamline.raw()
    for number in range(BURST):
        (raw / f"a{number}.txt").write_bytes(ONE)
    served: list[float] = []

    def all_recorded() -> bool:
        begin = time.monotonic()
        recorded = fly.FilesRecorded
        served.append(time.monotonic() - begin)
        return bool(recorded == BURST)

    begun = time.monotonic()
    wait_until(all_recorded, "all are recorded", 120)
    burst = time.monotonic() - begun
    assert len(served) > 1
    assert max(served) < max(2, burst / 4)  # a tenth of a second on an idle machine; else most of the burst
    assert len(beamline.ends()) == BURST


def test_a_dataset_begins_at_first_sight_and_ends_as_one_also_after_a_kill(beamline: Chain) -> None:
    rule = "ses: {patterns: '*.txt', begin: seen}"
    tango.Database().put_device_property(beamline.scifly.device, {"Rules": [rule]})
    beamline.pathfixer.start().Proposal = PROPOSAL
    fly = beamline.scifly.start()
    path = beamline.raw() / "a.txt"
    path.write_bytes(ONE[:-30])
    wait_until(lambda: [one.event for one in beamline.messages()] == ["start"], "it begins", SOON)
    (start,) = beamline.messages()
    beamline.scifly.child.kill()
    fly = beamline.scifly.start()
    wait_until(lambda: len(beamline.messages()) == 3, "it begins again", SOON)
    path.write_bytes(ONE)
    wait_until(lambda: fly.FilesRecorded == 1, "it is recorded", SOON, child=beamline.scifly.child)
    events = [(one.event, one.environment.exit_status) for one in beamline.messages()]
    assert events == [("start", None), ("end", "interrupted"), ("start", None), ("end", "normal")]
    assert {one.pid for one in beamline.messages()} == {start.pid}
    sequences = [one.sequence for one in beamline.messages()]
    assert sequences == sorted(set(sequences))
