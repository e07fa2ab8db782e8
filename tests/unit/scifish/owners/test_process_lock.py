"""A lock is held exactly as long as its process lives: also beside children."""

import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from scifish.owners.process_lock import SUFFIX, ProcessLock

RECORDERS = Path(__file__).parents[4] / "recorders"
NOBODY = 65534
LOADS = """
import os, sys
from pathlib import Path
from scifish.owners.process_lock import ProcessLock
"""
TAKES = """
print(ProcessLock(Path(sys.argv[1])).mine(), flush=True)
"""
FORKS = """
from multiprocessing import get_context
stdin = os.dup(0)  # multiprocessing closes its child's own
def lives():
    print(os.getpid(), flush=True)
    os.read(stdin, 1)
get_context("fork").Process(target=lives).start()
"""
FORKS_AT = """
import threading
children = []
def fork():
    ready, begun = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(begun, b"1")
        sys.stdin.read()
        os._exit(0)
    os.read(ready, 1)
    children.append(child)
another = threading.Thread(target=fork)
def look(frame, event, function):
    if event + " " + getattr(function, "__name__", "") == sys.argv[2]:
        sys.setprofile(None)
        if sys.argv[3] == "itself":
            fork()
        else:
            another.start()
            another.join(0.3)  # it may have to wait until the lock is known
sys.setprofile(look)
mark = ProcessLock(Path(sys.argv[1])).mine()
if sys.argv[3] != "itself":
    another.join()
print(mark, flush=True)
print(*children, flush=True)
"""
LOSES = """
os.unlink(sys.argv[1] + "-owners")
"""
WAITS = "sys.stdin.read()"


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    path = tmp_path / "outbox.sqlite"
    path.touch()
    return path


@contextmanager
def process(outbox: Path, code: str, *arguments: str) -> "Iterator[subprocess.Popen[str]]":
    running = subprocess.Popen(
        [sys.executable, "-c", code, str(outbox), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(RECORDERS)},
    )
    with running:
        try:
            yield running
        finally:
            running.kill()


def line(running: "subprocess.Popen[str]") -> str:
    assert running.stdout is not None
    return running.stdout.readline().strip()


def open_files(pid: int) -> list[str]:
    """Return what a process has open: nothing, if it is dead and only its parent does not know yet."""
    return [str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()]


def locks_of(pid: int) -> list[str]:
    return [name for name in open_files(pid) if SUFFIX in name]


def test_a_lock_is_held_until_its_process_is_killed(outbox: Path) -> None:
    locks = ProcessLock(outbox)
    with process(outbox, LOADS + TAKES + WAITS) as running:
        mark = line(running)
        assert locks.held(mark) is True
        running.kill()
        running.wait(30)
        assert locks.held(mark) is False


def test_a_process_has_one_lock_which_it_sees_itself(outbox: Path) -> None:
    locks = ProcessLock(outbox)
    marks = {locks.mine(), locks.mine(), ProcessLock(outbox).mine()}
    assert len(marks) == 1
    assert locks.held(marks.pop()) is True


def test_a_child_of_a_fork_that_outlives_its_parent_holds_nothing_of_it(outbox: Path) -> None:
    with process(outbox, LOADS + TAKES + FORKS + WAITS) as running:
        mark, child = line(running), int(line(running))
        assert ProcessLock(outbox).held(mark) is True
        running.kill()
        running.wait(30)
        assert open_files(child), "it lives"
        assert ProcessLock(outbox).held(mark) is False


@pytest.mark.parametrize("thread", ["itself", "another"])
@pytest.mark.parametrize("moment", ["c_return open", "c_call lockf", "c_return lockf"])
def test_a_child_of_a_fork_while_the_lock_is_taken_holds_nothing(
    outbox: Path, moment: str, thread: str
) -> None:
    with process(outbox, LOADS + FORKS_AT + WAITS, moment, thread) as running:
        mark, child = line(running), int(line(running))
        assert ProcessLock(outbox).held(mark) is True
        running.kill()
        running.wait(30)
        assert open_files(child), "it lives"
        assert ProcessLock(outbox).held(mark) is False


def test_a_file_that_was_removed_stays_open_so_that_its_number_does_not_come_again(outbox: Path) -> None:
    with process(outbox, LOADS + TAKES + LOSES + TAKES + WAITS) as running:
        assert line(running) != line(running)
        assert len(locks_of(running.pid)) == 2


@pytest.mark.parametrize(
    "loses",
    ["open(sys.argv[1] + '-owners').close()", "os.closerange(3, 20)"],
    ids=["a backup reads the file", "all files are closed"],
)
def test_a_lock_that_the_process_loses_is_taken_again_when_it_is_asked_for(outbox: Path, loses: str) -> None:
    with process(outbox, f"{LOADS}{TAKES}{loses}{TAKES}{WAITS}") as running:
        first, second = line(running), line(running)
        assert first == second
        assert ProcessLock(outbox).held(first) is True


def test_a_program_that_is_started_meanwhile_holds_nothing_of_it(outbox: Path) -> None:
    starts = 'import subprocess; print(subprocess.Popen(["cat"]).pid, flush=True);'
    with process(outbox, LOADS + TAKES + starts + WAITS) as running:
        mark, child = line(running), int(line(running))
        running.kill()
        running.wait(30)
        assert open_files(child), "it lives"
        assert ProcessLock(outbox).held(mark) is False


def test_a_child_of_a_fork_takes_a_lock_of_its_own(outbox: Path) -> None:
    forks = """
if os.fork() == 0:
    print(ProcessLock(Path(sys.argv[1])).mine(), flush=True)
    sys.stdin.read()
    os._exit(0)
"""
    with process(outbox, LOADS + TAKES + forks + WAITS) as running:
        parent, child = line(running), line(running)
        assert parent != child
        assert [ProcessLock(outbox).held(mark) for mark in (parent, child)] == [True, True]
        running.kill()
        running.wait(30)
        assert [ProcessLock(outbox).held(mark) for mark in (parent, child)] == [False, True]


def test_another_file_of_that_name_tells_nothing(outbox: Path) -> None:
    locks = ProcessLock(outbox)
    with process(outbox, LOADS + TAKES + WAITS) as running:
        mark = line(running)
        outbox.with_name(outbox.name + SUFFIX).unlink()
        assert locks.held(mark) is None
        own = locks.mine()
        assert locks.held(mark) is None
        assert locks.held(own) is True


def test_a_lock_is_taken_anew_when_its_file_was_removed(outbox: Path) -> None:
    locks = ProcessLock(outbox)
    first = locks.mine()
    outbox.with_name(outbox.name + SUFFIX).unlink()
    second = locks.mine()
    assert first.partition(":")[0] != second.partition(":")[0]
    assert (locks.held(first), locks.held(second)) == (None, True)


@pytest.mark.parametrize("mark", ["", "rubbish", "1:2", "0:-1", f"0:{2**70}"])
def test_a_mark_that_is_none_tells_nothing(outbox: Path, mark: str) -> None:
    ProcessLock(outbox).mine()
    inode = outbox.with_name(outbox.name + SUFFIX).stat().st_ino
    assert ProcessLock(outbox).held(mark.replace("0:", f"{inode}:")) is None


def test_threads_that_ask_at_once_get_one_lock(outbox: Path) -> None:
    start = threading.Barrier(8)

    def ask(_: int) -> str:
        start.wait()
        return ProcessLock(outbox).mine()

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 1


def test_a_link_to_the_outbox_leads_to_the_same_locks(outbox: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link.sqlite"
    link.parent.mkdir()
    link.symlink_to(outbox)
    assert ProcessLock(link).mine() == ProcessLock(outbox).mine()


@pytest.mark.parametrize("mode", [0o600, 0o660, 0o644])
def test_the_file_is_for_whoever_may_write_the_outbox(outbox: Path, mode: int) -> None:
    outbox.chmod(mode)
    os.chown(outbox, NOBODY, NOBODY)  # takes root, as test_writer.py does
    assert ProcessLock(outbox).mine()
    status = outbox.with_name(outbox.name + SUFFIX).stat()
    assert (status.st_mode & 0o777, status.st_uid, status.st_gid) == (mode, NOBODY, NOBODY)


def test_processes_of_two_accounts_see_each_other() -> None:
    with tempfile.TemporaryDirectory() as folder:  # tmp_path is closed to other accounts
        outbox = Path(folder) / "outbox.sqlite"
        outbox.touch()
        outbox.chmod(0o666)
        Path(folder).chmod(0o777)
        mine = ProcessLock(outbox).mine()
        theirs = f"os.setuid({NOBODY}); print(ProcessLock(Path(sys.argv[1])).held('{mine}'), flush=True);"
        with process(outbox, LOADS + theirs + TAKES + WAITS) as running:
            assert line(running) == "True"
            assert ProcessLock(outbox).held(line(running)) is True


def test_where_nothing_can_be_locked_it_is_said_once_and_nothing_fails(
    outbox: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outbox.with_name(outbox.name + SUFFIX).mkdir()
    assert [ProcessLock(outbox).mine(), ProcessLock(outbox).mine()] == ["", ""]
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert "outbox.sqlite-owners cannot be locked (Is a directory)" in record.getMessage()
