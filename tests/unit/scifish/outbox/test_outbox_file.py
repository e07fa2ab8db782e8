"""The outbox's file: several threads and processes at one, none left open, set aside and begun anew."""

import gc
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from scifish.errors import OutboxError
from scifish.outbox.outbox import Outbox
from scifish.owners.owner import Owner, this_process
from support.scifish.recorder import filled, message_of, mint


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "folder" / "outbox.sqlite")


def test_one_delivers_at_a_time(outbox: Outbox) -> None:
    assert outbox.lease("a", 10)
    assert outbox.lease("a", 10)
    assert not Outbox(outbox.path).lease("b", 10)
    outbox.release("a")
    assert outbox.lease("b", 10)
    assert outbox.lease("b", -1)
    assert outbox.lease("a", 10), "a lease that ran out is free"


def test_the_lease_of_a_dead_process_is_free(outbox: Outbox) -> None:
    dead = Owner(pid=2**22 + 1, started=1, world=this_process().world)
    outbox.put([message_of(mint())])
    with closing(sqlite3.connect(outbox.path, isolation_level=None)) as connection:
        row = ("delivery", "dead", time.time() + 60, dead.pid, dead.started, dead.world)
        connection.execute("INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?)", row)
    assert outbox.lease("b", 10)


def test_a_page_of_the_history_has_a_hundred_messages(outbox: Outbox) -> None:
    pid = mint()
    outbox.put([message_of(pid, number) for number in range(101)])
    assert [row.sequence for row in outbox.history()] == list(range(100))


def test_threads_and_connections_write_at_once(outbox: Outbox) -> None:
    others = [outbox, Outbox(outbox.path), Outbox(outbox.path)]
    start = threading.Barrier(6)

    def write(number: int) -> None:
        start.wait()
        for _ in range(20):
            others[number % 3].put([message_of(mint(), 0)])

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(write, range(6)))
    assert outbox.level().waiting == 120


def test_an_outbox_that_is_given_up_leaves_no_file_open(tmp_path: Path) -> None:
    outbox = filled(tmp_path / "outbox.sqlite", 1)
    knot: list[object] = [outbox]
    knot.append(knot)  # so that only the collector finds it
    assert opened(tmp_path)
    del outbox, knot
    gc.collect()
    assert not opened(tmp_path)


def opened(folder: Path) -> list[Path]:
    """Return this process's open files in `folder`."""
    files = []
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one that lists them has gone
            files.append(descriptor.readlink())
    return [path for path in files if path.is_relative_to(folder)]


def test_a_removed_file_is_begun_anew(outbox: Outbox, caplog: pytest.LogCaptureFixture) -> None:
    outbox.put([message_of(mint(), 0)])
    outbox.path.unlink()
    outbox.put([message_of(mint(), 0)])
    assert outbox.level().waiting == 1
    assert "removed" in caplog.text


def test_a_newer_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(OutboxError, match=r"version 99.*update scifish"):
        Outbox(path).level()


def test_no_number_of_a_file_that_was_set_aside_comes_again(tmp_path: Path) -> None:
    """SciCow read the old file and marks what it finished, when the new one is there already."""
    outbox = filled(tmp_path / "outbox.sqlite", 20)
    old = [one.id for one in outbox.pending()]
    outbox.path.unlink()
    outbox.put([message_of(mint(), 0) for _ in range(20)])
    outbox.delivered(old)
    assert len(outbox.pending()) == 20
