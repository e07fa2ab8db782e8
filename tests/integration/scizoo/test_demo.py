"""The demo as a user runs it: through the outbox, through Kafka, killed, interrupted, with bad input."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scizoo.facility.kafka import Kafka
from scizoo.facility.processes import HOST, wait_until
from support.clock import SLOW
from support.scifish.newest import newest
from support.scizoo.command import SCIZOO, processes_of, says_one_line, scizoo

LINK = "demo: these scans as a page in the browser: make demo ARGS=--keep"
LAST_LINES = {
    1: "demo: 1 scan, 1 dataset in the catalogue, 0 not arrived",
    5: "demo: 5 scans, 5 datasets in the catalogue, 0 not arrived",
}


def assert_done(result: subprocess.CompletedProcess[str], scans: int) -> None:
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.rstrip().splitlines()[-1] == LAST_LINES[scans]
    assert "Traceback" not in result.stdout + result.stderr


@contextmanager
def running_demo(root: Path, *options: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a demo that is kept, from the moment when its Sardana runs."""
    with (root / "out").open("wb") as out:
        process = subprocess.Popen([SCIZOO, "demo", "--root", root, *options], stdout=out, stderr=out)
        try:
            wait_until(lambda: process.poll() is not None or _said(root, "scans ..."), "it scans", 120)
            assert process.poll() is None, (root / "out").read_text()
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def _said(root: Path, text: str) -> bool:
    return text in (root / "out").read_text()


def test_scans_end_in_the_catalogue_through_the_outbox(tmp_path: Path) -> None:
    begin = time.monotonic()
    result = scizoo("demo", "--root", tmp_path)
    seconds = time.monotonic() - begin
    assert_done(result, 5)
    assert seconds < 60 * SLOW, result.stdout
    assert result.stdout.rstrip().splitlines()[-2] == LINK
    assert re.search(r"Sardana: done in [0-9.]+ s", result.stdout)
    assert "scan 1: ascan mot01" in result.stdout
    assert "aborted" in result.stdout
    assert re.search(r"^ses_0001 +normal", result.stdout, re.MULTILINE)
    assert re.search(r"^prodigy_0001 +normal", result.stdout, re.MULTILINE)
    table = result.stdout[result.stdout.index("dataset  ") : result.stdout.index("Proposal 2")]
    assert max(map(len, table.splitlines())) <= 80
    assert "cooling/hutch temperature: OSError: no answer from the sensor at address 7" in result.stdout
    slow = "cooling/water flow: (no answer within 300 ms|not waited for: no answer since)"
    assert re.search(slow, result.stdout)
    assert list(tmp_path.glob("scizoo-demo-*/data/visitors/demo/20260042/*/raw/bilayer/scans.h5"))
    [outbox] = tmp_path.glob("scizoo-demo-*/outbox.sqlite")
    said = [problem for one in newest(outbox) for problem in one.problems]
    assert [one for one in said if "was not there yet" not in one] == []  # nothing is wrong with them
    assert not processes_of(tmp_path)


@pytest.mark.kafka
def test_scans_end_in_the_catalogue_through_a_running_broker(tmp_path: Path) -> None:
    with Kafka(tmp_path / "kafka") as broker:
        result = scizoo("demo", "--root", tmp_path / "demo", "--kafka", broker.bootstrap, "--scans", "1")
        assert_done(result, 1)
        assert broker.child.running


def test_nothing_runs_after_a_kill_and_the_next_demo_works(tmp_path: Path) -> None:
    with running_demo(tmp_path, "--scans", "1000") as process:
        assert len(processes_of(tmp_path)) > 8
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_until(lambda: not processes_of(tmp_path), "nothing of the demo runs", 30)
    assert_done(scizoo("demo", "--root", tmp_path, "--scans", "1"), 1)
    assert not processes_of(tmp_path)


def test_the_temporary_folder_of_a_demo_that_is_interrupted_is_removed(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        env = {**os.environ, "TMPDIR": str(tmp_path)}
        process = subprocess.Popen([SCIZOO, "demo"], stdout=out, stderr=out, env=env)
    try:
        wait_until(lambda: _said(tmp_path, "Tango database: done"), "it runs", 60)
        assert list(tmp_path.glob("scizoo-demo-*"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 130
    finally:
        process.kill()
        process.wait()
    assert not list(tmp_path.glob("scizoo-demo-*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_everything_is_stopped_by_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    with running_demo(tmp_path, "--scans", "1000") as process:
        process.send_signal(number)
        assert process.wait(60) == 130
    assert not processes_of(tmp_path)
    assert "scizoo: interrupted" in (tmp_path / "out").read_text()
    assert "Traceback" not in (tmp_path / "out").read_text()


def test_a_broker_that_does_not_answer(tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind((HOST, 0))
        address = f"{HOST}:{unused.getsockname()[1]}"
        line = says_one_line(scizoo("demo", "--root", tmp_path, "--kafka", address), code=1)
    assert line.startswith(f"scizoo: --kafka {address}: no broker answers (Connection refused); start it")


def test_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = says_one_line(scizoo("demo", "--root", tmp_path / "file"), code=1)
    assert line.startswith(f"scizoo: {tmp_path / 'file'}: cannot be used (")
    assert line.endswith("choose another folder with --root")


def test_a_part_that_fails_is_named_with_its_log(tmp_path: Path) -> None:
    """A broker that is none: SciCow cannot begin, and says why in its log."""
    with socket.create_server((HOST, 0)) as server:
        address = f"{HOST}:{server.getsockname()[1]}"
        result = scizoo("demo", "--root", tmp_path, "--kafka", address)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert re.search(r"scizoo: catalogue and SciCow: scicow: .*see \S+scicow\.log", result.stderr)
    assert not processes_of(tmp_path)


def test_a_part_that_dies_is_named_and_the_rest_is_stopped(tmp_path: Path) -> None:
    with running_demo(tmp_path, "--scans", "1000") as process:
        root = next(tmp_path.glob("scizoo-demo-*"))
        os.kill(_pid_of(root, "MacroServer"), signal.SIGKILL)
        assert process.wait(60) == 1
    said = (tmp_path / "out").read_text()
    assert "Traceback" not in said
    assert (
        f"scizoo: MacroServer: ended with exit code -9; see {root / 'logs' / 'MacroServer.log'} (1000" in said
    )
    assert not processes_of(tmp_path)


def _pid_of(root: Path, name: str) -> int:
    lines = [line for line in processes_of(root) if f"/{name} demo" in line]
    assert len(lines) == 1, lines
    return int(lines[0].split()[0])
