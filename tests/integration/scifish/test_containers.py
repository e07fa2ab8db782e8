"""A process that records in a container, another pid namespace: its scan is ended once it was killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from scifish.outbox.outbox import Outbox
from support.scifish.recorder import checked

ROOT = Path(__file__).parents[3]
# a namespace of its own, with its own /proc; needs no root where the host allows user namespaces
CONTAINER = ("bwrap", "--unshare-pid", "--die-with-parent", "--dev-bind", "/", "/", "--proc", "/proc")
LOOK = "import sys; from scifish.outbox.outbox import Outbox; print(*Outbox(sys.argv[1]).end_orphans())"


class Recorder:
    """A process that records a scan (support/scifish/owner.py), perhaps in a container."""

    def __init__(self, container: tuple[str, ...], outbox: Path, *also: str) -> None:
        self._process = subprocess.Popen(
            [*container, sys.executable, "-m", "support.scifish.owner", str(outbox), *also],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(),
        )

    def said(self, what: str) -> str:
        """Return what the next line says of `what`."""
        assert self._process.stdout is not None
        kind, _, value = self._process.stdout.readline().strip().partition(" ")
        assert kind == what
        return value

    def end(self) -> None:
        """Let it end its scan, and itself."""
        self._process.communicate("end\n", timeout=30)
        assert self._process.returncode == 0

    def kill(self) -> None:
        """Kill the process that records, and wait until it is gone."""
        os.kill(self._recording(), 9)
        self._process.wait(30)

    def close(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.communicate(timeout=30)

    def _recording(self) -> int:
        """Return the pid of the process behind those that make the container, as this namespace counts."""
        pid = self._process.pid
        while Path(f"/proc/{pid}/comm").read_text().strip() == CONTAINER[0]:
            [child] = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            pid = int(child)
        return pid


def environment() -> dict[str, str]:
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("tests", "recorders"))
    return {**os.environ, "PYTHONPATH": paths, "TANGO_HOST": "127.0.0.1:1"}


@contextmanager
def recording(container: tuple[str, ...], outbox: Path, *also: str) -> Iterator[Recorder]:
    running = Recorder(container, outbox, *also)
    try:
        yield running
    finally:
        running.close()


def look(container: tuple[str, ...], outbox: Path) -> list[str]:
    """Let another process end the entries of the dead, and return their pids."""
    command = [*container, sys.executable, "-c", LOOK, str(outbox)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.split()


WAYS = [
    pytest.param(CONTAINER, (), id="recorded in a container, seen by the host"),
    pytest.param((), CONTAINER, id="recorded by the host, seen in a container"),
    pytest.param(CONTAINER, CONTAINER, id="recorded in a container, seen in the next one"),
]


@pytest.mark.parametrize(("there", "here"), WAYS)
def test_a_scan_is_ended_when_its_process_was_killed_and_not_before(
    tmp_path: Path, there: tuple[str, ...], here: tuple[str, ...]
) -> None:
    path = tmp_path / "outbox.sqlite"
    with recording(there, path) as running:
        pid = running.said("started")
        assert look(here, path) == []
        running.kill()
        assert look(here, path) == [pid]
    [end] = [checked(row.body) for row in Outbox(path).messages()]
    assert (end.pid, end.event, end.environment.exit_status) == (pid, "end", "interrupted")


@pytest.mark.parametrize(("there", "here"), WAYS)
def test_a_living_process_ends_its_scan_itself(
    tmp_path: Path, there: tuple[str, ...], here: tuple[str, ...]
) -> None:
    path = tmp_path / "outbox.sqlite"
    with recording(there, path) as running:
        running.said("started")
        assert look(here, path) == []
        running.end()
        assert look(here, path) == []
    [end] = [checked(row.body) for row in Outbox(path).messages()]
    assert end.environment.exit_status == "normal"


def test_the_next_container_ends_the_scan_of_the_one_before(tmp_path: Path) -> None:
    """A MacroServer's container that was killed and started again: what it left is ended by its successor."""
    path = tmp_path / "outbox.sqlite"
    with recording(CONTAINER, path) as running:
        first = running.said("started")
        running.kill()
    with recording(CONTAINER, path) as running:
        second = running.said("started")
        running.end()
    ends = {row.pid: checked(row.body).environment.exit_status for row in Outbox(path).messages()}
    assert ends == {first: "interrupted", second: "normal"}


def test_a_child_that_outlives_its_killed_parent_does_not_keep_its_scan_open(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    with recording((), path, "fork") as running:
        child = running.said("child")
        pid = running.said("started")
        assert look(CONTAINER, path) == []
        running.kill()
        assert Path(f"/proc/{child}").exists()
        assert look(CONTAINER, path) == [pid]
