"""The container as a site runs it: built from the Dockerfile, confined as documented, killed and stopped."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from scizoo.facility.processes import free_port, quiet, wait_until
from support.scicow.image import DOCKERFILE, IMAGE, ROOT, base
from support.scicow.ingest import new_pid
from support.scicow.podman import Podman
from support.scicow.run import Site, catalogued, pair

pytestmark = pytest.mark.timeout(1800)  # the first test makes the image
CONFINED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges")
BEAMLINES = ("b303a", "b303b", "b308a", "b310a")


class Container:
    """A running SciCow, in a container as the Dockerfile says, and no folder but its cache's to write in."""

    def __init__(self, podman: Podman, site: Site, name: str) -> None:
        self._podman = podman
        self._name = name
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        podman.podman(
            "run", "--detach", "--name", name, "--restart", "on-failure", *CONFINED,
            "--read-only-tmpfs=false", f"--env=SCICOW__HTTP__PORT={port}",
            f"--volume={site.folder}:/etc/scicow:ro", IMAGE,
        )  # fmt: skip

    def ready(self) -> bool:
        return requests.get(f"{self._url}/ready", timeout=10).status_code == 200

    def wait(self) -> "Container":
        """Wait until it is ready."""
        wait_until(quiet(self.ready, requests.RequestException), f"{self._name} is ready", 60)
        return self

    def state(self, what: str) -> str:
        return self._podman.podman("inspect", f"--format={{{{.{what}}}}}", self._name).stdout.strip()

    def kill(self) -> None:
        """End its process by kill -9, as the kernel does when there is no memory; wait for its successor."""
        killed = self.state("State.Pid")
        self._podman.run("kill", "-9", killed)
        wait_until(lambda: self.state("State.Pid") not in {killed, "0"}, f"{self._name} is there again", 30)

    def status(self) -> dict[str, str]:
        """Return what the kernel says of its process."""
        lines = self._podman.run("cat", f"/proc/{self.state('State.Pid')}/status").stdout.splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def healthy(self) -> bool:
        """Say what the image's own HEALTHCHECK says."""
        return self._podman.podman("healthcheck", "run", self._name, check=False).returncode == 0

    def inside(self, *argv: str) -> str:
        done = self._podman.podman("exec", self._name, *argv, check=False)
        return done.stdout + done.stderr

    def changes(self) -> list[str]:
        """Return what was written into its root."""
        return self._podman.podman("diff", self._name).stdout.splitlines()

    def log(self) -> str:
        return self._podman.podman("logs", self._name).stderr

    def stop(self) -> int:
        """Stop it in order; return its exit code."""
        self._podman.podman("stop", "--time", "30", self._name)
        return int(self.state("State.ExitCode"))


@contextmanager
def replicas(podman: Podman, site: Site) -> Iterator[list[Container]]:
    """Run two SciCows of one group."""
    names = [f"{site.prefix}-{number}" for number in (1, 2)]
    try:
        yield [one.wait() for one in [Container(podman, site, name) for name in names]]
    finally:
        podman.podman("rm", "--force", "--time", "0", "--volumes", *names, check=False)


@pytest.mark.parametrize("file", [DOCKERFILE, ROOT / "docs/operators/scicow-deployment.md"])
def test_the_documented_command_is_this_one(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert " ".join(CONFINED) in text
    assert "--restart on-failure" in text


def test_the_python_that_sites_build_with_needs_no_compiler(tmp_path: Path) -> None:
    """The image of these tests has Debian's Python: for the one that the Dockerfile names, pip is asked."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    extras = setup["options.extras_require"]
    desired = setup["options"]["install_requires"] + extras["consumer"]
    for own in re.findall(r"scizoo\[(\w+)\]", desired):
        desired = desired.replace(f"scizoo[{own}]", extras[own])
    [version] = re.findall(r"python:(\d+\.\d+)", base())
    argv = [
        *("-m", "pip", "install", "--dry-run", "--quiet", "--only-binary=:all:", f"--target={tmp_path}"),
        *("--platform=manylinux_2_28_x86_64", "--platform=manylinux2014_x86_64"),
        f"--python-version={version}",
    ]
    done = subprocess.run([sys.executable, *argv, *desired.split()], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_image_says_how_it_is_run(image: Podman) -> None:
    [found] = json.loads(image.podman("inspect", "--type=image", IMAGE).stdout)
    config, health = found["Config"], found["Healthcheck"]
    assert (config["User"], config["StopSignal"]) == ("10001:10001", "SIGTERM")
    assert (config["Entrypoint"], config["Cmd"]) == (["scicow"], ["run"])
    assert set(config["Volumes"]) == {"/var/cache/scizoo"}
    assert set(config["ExposedPorts"]) == {"9464/tcp"}
    assert config["Labels"]["org.opencontainers.image.licenses"] == "LGPL-3.0-or-later"
    assert health["Test"][:2] == ["CMD", "python"]


@pytest.mark.parametrize(
    ("what", "command"),
    [
        ("tools to build", "for one in gcc cc make git; do command -v $one; done"),
        ("pip's cache", "find / -xdev -path '*/pip/http*' -o -xdev -path '*/.cache/?*'"),
        ("pip's settings, which may hold a password", "find /etc /root /opt -name pip.conf -size +0"),
        ("the tree", "ls -d /build; find / -xdev -name setup.cfg -path '*scizoo*'"),
        ("secrets", "find / -xdev -name '*.password' -o -xdev -name '*.token'"),
        ("secrets in the environment", "env | grep -i -E 'passw|token|secret'"),
        ("what its user may write", "find / -xdev -user 10001 ! -path '/proc/*' ! -path /var/cache/scizoo"),
    ],
)
def test_the_image_holds_nothing_more(image: Podman, what: str, command: str) -> None:
    shell = f"({command}) 2>/dev/null; true"
    argv = ["--rm", "--user=0", "--image-volume=ignore", "--entrypoint=sh", IMAGE, "-c", shell]
    assert image.podman("run", *argv).stdout == "", what


def test_what_is_installed_fits_together(image: Podman) -> None:
    argv = ["--rm", *CONFINED, "--entrypoint=python", IMAGE, "-m", "pip", "check"]
    assert "No broken requirements" in image.podman("run", *argv).stdout


def test_wrong_settings_end_it_with_one_line(image: Podman, outbox_site: Site) -> None:
    outbox_site.write(workers={"concurency": 3})
    mount = f"--volume={outbox_site.folder}:/etc/scicow:ro"
    done = image.podman("run", "--rm", "--no-healthcheck", *CONFINED, mount, IMAGE, check=False)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "concurrency" in done.stderr


@pytest.mark.kafka
def test_two_replicas_bring_all_in_while_one_is_killed(image: Podman, site: Site) -> None:
    site.beamlines(BEAMLINES)
    site.write(proposals={"cache": {"folder": "/var/cache/scizoo/proposals"}})
    pids: list[str] = []
    with replicas(image, site) as [first, second], site.client() as client:

        def shared() -> bool:
            """Tell whether both have brought something in: a partition comes to each sooner or later."""
            pids.extend(_scanned(site, 1))
            return all('"event": "catalogued"' in one.log() for one in (first, second))

        wait_until(shared, "both work", 60)
        pids += _scanned(site, 10)
        first.kill()
        pids += _scanned(site, 10)
        wait_until(lambda: catalogued(client, pids), "all are there", 60)
        first.wait()
        wait_until(lambda: _all_committed(site, 2 * len(pids) // len(BEAMLINES)), "all is committed", 30)
        for one in (first, second):
            assert one.healthy()
            _is_confined(one)
            assert one.stop() == 0
            assert '"event": "stopped"' in one.log()
        for pid in pids:
            [block] = client.datablocks(pid)
            assert [file["path"] for file in block["dataFileList"]] == [f"/data/{pid}.h5"]


def _scanned(site: Site, count: int) -> list[str]:
    """Record so many scans at each beamline; return their pids."""
    scans = [pair(beamline=name, pid=new_pid()) for _ in range(count) for name in BEAMLINES]
    site.produce(message for scan in scans for message in scan)
    return [start.pid for start, _ in scans]


def _all_committed(site: Site, each: int) -> bool:
    with suppress(AssertionError):
        return all(site.committed(name) == each for name in BEAMLINES)
    return False


def _is_confined(container: Container) -> None:
    status = container.status()
    assert status["Uid"].split() == status["Gid"].split() == ["10001"] * 4
    assert int(status["CapEff"], 16) == int(status["CapBnd"], 16) == 0
    assert status["NoNewPrivs"] == "1"
    for folder in ("/", "/tmp", "/etc/scicow", "/opt/scizoo"):
        assert "Read-only file system" in container.inside("sh", "-c", f"echo > {folder}/file"), folder
    assert "proposals" in container.inside("ls", "/var/cache/scizoo")
    assert set(container.changes()) <= {"C /etc", "A /etc/scicow"}  # where the settings are mounted
