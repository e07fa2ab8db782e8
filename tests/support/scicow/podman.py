"""Podman on a machine of its own: its mounts and processes end with the test, also after kill -9."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from scizoo.facility.processes import Child, wait_until

_CGROUPS = Path("/sys/fs/cgroup")
# These hold what Podman keeps beside its store. Who ignores SIGCHLD leaves no corpses of orphans.
_MACHINE = """mkdir -p /var/lib/containers &&
for one in /run /dev/shm /var/lib/containers; do mount -t tmpfs tmpfs $one || exit 1; done
trap "" CHLD && exec sleep infinity"""
# runc: crun refuses a host with cgroups of both versions. Limits: a container of root's may not raise them.
_SETTINGS = """[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
netns = "host"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "runc"
"""


class Podman:
    """Runs Podman's commands, and any other, in namespaces of its own; what is kept is in `folder`."""

    def __init__(self, folder: Path) -> None:
        for program, package in (("podman", "podman"), ("runc", "runc"), ("nsenter", "util-linux")):
            assert shutil.which(program), f"{program} is missing: apt-get install {package}"
        assert os.getuid() == 0, "containers are tested by root"
        self.folder = folder
        folder.mkdir(parents=True)
        self._settings = folder / "containers.conf"
        self._settings.write_text(_SETTINGS)
        self._group = f"scizoo-{secrets.token_hex(4)}"
        argv = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", _MACHINE]
        self._machine = Child("machine", argv, log=folder / "machine.log")
        self._inside = 0

    def start(self) -> None:
        """Make the machine."""
        self._machine.start()
        self._inside = wait_until(self._sleeper, "the machine is made", 20, child=self._machine)

    def stop(self) -> None:
        """End all that runs there and remove all that was made."""
        with suppress(subprocess.SubprocessError):
            self.podman("rm", "--all", "--force", "--time", "0", check=False)
        self._machine.kill()
        shutil.rmtree(self.folder / "store", ignore_errors=True)
        for group in sorted(_CGROUPS.glob(f"*/{self._group}/**/"), reverse=True):
            with suppress(OSError):
                group.rmdir()

    def run(
        self, *argv: str | Path, check: bool = True, text: str | None = None, timeout: float = 900
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command there to its end; `text` is its standard input. An image is made for minutes."""
        done = subprocess.run(
            ["nsenter", f"--target={self._inside}", "--mount", "--pid", *argv],
            capture_output=True, text=True, input=text, timeout=timeout,
            env={**os.environ, "CONTAINERS_CONF": str(self._settings), "TMPDIR": str(self.folder)},
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{argv}: {done.returncode}: {done.stdout}{done.stderr}"
        return done

    def podman(
        self, command: str, *arguments: str | Path, check: bool = True, text: str | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command of Podman; `build` and `run` get the cgroup that is removed at the end."""
        group = [f"--cgroup-parent=/{self._group}"] if command in {"build", "run"} else []
        places = [f"--root={self.folder / 'store'}", "--runroot=/run/podman"]
        return self.run("podman", *places, command, *group, *arguments, check=check, text=text)

    def _sleeper(self) -> int:
        """Return the pid of the machine's first process once it is ready, which is when it sleeps."""
        for process in psutil.Process(self._machine.pid).children():
            with suppress(psutil.NoSuchProcess):
                if process.name() == "sleep":
                    return int(process.pid)
        return 0


@contextmanager
def podman(folder: Path) -> Iterator[Podman]:
    """Give a Podman, and remove all that it made."""
    machine = Podman(folder)
    try:
        machine.start()
        yield machine
    finally:
        machine.stop()
