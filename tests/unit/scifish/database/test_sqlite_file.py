"""One way to open a SQLite file."""

import sqlite3
from pathlib import Path

import pytest

from scifish.database.sqlite_file import open_sqlite


def table(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS one (value TEXT)")


@pytest.mark.parametrize("secure", [True, False])
def test_what_is_written_is_there_for_others_at_once(tmp_path: Path, secure: bool) -> None:
    mine = open_sqlite(tmp_path / "db", table, secure_delete=secure)
    other = open_sqlite(tmp_path / "db", table)
    mine.execute("INSERT INTO one VALUES ('there')")
    assert other.execute("SELECT value FROM one").fetchall() == [("there",)]
    told = [mine.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    assert told == ["wal", 2]
    assert mine.execute("PRAGMA secure_delete").fetchone()[0] == int(secure)
    mine.close()
    other.close()


def test_what_is_refused_is_not_written_and_left_open(tmp_path: Path) -> None:
    path = tmp_path / "db"
    sqlite3.connect(path).close()

    def refuse(connection: sqlite3.Connection) -> None:
        kept.append(connection)
        raise ValueError("another program's")

    kept: list[sqlite3.Connection] = []
    with pytest.raises(ValueError, match="another program's"):
        open_sqlite(path, table, refuse=refuse)
    assert path.stat().st_size == 0
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        kept[0].execute("SELECT 1")
