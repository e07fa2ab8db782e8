"""What a process says, and leaves behind, that ends while the disk still refuses."""

import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scifish.common.clock import utcnow
from scifish.contract.message import AwaitedFile, File
from scifish.errors import OutboxError
from scifish.files.file_list import Absent
from scifish.outbox.outbox import Outbox
from scifish.outbox.writer import Writer, _Job
from scizoo.facility.processes import wait_until
from support.scifish.recorder import checked, message_of, mint


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is saved elsewhere goes to `tmp_path`."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def refused(tmp_path: Path) -> Iterator[Writer]:
    """A writer whose outbox cannot be made."""
    (tmp_path / "file").write_text("not a folder")
    writer = Writer(Outbox(tmp_path / "file" / "outbox.sqlite"), wait=0.05)
    yield writer
    (tmp_path / "file").unlink()
    assert writer.flush(10)


def test_the_log_says_what_is_where_and_how_it_comes_back(
    refused: Writer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pids = [mint() for _ in range(3)]
    for pid in pids:
        refused.put([message_of(pid)])
    refused.close(0.1)
    [rescue] = tmp_path.glob("scifish-unsaved-*/outbox.sqlite")
    assert caplog.records[-1].getMessage() == (
        f"scifish: outbox {tmp_path / 'file/outbox.sqlite'} did not take the entries {', '.join(pids)} "
        f"before this process ended; they are in {rescue}: `scifish outbox recover {rescue}` brings them back"
    )
    assert [row.pid for row in Outbox(rescue).pending()] == pids


def test_what_is_lost_is_named_with_each_reason_once(
    refused: Writer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pids = [mint() for _ in range(3)]

    def refuse(outbox: Outbox, why: str) -> None:
        if "unsaved" in str(outbox.path):
            raise OutboxError(why)
        outbox.level()

    refused._submit(_Job(pids[0], lambda outbox: refuse(outbox, "too large")), wait=0)
    refused._submit(_Job(pids[1], lambda outbox: refuse(outbox, "damaged")), wait=0)
    refused._submit(_Job(pids[2], lambda outbox: refuse(outbox, "too large")), wait=0)
    refused.close(0.1)
    assert caplog.records[-1].getMessage() == (
        f"scifish: the entries {', '.join(pids)} are lost: too large; damaged"
    )
    assert not list(tmp_path.glob("scifish-unsaved-*"))


def test_a_folder_that_somebody_removed_meanwhile_is_no_error(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Programs clean the temporary folder; and the disk has taken the entry after all."""
    outbox = Outbox(tmp_path / "outbox.sqlite")
    writer = Writer(outbox, wait=5)
    assert writer.flush(20)
    removed = threading.Event()

    def work(one: Outbox) -> None:
        if one.path == outbox.path:
            removed.wait(20)
            return
        shutil.rmtree(one.path.parent)
        removed.set()
        wait_until(lambda: not writer.in_memory(), "the disk takes it", 20)

    writer._submit(_Job(mint(), work), wait=0)
    writer.close(0)
    assert caplog.text == ""


def test_files_of_a_dead_process_join_its_scan(tmp_path: Path) -> None:
    outbox, pid = Outbox(tmp_path / "outbox.sqlite"), mint()
    writer = Writer(outbox, wait=5)
    ends = [AwaitedFile(path=path, until=utcnow()) for path in ("/a", "/b", "/c")]
    writer.put([message_of(pid).model_copy(update={"awaited": tuple(ends)})])
    assert writer.join_files(pid, (File(path="/a", size=1, time=utcnow()),), (Absent("/b"),))
    update = checked(outbox.pending()[-1].body)
    assert [one.path for one in update.dataset.files] == ["/a"]
    assert update.problems == ("file /b did not come",)
    assert [one.path for one in update.awaited] == ["/c"]


def test_files_that_the_disk_does_not_take_stay_awaited_for_the_next_process(tmp_path: Path) -> None:
    outbox, pid = Outbox(tmp_path / "outbox.sqlite"), mint()
    outbox.put([message_of(pid).model_copy(update={"awaited": (AwaitedFile(path="/a"),)})])
    writer = Writer(outbox, wait=0.05)
    assert writer.flush(20)
    with Outbox(outbox.path)._database.transaction():
        assert not writer.join_files(pid, (), (Absent("/a"),))
        assert writer.in_memory() == [pid]
        assert not writer.kept(pid)
        writer.close(0)
    assert not list(tmp_path.glob("scifish-unsaved-*"))
    assert writer.flush(20)
