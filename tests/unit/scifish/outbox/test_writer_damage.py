"""What the outbox file itself refuses: damage, a table that is gone, an entry that is too large."""

import contextlib
import resource
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scifish.errors import OutboxError
from scifish.outbox.outbox import Outbox
from scifish.outbox.writer import Writer
from support.clock import SLOW
from support.scifish.large_entry import refuse_above
from support.scifish.recorder import checked, message_of, mint


def test_a_damaged_file_costs_no_message(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    writer = Writer(outbox, wait=5)
    assert writer.put([message_of(mint())])
    assert outbox.lease("test", 1)
    outbox.close()
    outbox.path.write_bytes(b"rubbish" * 1000)
    writer.put([message_of(mint())])
    assert writer.flush(10)
    assert outbox.level().waiting == 1
    assert list(tmp_path.glob("*.damaged-*"))


def test_a_damaged_file_that_cannot_be_looked_at_costs_no_message(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """While the process may open no more files, neither can it be told what the damaged file was."""
    outbox = Outbox(tmp_path / "outbox.sqlite")
    writer = Writer(outbox, wait=0.2)
    outbox.put([message_of(mint()) for _ in range(200)])
    outbox.close()
    assert outbox.open_entries() == []
    with outbox.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (outbox.path.stat().st_size - 4096))
    message = message_of(mint())
    with no_more_files():
        assert not writer.put([message])
        assert writer.in_memory() == [message.pid]
    assert "it cannot be set aside: Too many open files" in caplog.text
    assert "please report this" not in caplog.text
    assert writer.flush(10)
    assert [row.pid for row in outbox.pending()] == [message.pid]


@pytest.mark.parametrize("table", ["messages", "entries", "lease"])
def test_a_table_that_somebody_dropped_costs_no_message(tmp_path: Path, table: str) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    writer = Writer(outbox, wait=5)
    assert writer.flush(5)
    outbox.close()
    with contextlib.closing(sqlite3.connect(outbox.path)) as connection:
        connection.execute(f"DROP TABLE {table}")
    with contextlib.suppress(OutboxError):  # where it is only now seen
        outbox.lease("test", 1)
    message = message_of(mint())
    writer.open(message)
    writer.put([message])
    assert writer.flush(10)
    assert outbox.lease("test", 1)
    assert (outbox.level().waiting, outbox.level().open_entries) == (1, 1)
    assert list(tmp_path.glob("*.damaged-*"))


def test_an_entry_that_is_very_large_is_written_without_what_makes_it_so(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    writer = Writer(outbox, wait=0.1)
    large = message_of(mint(), scientificMetadata={"image": "x" * 80_000_000, "energy": 12.7})
    others = [message_of(mint()) for _ in range(5)]
    writer.open(large)
    writer.put([large])
    begun = time.monotonic()
    for message in others:
        writer.put([message])
    assert time.monotonic() - begun < 2 * SLOW  # the GIL too is waited for, which JSON of 80 MB keeps
    assert writer.flush(20 * SLOW)
    stored, *behind = (checked(row.body) for row in outbox.pending())
    assert stored.dataset.scientific_metadata["energy"] == 12.7
    assert stored.problems == ("metadata image: 80.0 MB, too large for the catalogue: left out",)
    assert [message.pid for message in behind] == [message.pid for message in others]
    [(state, _)] = outbox.open_entries()
    assert checked(state) == stored


@pytest.mark.skipif(sys.version_info < (3, 11), reason="sqlite3 has no setlimit before Python 3.11")
def test_an_entry_that_sqlite_refuses_is_written_smaller(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    refuse_above(outbox, 1_000_000)
    writer = Writer(outbox, wait=5 * SLOW)
    tree = {"image": "x" * 2_000_000, "energy": 12.7}
    assert writer.open(message_of(mint(), scientificMetadata=tree))
    assert writer.put([message_of(mint(), scientificMetadata=tree)])
    assert writer.put([message_of(mint())])
    stored, behind = (checked(row.body) for row in outbox.pending())
    assert stored.dataset.scientific_metadata["energy"] == 12.7
    assert "metadata image: 2.0 MB" in stored.problems[0]
    assert behind.problems == ()
    [(state, _)] = outbox.open_entries()
    assert "metadata image: 2.0 MB" in checked(state).problems[0]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="sqlite3 has no setlimit before Python 3.11")
def test_an_entry_that_never_fits_holds_up_no_other(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    refuse_above(outbox, 5000)
    writer = Writer(outbox, wait=5)
    lost, kept = message_of(mint(), description="x" * 10_000), message_of(mint())
    writer.put([lost])
    assert writer.put([kept])
    assert [row.pid for row in outbox.pending()] == [kept.pid]
    assert f"entry {lost.pid} is lost" in caplog.text
    assert "record less in one entry" in caplog.text


@contextlib.contextmanager
def no_more_files() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
