"""The disk's troubles never reach the scan: what it refuses stays in memory, is tried again, is reported."""

import contextlib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from scifish.contract.message import Message
from scifish.errors import OutboxError, TooLargeError
from scifish.outbox.outbox import Outbox
from scifish.outbox.writer import Writer, _Job
from scizoo.facility.processes import wait_until
from support.clock import SLOW
from support.scifish.large_entry import refuse_above
from support.scifish.recorder import checked, message_of, mint


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 2 MB; mounting it takes root."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    assert mounted.returncode == 0, f"this test mounts a tmpfs: run it as root ({mounted.stderr.strip()})"
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    """A writer whose outbox cannot be made; what it saves at the exit goes to `tmp_path`."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "file").write_text("not a folder")
    writer = Writer(Outbox(tmp_path / "file" / "outbox.sqlite"), wait=0.1)
    yield writer
    (tmp_path / "file").unlink()
    assert writer.flush(10)


def test_what_is_put_is_on_the_disk_on_return(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    writer = Writer(outbox, wait=5)
    assert writer.put([message_of(mint())])
    assert writer.open(message_of(mint()))
    assert Outbox(outbox.path).level().waiting == 1
    assert Outbox(outbox.path).level().open_entries == 1


def test_a_full_disk_never_reaches_the_scan(small_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    ballast = small_disk / "ballast"
    outbox = Outbox(small_disk / "outbox.sqlite")
    writer = Writer(outbox, wait=0.2)
    assert writer.put([message_of(mint())])
    fill(ballast)
    refused = [message_of(mint(), description="x" * 50_000) for _ in range(5)]
    begun = time.monotonic()
    assert [writer.put([message]) for message in refused] == [False] * 5
    assert time.monotonic() - begun < 2 * SLOW
    assert writer.in_memory() == [message.pid for message in refused]
    assert "full" in caplog.text
    assert "make room" in caplog.text
    assert caplog.text.count("kept in memory") == 1, "said once"
    ballast.unlink()
    assert writer.flush(10)
    assert [row.pid for row in outbox.pending()][1:] == [message.pid for message in refused]
    assert "all entries are on the disk again" in caplog.text


def test_a_read_only_file_system_never_reaches_the_scan(
    small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    writer = Writer(Outbox(small_disk / "folder" / "outbox.sqlite"), wait=0.2)
    assert not writer.put([message_of(mint())])
    assert "make the file and its folder writable" in caplog.text
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    assert writer.flush(10)


def test_what_the_disk_never_took_is_in_an_outbox_that_is_named(
    refused: Writer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    message = message_of(mint())
    assert not refused.put([message])
    refused.close(0.1)
    [rescue] = tmp_path.glob("scifish-unsaved-*/outbox.sqlite")
    assert str(rescue) in caplog.text
    assert message.pid in caplog.text
    assert [row.pid for row in Outbox(rescue).pending()] == [message.pid]


def test_what_waits_for_the_disk_keeps_its_order(tmp_path: Path) -> None:
    """A state takes the place of the last one of its own entry, and passes no message of it."""
    (tmp_path / "folder").write_text("no folder yet")
    writer = Writer(Outbox(tmp_path / "folder" / "outbox.sqlite"), wait=0.01)
    mine, other = mint(), mint()
    for one in (mine, other, mine):
        writer.open(message_of(one, 0), wait=False)
    writer.put([message_of(mine, 1, event="end")], wait=False)
    writer.open(message_of(mine, 2, name="again"), wait=False)
    writer.put([message_of(other, 1, event="update", name="newer")], wait=False)
    assert writer.in_memory() == [mine, other, mine, mine, other]
    assert not writer.kept(mine)
    assert writer.kept(mint())
    (tmp_path / "folder").unlink()
    assert writer.flush(10 * SLOW)
    outbox = Outbox(tmp_path / "folder" / "outbox.sqlite")
    assert [(one.pid, one.sequence) for one in outbox.messages()] == [(mine, 1), (other, 1)]
    states = [checked(state) for state, _ in outbox.open_entries()]
    assert {one.pid: one.dataset.dataset_name for one in states} == {mine: "again", other: "newer"}
    assert writer.kept(mine)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="sqlite3 has no setlimit before Python 3.11")
def test_what_fits_nowhere_costs_no_entry_behind_it(
    refused: Writer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    large, small = message_of(mint(), description="x" * 10_000), message_of(mint())
    refused._submit(_Job(small.pid, lambda outbox: refuse_above(outbox, 5000)), wait=0)
    refused.put([large])
    refused.put([small])
    refused.close(0.1)
    [rescue] = tmp_path.glob("scifish-unsaved-*/outbox.sqlite")
    assert [row.pid for row in Outbox(rescue).pending()] == [small.pid]
    lost, saved = (record.getMessage() for record in caplog.records if "the entries" in record.getMessage())
    assert lost.startswith(f"scifish: the entries {large.pid} are lost: outbox {rescue}: ")
    assert f"did not take the entries {small.pid} before this process ended; they are in {rescue}" in saved


def test_a_process_without_entries_leaves_no_outbox_behind(
    refused: Writer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    refused.close(0.1)
    assert not list(tmp_path.glob("scifish-unsaved-*"))
    assert "brings them back" not in caplog.text


def test_what_the_disk_took_while_it_was_saved_elsewhere_is_in_one_place_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The exit's time is over while a large entry is being written to a healthy disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    outbox = Outbox(tmp_path / "outbox.sqlite")
    writer = Writer(outbox, wait=5)
    assert writer.flush(20)
    large = message_of(mint(), description="x" * 5_000_000)
    writer.put([large], wait=False)
    writer.close(0)
    assert [row.pid for row in outbox.pending()] == [large.pid]
    assert not list(tmp_path.glob("scifish-unsaved-*"))
    assert large.pid not in caplog.text


def test_only_what_the_disk_did_not_take_meanwhile_is_saved_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    outbox = Outbox(tmp_path / "outbox.sqlite")
    writer = Writer(outbox, wait=5)
    assert writer.flush(20)
    large, small = message_of(mint(), description="x" * 5_000_000), message_of(mint())
    writer.put([large], wait=False)
    writer._submit(_Job(small.pid, lambda one: put_elsewhere(one, outbox, small)), wait=0)
    writer.close(0)
    [rescue] = tmp_path.glob("scifish-unsaved-*/outbox.sqlite")
    assert [row.pid for row in Outbox(rescue).pending()] == [small.pid]
    assert [row.pid for row in outbox.pending()] == [large.pid]
    assert f"did not take the entries {small.pid} before" in caplog.text
    assert large.pid not in caplog.text


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("not a folder")
    writer = Writer(Outbox(tmp_path / "file" / "outbox.sqlite"), wait=0.2)
    assert not writer.put([message_of(mint())])
    assert str(tmp_path / "file") in caplog.text
    (tmp_path / "file").unlink()
    assert writer.flush(10)


def test_a_disk_that_hangs_holds_a_scan_for_its_wait_only(tmp_path: Path) -> None:
    """Another process keeps the database locked, as a hung disk would."""
    outbox = Outbox(tmp_path / "outbox.sqlite")
    writer = Writer(outbox, wait=0.1)
    assert writer.flush(5)
    other = Outbox(outbox.path)
    with other._database.transaction():
        begun = time.monotonic()
        assert not writer.put([message_of(mint())])
        assert time.monotonic() - begun < 1 * SLOW
    assert writer.flush(10)
    assert outbox.level().waiting == 1


def put_elsewhere(outbox: Outbox, refusing: Outbox, message: Message) -> None:
    if outbox.path == refusing.path:
        raise OutboxError("this disk is full")
    outbox.put([message])


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def test_what_waits_is_queued_in_one_transaction_and_what_is_forgotten_is_not(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    turns: list[int] = []
    put, started, go = outbox.put, threading.Event(), threading.Event()

    def slow(messages: Sequence[Message]) -> None:
        started.set()
        go.wait()
        turns.append(len(messages))
        put(messages)

    outbox.put = slow  # type: ignore[method-assign]
    writer = Writer(outbox, wait=5)
    pids = [mint() for _ in range(30)]
    writer.put([message_of(pids[0])], wait=False)
    assert started.wait(20)
    for pid in pids[1:]:
        writer.put([message_of(pid)], wait=False)
    assert not writer.kept(pids[5])
    forget = threading.Thread(target=writer.forget, args=(pids[7],))
    forget.start()
    wait_until(lambda: len(writer.in_memory()) == 31, "the deletion waits before what follows", 20)
    go.set()
    forget.join(20)
    assert writer.kept(pids[-1], wait=True)
    assert turns == [1, 28]
    assert [one.pid for one in outbox.messages()] == [pid for pid in pids if pid != pids[7]]


def test_an_entry_that_does_not_fit_costs_none_that_is_written_with_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    pids = [mint() for _ in range(5)]
    put, started, go = outbox.put, threading.Event(), threading.Event()

    def refusing(messages: Sequence[Message]) -> None:
        started.set()
        go.wait()
        if any(one.pid == pids[3] for one in messages):
            raise TooLargeError("string or blob too big")
        put(messages)

    outbox.put = refusing  # type: ignore[method-assign]
    writer = Writer(outbox, wait=5)
    for pid in pids:
        writer.put([message_of(pid)], wait=False)
    go.set()
    assert writer.flush(20)
    assert [one.pid for one in outbox.messages()] == pids[:3] + pids[4:]
    assert f"entry {pids[3]} is lost" in caplog.text
