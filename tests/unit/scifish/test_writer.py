"""The disk's troubles never reach the scan: what it refuses stays in memory, is tried again, is reported."""

import contextlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scifish.outbox import Outbox
from scifish.writer import Writer
from support.scifish import message_of, mint


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
    assert time.monotonic() - begun < 2
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
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "file").write_text("not a folder")
    writer = Writer(Outbox(tmp_path / "file" / "outbox.sqlite"), wait=0.1)
    message = message_of(mint())
    assert not writer.put([message])
    writer.close(0.1)
    [rescue] = tmp_path.glob("scifish-unsaved-*/outbox.sqlite")
    assert str(rescue) in caplog.text
    assert message.pid in caplog.text
    assert [row.pid for row in Outbox(rescue).pending()] == [message.pid]
    (tmp_path / "file").unlink()
    assert writer.flush(10)


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
        assert time.monotonic() - begun < 1
    assert writer.flush(10)
    assert outbox.level().waiting == 1


def test_a_damaged_file_costs_no_message(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    writer = Writer(outbox, wait=5)
    assert writer.put([message_of(mint())])
    outbox.close()
    outbox.path.write_bytes(b"rubbish" * 1000)
    writer.put([message_of(mint())])
    assert writer.flush(10)
    assert outbox.level().waiting == 1
    assert list(tmp_path.glob("*.damaged-*"))


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
