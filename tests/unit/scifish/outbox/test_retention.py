"""What was delivered stays for a time, and up to a size; the file does not grow beyond that."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from scifish.cli.main import main
from scifish.contract.message import AwaitedFile, Message
from scifish.database.fill_level import level_of, used_bytes, waiting_bytes
from scifish.outbox.outbox import Outbox
from scifish.outbox.retention import PIECE, OutboxRetention, beyond, delete
from scifish.settings.model import OutboxSettings, SciFishSettings
from scizoo.facility.processes import wait_until
from support.scifish.recorder import message_of, mint, recorder

KILOBYTES_20 = {"text": "x" * 20_000}
FOR_EVER = 1e6


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite", look_every=0.0)


def scans(outbox: Outbox, count: int, *, delivered: bool = True) -> list[Message]:
    """Record scans of 20 kB each, delivered ones one second after the other."""
    made = [message_of(mint(), event="end", scientificMetadata=KILOBYTES_20) for _ in range(count)]
    outbox.put(made)
    rows = outbox.pending(limit=count)
    if delivered:
        outbox.delivered([one.id for one in rows])
        with closing(sqlite3.connect(outbox.path)) as connection, connection:
            start = time.time() - 1000
            connection.executemany(
                "UPDATE messages SET delivered = ? WHERE id = ?",
                [(start + number, one.id) for number, one in enumerate(rows)],
            )
    return made


def tidied(outbox: Outbox, retention: OutboxRetention) -> int:
    """Delete piece by piece until nothing is beyond the retention."""
    pieces = 0
    while outbox.tidy(retention):
        pieces += 1
    return pieces


def test_the_oldest_go_when_it_is_too_much(outbox: Outbox) -> None:
    made = scans(outbox, 100)
    assert tidied(outbox, OutboxRetention(FOR_EVER, megabytes=1)) >= 1
    kept = [one.pid for one in outbox.messages()]
    assert 30 < len(kept) < 50
    assert kept == [one.pid for one in made[-len(kept) :]]


def test_what_waits_is_never_deleted_and_counts_for_nothing(outbox: Outbox) -> None:
    scans(outbox, 20)
    waiting = scans(outbox, 100, delivered=False)
    assert tidied(outbox, OutboxRetention(FOR_EVER, megabytes=1)) == 0
    tidied(outbox, OutboxRetention(FOR_EVER, megabytes=0))
    assert [one.pid for one in outbox.messages()] == [one.pid for one in waiting]


def test_a_transaction_deletes_a_piece_only(outbox: Outbox) -> None:
    scans(outbox, 300)
    deleted = outbox.tidy(OutboxRetention(FOR_EVER, megabytes=1))
    assert (deleted - 1) * 20_000 < PIECE <= deleted * 21_000
    assert tidied(outbox, OutboxRetention(days=0)) > 1
    assert outbox.messages() == []


def test_a_scan_that_waits_for_files_stays(outbox: Outbox) -> None:
    scans(outbox, 1)
    awaiting = message_of(mint(), event="end").model_copy(update={"awaited": (AwaitedFile(path="/data/x"),)})
    outbox.put([awaiting])
    outbox.delivered([one.id for one in outbox.pending()])
    assert (tidied(outbox, OutboxRetention(days=0)), outbox.purge()) == (1, 0)
    assert [one.pid for one in outbox.messages()] == [awaiting.pid]


def test_the_file_stays_as_large_as_it_is(outbox: Outbox) -> None:
    """Room that was freed is used again, also in a file of an earlier version, which is much too large."""
    scans(outbox, 200)
    before = outbox.room()
    assert before.delivered == 200
    for _ in range(10):
        scans(outbox, 50)
        tidied(outbox, OutboxRetention(FOR_EVER, megabytes=2))
    after = outbox.room()
    assert after.file_bytes < before.file_bytes + 3_000_000
    assert 60 < after.delivered < 110


DAY = 86_400.0


def aged(outbox: Outbox, *days: float) -> list[str]:
    """Record scans that were delivered so many days ago; return their pids."""
    made = scans(outbox, len(days))
    with closing(sqlite3.connect(outbox.path)) as connection, connection:
        for one, ago in zip(made, days, strict=True):
            connection.execute(
                "UPDATE messages SET delivered = ? WHERE pid = ?", (time.time() - ago * DAY, one.pid)
            )
    return [one.pid for one in made]


def kept(outbox: Outbox) -> list[str]:
    return [one.pid for one in outbox.messages()]


def test_the_age_is_in_days(outbox: Outbox) -> None:
    _, young = aged(outbox, 2.1, 1.9)
    assert tidied(outbox, OutboxRetention(days=2)) == 1
    assert kept(outbox) == [young]


def test_a_look_follows_at_once_while_there_is_more_and_else_after_a_while(tmp_path: Path) -> None:
    outbox, at_once = Outbox(tmp_path / "outbox.sqlite", look_every=FOR_EVER), OutboxRetention(days=0)
    count = PIECE // 20_000 + 5
    scans(outbox, count)
    first, second, last = (outbox.tidy(at_once) for _ in range(3))
    assert (first + second, last) == (count, 0)
    assert 0 < second < first
    [later] = scans(outbox, 1)
    assert outbox.tidy(at_once) == 0
    assert kept(outbox) == [later.pid]


def test_a_purge_takes_what_is_that_old_and_all_of_it(outbox: Outbox) -> None:
    made = aged(outbox, *[3.00001] * 700, 2.9)
    assert outbox.purge(older_than_days=3) == 700
    assert kept(outbox) == made[-1:]
    assert outbox.purge(older_than_days=0) == 1
    assert outbox.purge(older_than_days=0) == 0


def test_beyond_the_size_no_more_goes_than_must(outbox: Outbox) -> None:
    scans(outbox, 100)
    tidied(outbox, OutboxRetention(FOR_EVER, megabytes=1.5))
    with outbox._database.reading() as connection:
        assert 1_400_000 < used_bytes(connection) < 1_500_000


def test_a_look_waits_for_nobody_who_writes(outbox: Outbox) -> None:
    """What is to go is found by reading: no scan waits for the look, and it for none."""
    scans(outbox, 3)
    with closing(sqlite3.connect(outbox.path, isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        assert outbox.tidy(OutboxRetention()) == 0
        assert outbox.purge(older_than_days=1) == 0
        assert time.monotonic() - begun < 4, "a write waits for 5 s"
        another.execute("ROLLBACK")


def test_what_is_sent_again_meanwhile_stays(outbox: Outbox) -> None:
    """Between the look and the deletion, another process or a person has changed something."""
    again, gone, later, plain = aged(outbox, 9, 8, 7, 6)
    with outbox._database.reading() as connection:
        found = beyond(connection, OutboxRetention(days=1))
    assert len(found) == 4
    outbox.resend(again)
    outbox.forget(gone)
    outbox.resend(later)
    outbox.delivered([one.id for one in outbox.messages(later)])
    with outbox._database.transaction() as connection:
        assert delete(connection, found) == 1
    assert kept(outbox) == [again, later]
    assert plain not in kept(outbox)


def test_what_waits_is_counted_right_also_in_an_outbox_of_an_earlier_version(outbox: Outbox) -> None:
    scans(outbox, 1)
    scans(outbox, 3, delivered=False)
    outbox.refuse(outbox.pending()[0].id, "odd")
    with outbox._database.transaction() as connection:
        connection.execute("DROP INDEX waiting_sizes")
    outbox.close()
    later = Outbox(outbox.path)
    sizes = {one.refused: len(one.body) for one in later.messages() if one.delivered is None}
    level = later.level()
    assert (level.waiting, level.refused, level.waiting_bytes) == (2, 1, 2 * sizes[None])
    with later._database.reading() as connection:
        assert waiting_bytes(connection) == 2 * sizes[None] + sizes["odd"]


@pytest.mark.skipif(sqlite3.sqlite_version_info < (3, 40), reason="SQLite reads the messages as well")
def test_how_much_waits_is_known_without_reading_a_message(outbox: Outbox) -> None:
    """A backlog of 250,000 messages is counted often; reading them took a second, and more from a disk."""
    scans(outbox, 300, delivered=False)
    outbox.empty_journal()
    outbox.close()
    with closing(sqlite3.connect(outbox.path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'messages'").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with outbox.path.open("r+b") as file:  # a message's page that is read now is damaged
        file.seek((root - 1) * size)
        file.write(b"\xff" * 100)
    with closing(sqlite3.connect(outbox.path)) as connection:
        assert level_of(connection).waiting == 300
        assert waiting_bytes(connection) > 300 * 20_000
        with pytest.raises(sqlite3.DatabaseError):
            connection.execute("SELECT total(length(body)) FROM messages NOT INDEXED").fetchone()


def test_a_recording_process_deletes_it(tmp_path: Path) -> None:
    settings = SciFishSettings(outbox=OutboxSettings(path=tmp_path / "outbox.sqlite", retention_megabytes=1))
    outbox = Outbox(settings.outbox.path)
    scans(outbox, 300)
    with recorder(settings, look_every=0.02):
        wait_until(lambda: outbox.room().delivered < 60, "the oldest are deleted", 30)
    assert outbox.room().delivered > 30


def test_the_commands_tell_the_room_and_give_it_back(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    scans(outbox, 100)
    settings = outbox.path.with_name("scifish.yaml")
    settings.write_text(f"outbox: {{path: {outbox.path}, retention_megabytes: 700}}\n")
    monkeypatch.setenv("SCIFISH_CONFIG", str(settings))
    status = CliRunner().invoke(main, ["outbox", "status"]).output
    assert "delivered 100 messages are kept, 30 days and 700 MB at most\n" in status
    assert " MB are free for new ones\n" in status
    before = outbox.path.stat().st_size
    purged = CliRunner().invoke(main, ["outbox", "purge", "--compact"]).output
    assert purged.startswith("100 delivered messages were deleted\n2.")
    assert purged.endswith(" MB were given back to the disk\n")
    Outbox(outbox.path).empty_journal()
    assert outbox.path.stat().st_size < before / 10
