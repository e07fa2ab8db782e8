"""kill -9 at any instruction: every scan whose `start_scan` returned is in the outbox, ended, once."""

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from scifish.message import Message
from scifish.outbox import Outbox
from support.scifish import checked

TESTS = Path(__file__).parents[2]


def producer(outbox: Path, scans: int, seed: int, bootstrap: str = "-") -> "subprocess.Popen[str]":
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent / "recorders")])
    arguments = [str(outbox), bootstrap, str(scans), str(seed)]
    return subprocess.Popen(
        [sys.executable, "-m", "support.scifishproducer", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )


def killed_at_random(outbox: Path, seed: int) -> list[str]:
    """Run a producer, kill it some time after its first line, and return the lines that it said."""
    process = producer(outbox, 100_000, seed)
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    killer = threading.Timer(random.Random(seed).uniform(0.0, 0.15), process.kill)
    killer.start()
    lines += process.stdout.readlines()
    killer.cancel()
    process.stdout.close()
    assert process.wait() == -9
    return [line.strip() for line in lines if line.endswith("\n")]


def said(lines: list[str], event: str) -> set[str]:
    return {pid for kind, _, pid in (line.partition(" ") for line in lines) if kind == event}


def collect(path: Path) -> list[Message]:
    """Take everything as a delivering process does."""
    outbox = Outbox(path)
    found: list[Message] = []
    while rows := outbox.pending(limit=1000):
        found += [checked(row.body) for row in rows]
        outbox.delivered([row.id for row in rows])
    return found


def test_every_scan_that_was_started_is_kept_and_ended(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    lines = [line for seed in range(12) for line in killed_at_random(path, seed)]
    messages = collect(path)
    ends = Counter(message.pid for message in messages if message.event == "end")
    assert said(lines, "started") <= set(ends)
    assert set(ends.values()) == {1}
    keys = Counter((message.pid, message.sequence, message.part) for message in messages)
    assert set(keys.values()) == {1}
    ended = said(lines, "ended")
    for message in messages:
        if message.event == "end" and message.pid in ended:
            assert message.environment.exit_status == "normal"
    shown = {message.pid for message in messages if message.event == "start"}
    assert said(lines, "shown") <= shown
    statuses = Counter(message.environment.exit_status for message in messages if message.event == "end")
    assert statuses["interrupted"] <= 12
    assert list(tmp_path.glob("*damaged*")) == []


def test_several_processes_write_at_once_while_one_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    steady = [producer(path, 40, seed) for seed in (100, 101)]
    lines = killed_at_random(path, 5)
    outputs = [process.communicate(timeout=60)[0].split("\n") for process in steady]
    assert [process.returncode for process in steady] == [0, 0]
    ends = {message.pid: message for message in collect(path) if message.event == "end"}
    everyone = [*lines, *outputs[0], *outputs[1]]
    assert said(everyone, "started") <= set(ends)
    for pid in said(outputs[0], "ended") | said(outputs[1], "ended"):
        assert ends[pid].environment.exit_status == "normal"
    assert len(said(outputs[0], "ended")) == len(said(outputs[1], "ended")) == 40


@pytest.mark.parametrize("exit_code", [0, 1])
def test_a_process_that_just_ends_closes_its_scan(tmp_path: Path, exit_code: int) -> None:
    path = tmp_path / "outbox.sqlite"
    code = f"""
import sys
from scifish import SciFish
from scifish.settings import OutboxSettings, Settings
fish = SciFish(settings=Settings(outbox=OutboxSettings(path={str(path)!r})))
fish.start_scan("open")
sys.exit({exit_code})
"""
    paths = str(TESTS.parent / "recorders")
    environment = {**os.environ, "PYTHONPATH": paths, "TANGO_HOST": "127.0.0.1:1"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, timeout=60).returncode == exit_code
    [message] = collect(path)
    assert (message.event, message.environment.exit_status) == ("end", "interrupted")
