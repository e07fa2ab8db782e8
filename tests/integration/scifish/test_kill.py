"""kill -9 at any instruction: every scan whose `start_scan` returned is in the outbox, ended, once."""

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scifish.contract.message import Message
from scifish.outbox.outbox import Outbox
from scizoo.facility.processes import wait_until
from support.scifish.recorder import AT_BEAMLINE, checked

TESTS = Path(__file__).parents[2]


def producer(outbox: Path, scans: int, seed: int, bootstrap: str = "-") -> "subprocess.Popen[str]":
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent / "recorders")])
    arguments = [str(outbox), bootstrap, str(scans), str(seed)]
    return subprocess.Popen(
        [sys.executable, "-m", "support.scifish.producer", *arguments],
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


WAITS = """
import sys, time
from pathlib import Path
from scifish.client import SciFish
from scifish.beamline.static_context import StaticContext
from scifish.runtime import runtime
from scifish.settings.model import FilesSettings, OutboxSettings, SciFishSettings
from support.scifish.recorder import AT_BEAMLINE
outbox, file, ends = sys.argv[1:]
files = FilesSettings(stable_for=0.1, patience=600, poll=0.05)
settings = SciFishSettings(outbox=OutboxSettings(path=Path(outbox), wait=10), files=files)
runtime(settings).use(context=StaticContext(AT_BEAMLINE))
fish = SciFish(settings=settings, proposal_follows=False)
fish.start_scan("x")
if file:
    fish.expect_files(file)
if ends:
    fish.end_scan()
print(fish.pid, flush=True)
time.sleep(600)
"""


def waiting(outbox: Path, file: Path | str, *, ends: bool) -> "tuple[subprocess.Popen[str], str]":
    """Start a process that records a scan, perhaps to its end, and stays; return it and the scan's pid."""
    return said_pid([WAITS, str(outbox), str(file), "yes" if ends else ""])


def said_pid(program: list[str]) -> "tuple[subprocess.Popen[str], str]":
    """Start a program that records a scan and says its pid; return both."""
    process = subprocess.Popen(
        [sys.executable, "-c", *program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent / "recorders")])},
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


@contextmanager
def killed_after(process: "subprocess.Popen[str]") -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("ends", [True, False], ids=["ended", "running"])
def test_the_files_of_a_killed_process_join_from_the_next_one(tmp_path: Path, ends: bool) -> None:
    path, file = tmp_path / "outbox.sqlite", tmp_path / "detector.h5"
    process, pid = waiting(path, file, ends=ends)
    with killed_after(process):
        pass
    following, _ = waiting(path, "", ends=True)
    with killed_after(following):
        outbox = Outbox(path)
        wait_until(lambda: bool(outbox.messages(pid)), "the scan has its end", 30)
        file.write_bytes(b"12345")
        wait_until(lambda: outbox.messages(pid)[-1].event == "update", "the file joins", 60)
    end, update = (checked(one.body) for one in Outbox(path).messages(pid))
    assert (end.event, end.environment.exit_status) == ("end", "normal" if ends else "interrupted")
    assert f"file {file} was not there yet" in end.problems
    assert (update.sequence, update.proposal, update.awaited) == (end.sequence + 1, AT_BEAMLINE.proposal, ())
    assert [(one.path, one.size) for one in update.dataset.files] == [(str(file), 5)]
    assert not any(str(file) in problem for problem in update.problems)


LATE = """
import sys, time
from dataclasses import replace
from pathlib import Path
from scifish.client import SciFish
from scifish.contract.configuration import Configuration
from scifish.beamline.static_context import StaticContext
from scifish.runtime import runtime
from scifish.settings.model import OutboxSettings, SciFishSettings
from scifish.ports import Items
from support.scifish.recorder import AT_BEAMLINE, Readings
settings = SciFishSettings(outbox=OutboxSettings(path=Path(sys.argv[1]), wait=10))
items = [{"group": "g", "name": "x", "attribute": "a/b/c/x"}]
configuration = Configuration.model_validate({"name": "c", "items": items})
readings = Readings(Items({"begin": 1}, ("late is missing",)))
runtime(settings).use(
    context=StaticContext(replace(AT_BEAMLINE, configuration=configuration)), snapshot=readings
)
fish = SciFish(settings=settings, proposal_follows=False)
fish.start_scan("x")
if sys.argv[2]:
    fish.send_start()
readings.late(Items({"late": 2}, settled=("late is missing",)))
print(fish.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("visible", [False, True], ids=["kept", "visible"])
def test_items_that_came_late_are_in_the_end_of_a_killed_process(tmp_path: Path, visible: bool) -> None:
    path = tmp_path / "outbox.sqlite"
    process, pid = said_pid([LATE, str(path), "yes" if visible else ""])
    with killed_after(process):
        pass
    messages = collect(path)
    assert {message.pid for message in messages} == {pid}
    assert [message.event for message in messages] == (["start", "update"] if visible else []) + ["end"]
    for message in messages[-2 if visible else -1 :]:
        assert message.dataset.scientific_metadata == {"begin": 1, "late": 2}
        assert "late is missing" not in message.problems
    assert messages[-1].environment.exit_status == "interrupted"


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
from scifish.settings.model import OutboxSettings, SciFishSettings
fish = SciFish(settings=SciFishSettings(outbox=OutboxSettings(path={str(path)!r})))
fish.start_scan("open")
sys.exit({exit_code})
"""
    paths = str(TESTS.parent / "recorders")
    environment = {**os.environ, "PYTHONPATH": paths, "TANGO_HOST": "127.0.0.1:1"}
    assert subprocess.run([sys.executable, "-c", code], env=environment, timeout=60).returncode == exit_code
    [message] = collect(path)
    assert (message.event, message.environment.exit_status) == ("end", "interrupted")
