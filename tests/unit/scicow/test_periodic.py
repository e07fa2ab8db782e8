"""Work that comes back: whatever an action meets, it is said once and comes again."""

import threading

import pytest

from scicow.errors import DeadLetterError
from scicow.periodic import Periodic
from scizoo.facility.processes import wait_until


@pytest.mark.parametrize(
    ("error", "said"), [(DeadLetterError("no disk"), "no disk"), (KeyError("x"), "defect of SciCow")]
)
def test_a_failure_is_said_once_and_the_work_comes_again(
    error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    turns = list[int]()

    def action(_stopping: threading.Event) -> None:
        turns.append(1)
        if len(turns) < 3:
            raise error

    caplog.set_level("INFO")
    periodic = Periodic("rounds", 0.01, action)
    periodic.start()
    wait_until(lambda: len(turns) > 3, "it came again", 10)
    periodic.stop()
    assert caplog.messages == ["rounds failed", "rounds works again"]
    assert said in vars(caplog.records[0])["reason"]
