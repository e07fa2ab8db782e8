"""Work that comes back, whatever it meets; that is said once."""

import threading

import pytest

from scifish.threads.periodic import PeriodicThread
from scizoo.facility.processes import wait_until


def test_a_defect_is_said_once_and_the_work_comes_again(caplog: pytest.LogCaptureFixture) -> None:
    turns = list[int]()

    def look() -> None:
        turns.append(1)
        if len(turns) < 4:
            raise KeyError("x")

    thread = PeriodicThread(0.01, look, name="rounds").start()
    wait_until(lambda: len(turns) > 5, "it came again", 30)
    thread.close(10)
    assert caplog.messages == [
        "rounds failed and is tried again; please report it: KeyError('x')",
        "rounds works again",
    ]
    assert "in look" in caplog.text, "where it happened"


def test_threads_with_one_end_end_together() -> None:
    closed, turns = threading.Event(), list[int]()
    threads = [PeriodicThread(0.01, lambda: turns.append(1), closed=closed).start() for _ in range(3)]
    wait_until(lambda: len(turns) > 10, "they work", 30)
    threads[0].close(10)
    assert closed.is_set()
    before = threading.active_count()
    for one in threads:
        one.close(10)
    assert threading.active_count() <= before


def test_it_may_begin_later_and_may_be_closed_before_or_by_itself() -> None:
    ended, turns = threading.Event(), list[int]()
    never = PeriodicThread(0.01, lambda: turns.append(1), after=3600)
    never.start()
    never.close(10)
    PeriodicThread(0.01, lambda: turns.append(1)).close()

    def look() -> None:
        itself.close()
        ended.set()

    itself = PeriodicThread(0.01, look)
    itself.start()
    assert ended.wait(30)
    assert turns == []
