"""The systemd unit, unchanged, on a machine that has booted systemd: killed, stopped, set up wrongly."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import wait_until
from support.scicow import image as scicow_image
from support.scicow.podman import Podman
from support.scicow.run import Site, catalogued, pair

pytestmark = pytest.mark.timeout(1800)  # the first test makes the image
GROUP = 50  # "staff", here and there
UNIT = Path(__file__).parents[4] / "config/scicow/scicow.service"


class Host:
    """A booted machine with our unit; `settings` is its /etc/scicow, `state` its /var/lib/scizoo."""

    def __init__(self, podman: Podman, folder: Path) -> None:
        self._podman = podman
        self.settings = folder / "settings"
        self.state = folder / "state"
        for one in (self.settings, self.state):
            one.mkdir()

    def boot(self) -> None:
        folders = {self.settings: "/etc/scicow:ro", self.state: "/var/lib/scizoo"}
        scicow_image.boot(self._podman, UNIT, folders)
        wait_until(self.booted, "systemd has booted", 60)

    def run(self, *argv: str, check: bool = True) -> str:
        done = self._podman.podman("exec", "host", *argv, check=check)
        return (done.stdout + done.stderr).strip()

    def booted(self) -> bool:
        return self.run("systemctl", "is-system-running", check=False) in {"running", "degraded"}

    def systemctl(self, word: str, check: bool = True) -> str:
        return self.run("systemctl", word, "scicow", check=check)

    def edit(self, text: str) -> None:
        """Add to the unit as `systemctl edit` does, until it is reverted."""
        folder = "/run/systemd/system/scicow.service.d"
        self.run("sh", "-c", f"mkdir -p {folder} && echo '{text}' > {folder}/edit.conf")
        self.run("systemctl", "daemon-reload")

    def shown(self, name: str) -> str:
        """Return a property of the unit."""
        return self.run("systemctl", "show", "--value", f"--property={name}", "scicow")

    def journal(self) -> str:
        return self.run("journalctl", "--unit=scicow", "--output=cat", "--no-pager")

    def of_process(self, name: str) -> str:
        """Return what /proc has of the unit's process."""
        return self.run("cat", f"/proc/{self.shown('MainPID')}/{name}")


@pytest.fixture(scope="module")
def machine(image: Podman, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    host = Host(image, tmp_path_factory.mktemp("host"))
    try:
        host.boot()
        yield host
    finally:
        image.podman("rm", "--force", "--time", "0", "host", check=False)


@pytest.fixture
def host(machine: Host) -> Iterator[Host]:
    yield machine
    machine.systemctl("stop")
    machine.run("systemctl", "reset-failed", "scicow", check=False)
    machine.systemctl("revert")


@pytest.fixture
def etc(host: Host, catalogue: str, bootstrap: str) -> Site:
    return site_of(host, catalogue, bootstrap)


def site_of(host: Host, catalogue: str, bootstrap: str = "") -> Site:
    """Give a site whose settings are the machine's, and whose password only root may read."""
    site = Site(host.settings, catalogue, bootstrap)
    (site.folder / "scicat.password").chmod(0o600)
    return site


def write(site: Site, **changes: Any) -> None:
    cache = {"cache": {"folder": "/var/cache/scizoo/proposals"}}
    site.write(proposals=cache, **changes)


def arrives(site: Site) -> None:
    """Let a scan be recorded, and wait for it."""
    scan = pair()
    site.produce(scan)
    with site.client() as client:
        wait_until(lambda: catalogued(client, [scan[0].pid]), "the scan is there", 60)


@pytest.mark.kafka
def test_it_comes_again_after_a_kill_and_stops_in_order(host: Host, etc: Site) -> None:
    write(etc)
    host.systemctl("start")
    arrives(etc)
    killed = host.shown("MainPID")
    host.run("sh", "-c", f"kill -9 {killed}")
    wait_until(lambda: host.shown("MainPID") not in {killed, "0"}, "systemd starts it again", 30)
    arrives(etc)
    wait_until(lambda: etc.committed() == 4, "all is committed", 30)
    assert host.shown("NRestarts") == "1"
    host.systemctl("stop")
    assert (host.shown("ActiveState"), host.shown("Result")) == ("inactive", "success")
    assert host.shown("ExecMainStatus") == "0"
    assert '"event": "stopped"' in host.journal()


@pytest.mark.kafka
def test_one_that_hangs_is_started_again(host: Host, etc: Site) -> None:
    host.edit("[Service]\nWatchdogSec=3")
    write(etc)
    host.systemctl("start")
    hanging = host.shown("MainPID")
    host.run("sh", "-c", f"kill -STOP {hanging}")
    wait_until(lambda: host.shown("MainPID") not in {hanging, "0"}, "systemd starts it again", 30)
    assert "watchdog" in host.journal().lower()
    arrives(etc)


@pytest.mark.kafka
def test_it_has_no_rights_but_its_cache(host: Host, etc: Site) -> None:
    write(etc)
    host.systemctl("start")
    arrives(etc)
    status = dict(line.split(":", 1) for line in host.of_process("status").splitlines())
    assert "0" not in status["Uid"].split()
    assert int(status["CapBnd"], 16) == 0
    assert (status["NoNewPrivs"].strip(), status["Seccomp"].strip()) == ("1", "2")
    places = [line.split()[4:6] for line in host.of_process("mountinfo").splitlines()]
    writable = {place for place, options in places if options.startswith("rw")}
    assert "/" not in writable
    assert {"/var/cache/private/scizoo", "/var/lib/private/scicow"} <= writable
    assert not {place for place in writable if place.startswith(("/etc", "/usr", "/opt", "/home", "/root"))}
    assert host.run("find", "/var/cache/private/scizoo/proposals", "-type", "f")


@pytest.mark.kafka
def test_wrong_settings_wait_for_a_person(host: Host, etc: Site) -> None:
    write(etc, workers={"concurency": 3})
    assert "failed" in host.systemctl("start", check=False)
    assert (host.shown("ExecMainStatus"), host.shown("SubState")) == ("2", "failed")
    assert host.journal().count("did you mean 'concurrency'?") == 1
    write(etc)
    host.systemctl("start")
    arrives(etc)


def test_it_reads_the_outbox_of_its_host(host: Host, catalogue: str) -> None:
    """The folder and its files belong to a group, as where several accounts record."""
    site, scan = site_of(host, catalogue), pair()
    outbox = Outbox(host.state / "outbox.sqlite")
    outbox.put(scan)
    outbox.close()
    shutil.chown(host.state, group=GROUP)
    host.state.chmod(0o2775)
    for file in host.state.iterdir():
        shutil.chown(file, group=GROUP)
        file.chmod(0o664)
    host.edit(f"[Service]\nReadWritePaths=/var/lib/scizoo\nSupplementaryGroups={GROUP}")
    write(site, outbox={"path": "/var/lib/scizoo/outbox.sqlite"})
    host.systemctl("start")
    with site.client() as client:
        wait_until(lambda: catalogued(client, [scan[0].pid]), "the scan is there", 60)
    wait_until(lambda: '"catalogued"' in host.journal().rpartition("Started")[2], "it is said", 20)
    host.systemctl("stop")
    assert host.shown("Result") == "success"
    box = Outbox(host.state / "outbox.sqlite")
    assert box.pending() == []
    box.close()
