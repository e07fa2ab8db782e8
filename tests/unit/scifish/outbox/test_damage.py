"""The outbox's file when it is damaged, or never was an outbox: set aside, or left as it is."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scifish.errors import OutboxError
from scifish.outbox.outbox import Outbox
from scifish.outbox.recovery import recover
from support.scifish.recorder import filled, message_of, mint

DAMAGE = {"not a database": b"rubbish" * 1000, "half a header": b"SQLite format 3\0" + b"\xff" * 84}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_is_set_aside_loudly(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "outbox.sqlite"
    before = Outbox(path)
    before.open(message_of(mint(), 0))
    before.close()
    path.write_bytes(content)
    outbox = Outbox(path)
    outbox.put([message_of(mint(), 0)])
    assert len(outbox.pending()) == 1
    [aside] = tmp_path.glob("outbox.sqlite.damaged-*")
    assert aside.read_bytes() == content
    assert "is damaged" in caplog.text
    assert aside.name in caplog.text


def test_a_mistyped_path_costs_nobody_a_file(tmp_path: Path) -> None:
    """Neither is somebody's document renamed, nor are tables made in another program's database."""
    document, database = tmp_path / "proposals.yaml", tmp_path / "tango.db"
    document.write_text("proposals: []\n" * 100)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE device (name TEXT)")
        connection.execute("PRAGMA user_version = 1")
        connection.commit()
    before = {path: path.read_bytes() for path in (document, database)}
    with pytest.raises(
        OutboxError, match=r"proposals\.yaml: is another kind of file; correct the outbox's path"
    ):
        Outbox(document).put([message_of(mint())])
    with pytest.raises(OutboxError, match=r"tango\.db: is another program's database \(with device\)"):
        Outbox(database).put([message_of(mint())])
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


FOREIGN = {
    "messages": "CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT);",
    "entries": "CREATE TABLE entries (id INTEGER PRIMARY KEY, title TEXT);",
    "lease": "CREATE TABLE lease (tenant TEXT, until REAL); PRAGMA user_version = 1;",
    "one of three": "CREATE TABLE lease (name TEXT, holder TEXT, until REAL); PRAGMA user_version = 1;",
    "all names": "CREATE TABLE messages (a); CREATE TABLE entries (b); CREATE TABLE lease (c);"
    "PRAGMA user_version = 1;",
    "a view": "CREATE VIEW messages AS SELECT 1 AS id; PRAGMA user_version = 1;",
}


@pytest.mark.parametrize("schema", FOREIGN.values(), ids=FOREIGN.keys())
def test_another_program_s_database_with_tables_of_our_names_stays_as_it_is(
    tmp_path: Path, schema: str
) -> None:
    path = tmp_path / "chat.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(schema)
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(OutboxError, match=r"chat\.db: is another program's database"):
            Outbox(path).put([message_of(mint())])
    assert {one: one.read_bytes() for one in tmp_path.iterdir()} == {path: before}


def test_another_program_s_database_that_comes_while_the_outbox_is_used_is_not_renamed(
    tmp_path: Path,
) -> None:
    outbox = filled(tmp_path / "outbox.sqlite", 200)
    outbox.close()
    assert outbox.open_entries() == []
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.executescript("CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)")
    inode = outbox.path.stat().st_ino
    outbox.path.write_bytes((tmp_path / "other.db").read_bytes())
    with pytest.raises(OutboxError, match="is another program's database"):
        outbox.pending(limit=1000)
    assert outbox.path.stat().st_ino == inode
    assert not list(tmp_path.glob("*.damaged-*"))


def test_an_outbox_of_any_journal_with_tables_of_others_beside_is_taken(tmp_path: Path) -> None:
    """As a backup brings it back, and as a person's `ANALYZE` or notes leave it."""
    outbox = filled(tmp_path / "outbox.sqlite", 3)
    outbox.close()
    with closing(sqlite3.connect(outbox.path)) as connection:
        connection.executescript("PRAGMA journal_mode = DELETE; ANALYZE; CREATE TABLE notes (text)")
    outbox.put([message_of(mint())])
    assert outbox.level().waiting == 4


def test_a_file_that_is_damaged_while_it_is_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    filled(tmp_path / "outbox.sqlite", 200).close()
    outbox = Outbox(tmp_path / "outbox.sqlite")
    assert outbox.open_entries() == []
    with outbox.path.open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xff" * 10 * 4096)
    with pytest.raises(OutboxError, match="damaged"):
        outbox.pending(limit=1000)
    outbox.put([message_of(mint())])
    assert outbox.level().waiting == 1
    assert "scifish outbox recover" in caplog.text
    [aside] = (one for one in tmp_path.glob("*.damaged-*") if not one.name.endswith(("-wal", "-shm")))
    found = recover(aside, outbox)
    assert 0 < found.messages < 200
    assert found.lost > 0
    assert outbox.level().waiting == 1 + found.messages


def test_two_processes_that_meet_the_same_damage_set_it_aside_once(tmp_path: Path) -> None:
    filled(tmp_path / "outbox.sqlite", 200).close()
    both = [Outbox(tmp_path / "outbox.sqlite") for _ in range(2)]
    assert [one.open_entries() for one in both] == [[], []]
    with both[0].path.open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xff" * 10 * 4096)
    with pytest.raises(OutboxError, match="damaged"):
        both[0].pending(limit=1000)
    for one in both:
        one.put([message_of(mint())])
    assert [one.level().waiting for one in both] == [2, 2]
    asides = [one for one in tmp_path.glob("*.damaged-*") if not one.name.endswith(("-wal", "-shm"))]
    assert len(asides) == 1


def test_recover_of_a_sound_file_finds_everything(tmp_path: Path) -> None:
    sound = filled(tmp_path / "sound.sqlite", 5)
    sound.open(message_of(mint(), 0))
    sound.delivered([sound.pending()[0].id])
    into = Outbox(tmp_path / "new.sqlite")
    found = recover(sound.path, into)
    assert (found.messages, found.entries, found.lost) == (4, 1, 0)
    assert into.level().waiting == 4
