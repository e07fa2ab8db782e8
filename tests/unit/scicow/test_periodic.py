"""Work that comes back: whatever an action meets, it is said once and comes again."""

import threading

import pytest

from scicow.errors import DeadLetterError
from scicow.periodic import task
from scizoo.facility.processes import wait_until
from sdm.errors import LoginRefused


@pytest.mark.parametrize(
    ("error", "events", "reason"),
    [
        (DeadLetterError("no disk"), ["rounds failed", "rounds works again"], "no disk"),
        (LoginRefused("wrong", 60), [], None),
        (
            KeyError("x"),
            ["rounds failed and is tried again; please report it: KeyError('x')", "rounds works again"],
            None,
        ),
    ],
)
def test_a_failure_is_said_once_and_the_work_comes_again(
    error: Exception, events: list[str], reason: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    turns = list[int]()

    def action() -> None:
        turns.append(1)
        if len(turns) < 3:
            raise error

    caplog.set_level("INFO")
    periodic = task("rounds", 0.01, action, threading.Event()).start()
    wait_until(lambda: len(turns) > 3, "it came again", 30)
    periodic.close(10)
    assert caplog.messages == events
    assert reason is None or vars(caplog.records[0])["reason"] == reason
