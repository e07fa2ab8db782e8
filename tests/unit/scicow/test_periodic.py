"""Work that comes back: whatever an action meets, it is said once and comes again."""

import threading

import pytest
import structlog

from scicow.errors import DeadLetterError
from scicow.periodic import Periodic
from scizoo.facility.processes import wait_until


@pytest.mark.parametrize(
    ("error", "said"), [(DeadLetterError("no disk"), "no disk"), (KeyError("x"), "defect of SciCow")]
)
def test_a_failure_is_said_once_and_the_work_comes_again(error: Exception, said: str) -> None:
    turns = list[int]()

    def action(_stopping: threading.Event) -> None:
        turns.append(1)
        if len(turns) < 3:
            raise error

    with structlog.testing.capture_logs() as told:
        periodic = Periodic("rounds", 0.01, action, structlog.get_logger())
        periodic.start()
        wait_until(lambda: len(turns) > 3, "it came again", 10)
        periodic.stop()
    assert [one["event"] for one in told] == ["rounds failed", "rounds works again"]
    assert said in told[0]["reason"]
