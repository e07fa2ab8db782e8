"""What the writer does while the disk refuses or hangs, and when it takes again."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path

import pytest

from scifish.contract.message import Message
from scifish.errors import OutboxError
from scifish.outbox.outbox import Outbox
from scifish.outbox.writer import FIRST_RETRY, Writer, _Job
from scizoo.facility.processes import wait_until
from support.scifish.recorder import checked, message_of, mint

LONG = 30  # seconds: who waits for the disk by mistake waits so long
SOON = 20


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "folder" / "outbox.sqlite")


@pytest.fixture
def refused(outbox: Outbox, tmp_path: Path) -> Iterator[Writer]:
    """A writer that knows that its disk refuses; it would wait long for a disk that only hangs."""
    (tmp_path / "folder").write_text("no folder yet")
    writer = Writer(outbox, wait=LONG)
    wait_until(lambda: writer._failing, "the disk has refused once", SOON)
    yield writer
    if (tmp_path / "folder").is_file():
        (tmp_path / "folder").unlink()
    assert writer.flush(SOON)


def hanging(outbox: Outbox) -> AbstractContextManager[object]:
    """Another process keeps the database locked, as a hung disk would."""
    return Outbox(outbox.path)._database.transaction()


def unreadable(pid: str) -> Message:
    """Return a message that raises when it is written, as only a mistake of ours could."""
    return message_of(pid).model_copy(update={"sent_at": object()})


def test_a_disk_that_is_known_to_refuse_holds_nobody(refused: Writer) -> None:
    begun = time.monotonic()
    for _ in range(SOON):
        pid = mint()
        assert not refused.put([message_of(pid)])
        assert not refused.kept(pid, wait=True)
        assert time.monotonic() - begun < SOON


def test_when_it_takes_again_it_is_waited_for_as_before(
    refused: Writer, tmp_path: Path, outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    assert not refused.put([message_of(mint())])
    (tmp_path / "folder").unlink()
    assert refused.flush(SOON)
    assert [record.getMessage() for record in caplog.records if "scifish.outbox.writer" in record.name] == [
        f"outbox {outbox.path}: all entries are on the disk again"
    ]
    assert refused.put([message_of(mint())])
    assert outbox.level().waiting == 2


def test_what_it_refuses_is_tried_again_less_and_less(outbox: Outbox) -> None:
    tried: list[float] = []

    def work(_: Outbox) -> None:
        tried.append(time.monotonic())
        if len(tried) < 4:
            raise OutboxError("no room")

    writer = Writer(outbox, wait=0)
    writer._submit(_Job(mint(), work), wait=0)
    assert writer.flush(SOON)
    for number, (before, after) in enumerate(pairwise(tried)):
        assert after - before >= FIRST_RETRY * 2**number / 2
    assert len(tried) == 4


def test_a_deletion_goes_before_all_that_was_refused(refused: Writer) -> None:
    for _ in range(3):
        refused.put([message_of(mint())])
    wait_until(lambda: not any(job.running for job in list(refused._jobs)), "it pauses", SOON)
    pid = mint()
    refused.forget(pid)
    assert refused.in_memory()[0] == pid


def test_a_hung_disk_holds_nobody_who_does_not_wait(outbox: Outbox) -> None:
    outbox.open(message_of(mint()))
    with hanging(outbox):
        begun = time.monotonic()
        for _ in range(5):
            writer = Writer(outbox, wait=LONG)
        pid = mint()
        assert not writer.open(message_of(pid), wait=False)
        assert not writer.put([message_of(pid)], wait=False)
        assert not writer.kept(pid)
        assert time.monotonic() - begun < 4
    assert writer.flush(SOON)


def test_who_waits_for_an_entry_waits_for_its_last_part_for_the_wait_only(outbox: Outbox) -> None:
    writer = Writer(outbox, wait=0.3)
    assert writer.flush(SOON)
    pid = mint()
    with hanging(outbox):
        writer.put([message_of(pid)], wait=False)
        begun = time.monotonic()
        assert not writer.kept(pid, wait=True)
        assert 0.3 <= time.monotonic() - begun < SOON
    assert writer.flush(SOON)
    assert writer.kept(pid, wait=True)


def test_a_state_that_is_being_written_is_followed_by_the_next_one(outbox: Outbox) -> None:
    writer, pid = Writer(outbox, wait=0.1), mint()
    assert writer.flush(SOON)
    with hanging(outbox):
        writer.open(message_of(pid, name="first"))
        wait_until(lambda: writer._jobs[0].running, "the first one is being written", SOON)
        writer.open(message_of(pid, name="second"))
        assert writer.in_memory() == [pid, pid]
    assert writer.flush(SOON)
    [(state, _)] = outbox.open_entries()
    assert checked(state).dataset.dataset_name == "second"


def test_a_mistake_of_ours_costs_one_entry_and_asks_for_a_report(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    writer, first, wrong, last = Writer(outbox, wait=0.1), mint(), mint(), mint()
    assert writer.flush(SOON)
    with hanging(outbox):
        writer.put([message_of(first)])
        writer.put([unreadable(wrong)], wait=False)
        writer.put([message_of(last)], wait=False)
    assert writer.flush(SOON)
    assert [one.pid for one in outbox.pending()] == [first, last]
    assert [record.getMessage() for record in caplog.records if record.exc_info] == [
        "2 entries could not be written together: please report this",
        f"entry {wrong} could not be written to the outbox: please report this",
    ]


def test_a_reader_does_not_hold_up_who_begins_to_record(outbox: Outbox) -> None:
    outbox.open(message_of(mint()))
    reading = Outbox(outbox.path)
    with reading._database.reading() as connection:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM entries").fetchone()
        outbox.open(message_of(mint()))  # in the journal, which the reader keeps from being emptied
        later = Outbox(outbox.path)
        later._database._busy_timeout = LONG
        begun = time.monotonic()
        assert Writer(later, wait=LONG).put([message_of(mint())])
        assert time.monotonic() - begun < SOON
        connection.execute("COMMIT")


def test_a_program_that_ends_without_closing_does_not_wait_for_the_writer(outbox: Outbox) -> None:
    thread = Writer(outbox, wait=LONG)._thread
    assert (thread.daemon, thread.name) == (True, "scifish writer")
