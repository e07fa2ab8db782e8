"""The right to deliver from an outbox, which one living process has at a time."""

import sqlite3
import time
from collections.abc import Callable

from scifish.owners.owner import Owner

_LONGEST = 3600.0
Alive = Callable[[Owner], bool]


def leased_to_another(connection: sqlite3.Connection, holder: str, alive: Alive) -> bool:
    """Tell whether a living process has the lease; one that lies far ahead was given by a wrong clock."""
    now = time.time()
    row = connection.execute("SELECT * FROM lease WHERE name = 'delivery'").fetchone()
    if row is None or row[1] == holder or not now < row[2] <= now + _LONGEST:
        return False
    return alive(Owner(*row[3:]))


def take_lease(
    connection: sqlite3.Connection, holder: str, seconds: float, me: Callable[[], Owner], alive: Alive
) -> bool:
    """Take or renew the right to deliver; False: another living process has it."""
    if leased_to_another(connection, holder, alive):
        return False
    who = me()
    connection.execute(
        "INSERT OR REPLACE INTO lease VALUES ('delivery', ?, ?, ?, ?, ?)",
        (holder, time.time() + seconds, who.pid, who.started, who.world),
    )
    return True
