"""What has become proprietary is off the disk at once, whoever has it, and no longer sent."""

import logging
import threading
import time
from functools import partial
from pathlib import Path

import pytest
import structlog

from scicow.outbox_source import OutboxSettings as SourceSettings
from scicow.outbox_source import OutboxSource
from scifish import SciFish
from scifish.alarms import Alarms
from scifish.entry import Entry
from scifish.errors import OutboxError
from scifish.kafka import KafkaTransport, Outcome
from scifish.message import Message
from scifish.outbox import Outbox, Stored
from scifish.runtime import Runtime, close_runtimes
from scifish.sender import Sender
from scifish.settings import KafkaSettings, OutboxSettings, Settings
from scifish.writer import Writer
from scizoo.processes import wait_until
from support.scifish import message_of, mint
from support.scifishbroker import Broker, sending

SECRET = "TOPSECRET"
PATH = f"/data/proprietary/bl01/{SECRET}/raw/{SECRET}.h5"


def secret(pid: str, sequence: int = 0, *, size: int = 0) -> Message:
    return message_of(pid, sequence, name=SECRET, description=SECRET + " secret" * size)


def bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite")


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("visible", [False, True])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("proposalId", f"IN-{SECRET}"),
        ("sourceFolder", f"/data/proprietary/bl01/{SECRET}/raw"),
        ("files", [PATH]),
        ("files", [{"path": PATH, "size": 1, "time": 0}]),
        ("category", "Proprietary"),
        ("category", "IN"),
    ],
)
def test_it_is_off_the_disk_when_the_field_is_set(
    settings: Settings, field: str, value: object, visible: bool, caplog: pytest.LogCaptureFixture
) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan(SECRET)
    if visible:
        fish.send_start()
    assert SECRET.encode() in bytes_in(settings.outbox.path.parent)
    setattr(fish.scicat_data, field, value)
    assert SECRET.encode() not in bytes_in(settings.outbox.path.parent)
    assert fish.refused
    fish.scicat_data.description = SECRET
    fish.send_start()
    fish.end_scan()
    assert SECRET.encode() not in bytes_in(settings.outbox.path.parent)
    assert caplog.text.count("never leave the beamline") == 1
    assert "after" not in caplog.text, "nobody had been given it"


@pytest.mark.usefixtures("shared")
def test_what_is_appended_takes_it_off_the_disk_soon(settings: Settings) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan(SECRET)
    fish.scicat_data.files.append(PATH)
    wait_until(lambda: fish.refused, "the scan is refused", 10)
    wait_until(lambda: SECRET.encode() not in bytes_in(settings.outbox.path.parent), "it is gone", 10)


def test_it_is_said_to_be_refused_only_when_it_is_gone(
    settings: Settings, shared: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may take its time: who reads `refused`, or is killed then, may count on it."""
    fish = SciFish(settings=settings)
    fish.start_scan(SECRET)
    said: list[str | None] = []
    forget = shared.delivery.sink.forget

    def look(pid: str) -> bool:
        said.append(fish.refused)
        return forget(pid)

    monkeypatch.setattr(shared.delivery.sink, "forget", look)
    fish.scicat_data.proposalId = "IN-1"
    assert said == [None]
    assert fish.refused


@pytest.mark.usefixtures("shared")
def test_what_had_been_handed_over_is_an_error_with_its_pid(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    fish = SciFish(settings=settings)
    fish.start_scan(SECRET)
    fish.send_start()
    delivering = Outbox(settings.outbox.path)
    [stored] = delivering.pending()
    assert delivering.hand_over([stored.id]) == {stored.id}
    fish.scicat_data.proposalId = "IN-1"
    [line] = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert f"entry {fish.pid} turned out to be proprietary after 1 of its messages" in line.getMessage()
    assert "Removing a scan" in line.getMessage()
    assert delivering.hand_over([stored.id]) == set()


@pytest.mark.usefixtures("shared")
@pytest.mark.parametrize("way", ["expected", "listed", "listed before"])
def test_files_of_a_proprietary_scan_are_not_waited_for(
    settings: Settings, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A wait for them would name them in the log, ten minutes later."""
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    if way == "expected":
        fish.expect_files([PATH])
    elif way == "listed":
        fish.scicat_data.files = [PATH]
    else:
        fish.scicat_data.files.append("/data/raw/open.h5")
        fish.scicat_data.proposalId = "IN-1"
    fish.end_scan()
    assert fish.refused
    close_runtimes()
    assert "did not come" not in caplog.text


def test_who_delivers_is_told_what_may_still_go(outbox: Outbox) -> None:
    pids = [mint(), mint()]
    outbox.put([message_of(pid) for pid in pids])
    first, second = (one.id for one in outbox.pending())
    assert outbox.forget(pids[0]) == 0
    assert outbox.hand_over([first, second]) == {second}
    assert outbox.forgotten([first, second]) == {first}
    assert outbox.forget(pids[1]) == 1


def test_what_was_delivered_counts_once(outbox: Outbox) -> None:
    pid = mint()
    outbox.put([message_of(pid), message_of(pid, 1)])
    ids = [one.id for one in outbox.pending()]
    outbox.hand_over(ids)
    outbox.delivered(ids[:1])
    said: list[int] = []
    assert outbox.forget(pid, said.append) == 2
    assert said == [2]


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
def test_what_a_kill_left_in_the_journal_is_cut(
    outbox: Outbox, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was killed between the deletion and the emptying of the journal; others have the file open."""
    pid = mint()
    living = Outbox(outbox.path)
    outbox.open(secret(pid))
    assert living.level().open_entries == 1
    outbox.forget(pid)
    assert SECRET.encode() in bytes_in(outbox.path.parent)
    if who == "the next process":
        assert Writer(Outbox(outbox.path), wait=5).flush(10)
    else:
        monkeypatch.setattr("scifish.outbox._ORPHANS_EVERY", 0.0)
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


def test_the_sender_does_not_send_what_was_forgotten_behind_its_back(outbox: Outbox) -> None:
    """It reads ahead: the second message of a scan waits in memory until the first one has arrived."""
    mine, other = mint(), mint()
    outbox.put([secret(mine), secret(mine, 1)])
    held = threading.Event()

    class Slow(Broker):
        """Confirms what it has taken when it is told to."""

        def poll(self, seconds: float) -> list[Outcome]:
            return super().poll(seconds) if held.wait(seconds) else []

    broker = Slow()
    with sending(outbox, broker):
        broker.wait_for(1)
        assert outbox.forget(mine) == 1
        held.set()
        outbox.put([message_of(other)])
        broker.wait_for(2)
    assert [(one.pid, one.sequence) for one in broker.taken] == [(mine, 0), (other, 0)]


def test_the_sender_empties_the_queue_to_a_broker_that_is_away(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    """librdkafka keeps what it was given for ever: it would send it when the broker is back."""
    mine, other = mint(), mint()
    outbox.put([secret(mine), message_of(other)])
    given: list[list[str]] = []

    class Queueing(KafkaTransport):
        """librdkafka's own queue; notes what goes into it."""

        def produce(self, stored: Stored) -> None:
            super().produce(stored)
            given[-1].append(stored.pid)

    def connect() -> Queueing:
        given.append([])
        return Queueing(KafkaSettings(bootstrap="127.0.0.1:1"), "metadata")

    sender = Sender(Outbox(outbox.path), connect, Alarms(OutboxSettings(path=outbox.path)))
    try:
        wait_until(lambda: given == [[mine, other]], "both are queued", 20)
        assert outbox.forget(mine) == 1
        wait_until(lambda: given == [[mine, other], [other]], "the other is queued again", 20)
    finally:
        sender.stop(0)
    assert f"entry {mine} is proprietary: its message 0 was taken out of the queue" in caplog.text
    assert other not in caplog.text


def test_scicow_asks_before_each_attempt(outbox: Outbox) -> None:
    mine, other = mint(), mint()
    outbox.put([secret(mine), message_of(other)])
    source = OutboxSource(SourceSettings(path=outbox.path), lambda belongs: None, structlog.get_logger())
    try:
        given = [one for one in (source.poll(5), source.poll(5)) if one is not None]
        assert len(given) == 2
        outbox.forget(mine)
        assert [one.pid for one in given[0].standing(given)] == [other]
        assert outbox.forget(other) == 1, "what was asked for counts as sent"
    finally:
        source.close()


def test_a_split_of_what_was_forgotten_changes_nothing(outbox: Outbox) -> None:
    pid = mint()
    outbox.put([message_of(pid)])
    [stored] = outbox.pending()
    outbox.forget(pid)
    outbox.split(stored.id, [message_of(pid), message_of(pid)])
    assert outbox.pending() == []


def test_a_look_costs_no_lock_that_the_client_needs(
    settings: Settings, shared: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The conversion of large fields takes long: a client that ends its scan meanwhile waits for none."""
    fish = SciFish(settings=settings)
    fish.start_scan("x")
    entered, leave = threading.Event(), threading.Event()
    convert = Entry.message

    def slow(entry: Entry, event: str, sequence: int) -> Message:
        if threading.current_thread().name == "scifish fields":
            entered.set()
            leave.wait(10)
        return convert(entry, event, sequence)  # type: ignore[arg-type]

    monkeypatch.setattr(Entry, "message", slow)
    fish.scicat_data.description = "changed"
    assert entered.wait(10)
    begun = time.monotonic()
    fish.send_start()
    fish.end_scan()
    assert time.monotonic() - begun < 4
    leave.set()
    wait_until(lambda: Outbox(settings.outbox.path).level().waiting == 2, "both are written", 10)
    assert Outbox(settings.outbox.path).open_entries() == [], "an older state does not open it again"
