"""What `scicow reconcile` says of scans whose files are still to come."""

from datetime import datetime, timedelta, timezone

import pytest

from scicow.cli.expected import GRACE, Expected, waits
from scifish.contract.message import AwaitedFile
from support.scifish.recorder import message_of, mint

UNTIL = datetime(2026, 3, 1, 9, 30, tzinfo=timezone.utc)
SAID = f"{UNTIL.astimezone():%Y-%m-%d %H:%M:%S}"


def expected(*paths: str, until: datetime | None = UNTIL) -> Expected:
    pid, one = mint(), AwaitedFile(path="/data/0", until=until)
    found = Expected(pid)
    message = message_of(pid, 1, event="end")
    awaited = tuple(one.model_copy(update={"path": path}) for path in paths)
    found.add(message.model_copy(update={"awaited": awaited}))
    found.add(message_of(pid, 0))  # an older one says nothing of it
    return found


@pytest.mark.parametrize(
    ("found", "now", "says", "overdue"),
    [
        (expected(), UNTIL, None, False),
        (expected("/data/a"), UNTIL, f"waits for /data/a until {SAID}", False),
        (
            expected("/data/b", "/data/a", "/data/c"),
            UNTIL,
            f"waits for /data/a and 2 more files until {SAID}",
            False,
        ),
        (expected("/data/a", until=None), UNTIL + timedelta(days=1), "waits for /data/a", False),
        (
            expected("/data/a"),
            UNTIL + GRACE,
            f"waits for /data/a since {SAID}: nobody looks for it on here; "
            "record there, or run `scifish deliver`",
            True,
        ),
    ],
)
def test_waits(found: Expected, now: datetime, says: str | None, overdue: bool) -> None:
    assert waits(found, now) == (says, overdue)
