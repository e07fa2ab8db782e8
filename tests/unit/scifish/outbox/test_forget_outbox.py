"""What is proprietary leaves the outbox's file and its journal, whoever else works with them."""

import threading
from functools import partial
from pathlib import Path

import pytest

from scifish.errors import OutboxError
from scifish.outbox.outbox import Outbox
from scifish.outbox.writer import Writer
from scizoo.facility.processes import wait_until
from support.scifish.recorder import message_of, mint
from support.scifish.secret_entry import SECRET, bytes_in, secret


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite")


def test_an_outbox_of_an_earlier_version_is_completed(outbox: Outbox) -> None:
    pid = mint()
    outbox.put([message_of(pid)])
    with outbox._database.transaction() as connection:
        connection.execute("DROP TABLE handed")
    outbox.close()
    later = Outbox(outbox.path)
    assert later.hand_over([later.pending()[0].id])
    assert later.forget(pid) == 1
    assert not list(outbox.path.parent.glob("*damaged*"))


def test_who_forgets_is_told_how_many_messages_had_been_handed_over(outbox: Outbox) -> None:
    pid, told = mint(), list[int]()
    outbox.put([message_of(pid), message_of(pid, 1)])
    outbox.hand_over([outbox.pending()[0].id])
    assert outbox.forget(pid, told.append) == 1
    assert told == [1]


def test_a_reader_that_ends_soon_is_waited_for(outbox: Outbox) -> None:
    outbox.open(message_of(mint()))
    reads, ends = threading.Event(), threading.Event()

    def read() -> None:
        with Outbox(outbox.path)._database.reading() as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM entries").fetchone()
            reads.set()
            ends.wait(20)
            connection.execute("COMMIT")

    reader = threading.Thread(target=read)
    reader.start()
    assert reads.wait(20)
    outbox.open(message_of(mint()))
    threading.Timer(0.2, ends.set).start()
    outbox.empty_journal()
    reader.join(20)


def test_who_delivers_learns_what_was_forgotten_meanwhile(outbox: Outbox) -> None:
    mine, other = mint(), mint()
    outbox.put([message_of(mine), message_of(other), message_of(mine, 1)])
    first, kept, second = (one.id for one in outbox.pending())
    assert outbox.forgotten([first, kept, second]) == set()
    outbox.forget(mine)
    assert outbox.forgotten([first, kept, second]) == {first, second}


@pytest.mark.parametrize("size", [0, 100, 600, 3000, 20_000])
def test_no_byte_stays_between_other_entries(outbox: Outbox, size: int) -> None:
    """Pages are split and joined while many entries come and go: nothing may be left on any of them."""
    others = [mint() for _ in range(60)]
    for number, pid in enumerate(others):
        mine = mint()
        outbox.open(secret(mine, size=size + number))
        outbox.open(message_of(pid, description="x" * (size * number % 9000)))
        outbox.open(secret(mine, size=2 * size))
        outbox.put([secret(mine, sequence, size=size) for sequence in range(2)])
        outbox.put([message_of(pid, 1, event="end", description="y" * (size * number % 7000))])
        outbox.forget(mine)
        if number % 3 == 0:
            outbox.delivered([one.id for one in outbox.pending()][:2])
            outbox.purge()
    outbox.empty_journal()
    assert SECRET.encode() not in bytes_in(outbox.path.parent)


def test_a_reader_that_holds_the_journal_is_waited_for(outbox: Outbox, tmp_path: Path) -> None:
    """The deletion is complete only when no page of the journal has it: that is tried until it is so."""
    pid = mint()
    writer = Writer(outbox, wait=0.1)
    writer.open(secret(pid))
    assert writer.flush(10)
    reading = Outbox(outbox.path)
    with reading._database.reading() as connection:
        connection.execute("BEGIN")
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (1,)
        assert not writer.forget(pid)
        assert SECRET.encode() in bytes_in(tmp_path)
        connection.execute("COMMIT")
    assert writer.flush(30)
    assert SECRET.encode() not in bytes_in(tmp_path)


def test_other_scans_do_not_wait_for_who_reads_the_journal(
    outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A program that was stopped while it read would keep them all in memory, to be lost by a kill."""
    mine, other, later = mint(), mint(), mint()
    writer = Writer(outbox, wait=0.1)
    writer.open(secret(mine))
    assert writer.flush(10)
    reading = Outbox(outbox.path)
    with reading._database.reading() as connection:
        connection.execute("BEGIN")
        assert connection.execute("SELECT count(*) FROM entries").fetchone() == (1,)
        writer.forget(mine)
        for pid in (other, later):
            writer.put([message_of(pid)])
            wait_until(partial(writer.kept, pid), "it is on the disk", 60)
        assert not writer.kept(mine), "its bytes may be in the journal"
        writer.close(0)
        connection.execute("COMMIT")
    assert writer.flush(30)
    waits, unfinished, over = (one.getMessage() for one in caplog.records)
    assert waits.startswith(f"entry {mine} is proprietary and is deleted, but the outbox's journal still has")
    assert unfinished.startswith(f"scifish: entry {mine} is proprietary and is deleted, but outbox ")
    assert "the next that records, or `scifish deliver`, empties it" in unfinished
    assert over == f"outbox {outbox.path}: nothing of the entry {mine} is left in it"
    assert SECRET.encode() not in bytes_in(tmp_path)
    assert [one.pid for one in outbox.pending()] == [other, later]


def test_a_journal_that_stays_busy_is_an_error(outbox: Outbox) -> None:
    outbox.open(message_of(mint()))
    outbox._database._busy_timeout = 0.05
    outbox.close()
    reading = Outbox(outbox.path)
    with reading._database.reading() as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM entries").fetchone()
        outbox.open(message_of(mint()))
        with pytest.raises(OutboxError, match="another process keeps the file busy"):
            outbox.empty_journal()
        connection.execute("COMMIT")
    outbox.empty_journal()


@pytest.mark.parametrize("who", ["the next process", "who delivers"])
def test_what_a_kill_left_in_the_journal_is_cut(outbox: Outbox, who: str) -> None:
    """It was killed between the deletion and the emptying of the journal; others have the file open."""
    pid = mint()
    living = Outbox(outbox.path, look_every=0.0)
    outbox.open(secret(pid))
    assert living.level().open_entries == 1
    outbox.forget(pid)
    assert SECRET.encode() in bytes_in(outbox.path.parent)
    if who == "the next process":
        assert Writer(Outbox(outbox.path), wait=5).flush(10)
    else:
        assert living.pending() == living.pending() == []
    assert SECRET.encode() not in bytes_in(outbox.path.parent)


def test_it_goes_before_all_that_waits_and_takes_its_own_along(outbox: Outbox) -> None:
    """While the disk hangs, states and messages pile up in memory: of a proprietary scan none is written."""
    writer = Writer(outbox, wait=0.05)
    assert writer.flush(10)
    mine, other = mint(), mint()
    holding = Outbox(outbox.path)
    with holding._database.transaction():
        writer.put([message_of(other)])
        writer.open(secret(mine))
        writer.put([secret(mine)])
        writer.forget(mine)
        assert writer.in_memory()[1] == mine
    assert writer.flush(20)
    assert [one.pid for one in outbox.pending()] == [other]
    assert outbox.open_entries() == []


def test_of_states_that_wait_for_the_disk_only_the_last_is_kept(outbox: Outbox) -> None:
    writer = Writer(outbox, wait=0.05)
    assert writer.flush(10)
    pid = mint()
    holding = Outbox(outbox.path)
    with holding._database.transaction():
        writer.put([message_of(mint())])  # the disk is busy with this one
        for number in range(100):
            writer.open(message_of(pid, name=f"state {number}"), wait=False)
        assert writer.in_memory().count(pid) == 1
    assert writer.flush(20)
    [(state, _)] = outbox.open_entries()
    assert b"state 99" in state


def test_what_the_disk_never_deleted_is_named_and_not_rescued(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    (tmp_path / "file").write_text("not a folder")
    writer = Writer(Outbox(tmp_path / "file" / "outbox.sqlite"), wait=0.05)
    mine, other = mint(), mint()
    writer.put([secret(mine)])
    writer.put([message_of(other)])
    writer.forget(mine)
    writer.close(0.1)
    [rescue] = tmp_path.glob("scifish-unsaved-*/outbox.sqlite")
    assert [one.pid for one in Outbox(rescue).pending()] == [other]
    assert SECRET.encode() not in bytes_in(rescue.parent)
    assert f"`scifish outbox forget {mine}`" in caplog.text
    (tmp_path / "file").unlink()
    assert writer.flush(30)
