"""How every SQLite file of ours is opened: a write-ahead journal, each statement a transaction of its own."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Literal

Look = Callable[[sqlite3.Connection], object]


def open_sqlite(
    path: Path | str,
    prepare: Look,
    *,
    timeout: float = 10.0,
    synchronous: Literal["FULL", "NORMAL"] = "FULL",
    secure_delete: bool = False,
    refuse: Look = lambda _: None,
) -> sqlite3.Connection:
    """Return a connection that threads use in turn. Raises sqlite3.Error, or what the two functions raise.

    `refuse` looks at the file before anything is written, `prepare` makes the tables. What is written
    survives kill -9, with FULL a loss of power, too. `timeout`: seconds to wait for other processes.
    """
    connection = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        refuse(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute(f"PRAGMA secure_delete = {'ON' if secure_delete else 'OFF'}")
        prepare(connection)
    except BaseException:  # Ctrl-C too: nobody else knows the connection
        connection.close()
        raise
    return connection
