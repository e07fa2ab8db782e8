"""A mount whose server hangs or goes away, below the active path or all of it: real hangs in the kernel."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import tango

from scizoo.facility.processes import wait_until
from support.scifly import slow_mount
from support.scifly.ses import ONE, region, ses
from support.tango.chain import PROPOSAL, Chain

SOON = 60.0
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not os.access("/dev/fuse", os.R_OK | os.W_OK), reason="mounting FUSE needs root"
)


@dataclass
class Mount:
    """A mount of SciFly's process, of the files in `source`."""

    point: Path
    source: Path
    control: Path
    beamline: Chain

    def freeze(self) -> None:
        os.kill(self._pid(), signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._pid(), signal.SIGCONT)

    def _pid(self) -> int:
        return int((self.control / "pid").read_text())

    @contextmanager
    def marked(self, what: str) -> Iterator[None]:
        """Let the mount be ``absent``, or its stuck files be on ``hold``."""
        (self.control / what).touch()
        yield
        (self.control / what).unlink()

    def look(self) -> int | None:
        """Return how a look at the mount ends, within 5 s; None: it hangs."""
        fly = self.beamline.scifly.child.pid
        argv = ["nsenter", "--mount", "--target", str(fly), "stat", str(self.point / "seen.txt")]
        looking = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return looking.wait(5)
        except subprocess.TimeoutExpired:
            return None
        finally:
            looking.kill()
            looking.wait()


Mounting = Callable[..., Mount]


@pytest.fixture
def mounted(beamline: Chain, tmp_path: Path) -> Iterator[Mounting]:
    made: list[Mount] = []

    def start(below: str, watching: str = "sweep") -> Mount:
        """Mount at a folder below the active path, and start SciFly with it."""
        tango.Database().put_device_property(beamline.scifly.device, {"Watching": [watching]})
        beamline.pathfixer.start().Proposal = PROPOSAL
        one = Mount(beamline.raw() / below, tmp_path / "source", tmp_path / "control", beamline)
        for folder in (one.point, one.source, one.control):
            folder.mkdir(exist_ok=True)
        where = (one.point, one.source, one.control)
        beamline.scifly.run_by(sys.executable, slow_mount.__file__, *where)
        made.append(one)
        put(one.source, "seen.txt")
        beamline.scifly.start()
        wait_for(beamline, "seen")
        return one

    yield start
    for one in made:
        one.thaw()


def put(folder: Path, name: str) -> None:
    (folder / name).write_bytes(ses(region(1, name=Path(name).stem)))


def wait_for(beamline: Chain, *names: str) -> None:
    """Return when these datasets, and no others, are recorded."""

    def recorded() -> bool:
        return sorted(str(one.dataset.dataset_name) for one in beamline.ends().values()) == sorted(names)

    wait_until(recorded, f"{names} are recorded", SOON, child=beamline.scifly.child)


def wait_for_status(beamline: Chain, state: tango.DevState, text: str) -> None:
    fly = beamline.scifly.proxy
    wait_until(lambda: fly.State() == state and text in fly.Status(), f"{state}: {text}", SOON)


def init(beamline: Chain) -> None:
    """Call Init, which does not wait for what hangs."""
    begin = time.monotonic()
    beamline.scifly.proxy.Init()
    assert time.monotonic() - begin < 10


def test_a_folder_whose_server_hangs_stops_no_other_and_comes_back_by_itself(
    beamline: Chain, mounted: Mounting
) -> None:
    mount = mounted("far")
    assert mount.look() == 0
    mount.freeze()
    assert mount.look() is None
    put(mount.source, "meanwhile.txt")
    put(beamline.raw(), "near1.txt")
    wait_for_status(beamline, tango.DevState.ALARM, f"{mount.point}: does not answer; what is below it")
    put(beamline.raw(), "near2.txt")
    wait_for(beamline, "seen", "near1", "near2")
    assert mount.look() is None
    mount.thaw()
    wait_for(beamline, "seen", "near1", "near2", "meanwhile")
    wait_for_status(beamline, tango.DevState.ON, "4 recorded")


def test_a_file_whose_reading_hangs_stops_no_other(beamline: Chain, mounted: Mounting) -> None:
    mount = mounted("far", "auto")
    wait_until(lambda: beamline.scifly.proxy.Mode == "inotify", "inotify is told", SOON)
    with mount.marked("hold"):
        put(mount.source, "stuck.txt")
        wait_for_status(beamline, tango.DevState.ALARM, "stuck.txt: reading it does not end; check its")
        init(beamline)
        wait_for_status(beamline, tango.DevState.ALARM, "stuck.txt: reading it does not end; check its")
        put(mount.source, "beside.txt")
        wait_for(beamline, "seen", "beside")
    wait_for(beamline, "seen", "beside", "stuck")
    wait_for_status(beamline, tango.DevState.ON, "2 recorded")  # since Init


def test_attributes_are_served_while_a_file_is_explained_that_hangs(
    beamline: Chain, mounted: Callable[[str], Mount]
) -> None:
    mount = mounted("far")
    fly = beamline.scifly.proxy
    explainer = tango.DeviceProxy(fly.dev_name())
    explainer.set_timeout_millis(60_000)
    wait_until(lambda: fly.FilesRecorded == 1, "it is told", SOON)
    mount.freeze()
    with ThreadPoolExecutor(1) as pool:
        begin = time.monotonic()
        explained = pool.submit(explainer.Explain, str(mount.point / "seen.txt"))
        took = []
        while time.monotonic() - begin < 5:  # the look at the file hangs for 10 s
            asked = time.monotonic()
            assert fly.FilesRecorded == 1
            took.append(time.monotonic() - asked)
        assert not explained.done()
        assert max(took) < 3  # a tenth of a second, with a margin for a busy machine; else the 10 s
        assert "it is tried again" in "\n".join(explained.result(60))
    mount.thaw()


def test_an_active_path_may_lose_its_mount_or_hang_and_nothing_counts_as_vanished(
    beamline: Chain, mounted: Mounting
) -> None:
    mount = mounted("")
    fly = beamline.scifly.proxy
    assert fly.Mode == "sweep"
    (mount.source / "half.txt").write_bytes(ONE[:-30])
    wait_until(lambda: fly.FilesPending == 1, "it is seen", SOON)
    with mount.marked("absent"):
        wait_for_status(beamline, tango.DevState.ALARM, "is not mounted any more")
        put(mount.source, "meanwhile.txt")
    wait_for(beamline, "seen", "meanwhile")
    put(mount.source, "half.txt")
    wait_for(beamline, "seen", "meanwhile", "half")
    wait_for_status(beamline, tango.DevState.ON, "3 recorded")
    assert not any("vanished" in one for one in fly.Problems or ())
    mount.freeze()
    wait_for_status(beamline, tango.DevState.ALARM, "does not answer")
    init(beamline)
    wait_for_status(beamline, tango.DevState.ALARM, "does not answer")
    beamline.scifly.child.stop(grace=15)
    assert beamline.scifly.child.returncode == 0
