import os
import signal
import threading
import time

import pytest

from scizoo.demo.interrupts import interruptible


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_another_thread_takes_ends_the_wait(number: signal.Signals) -> None:
    """The kernel gives it to one that happens to change its signals, as the start of a thread does."""
    go_on = threading.Event()

    def work() -> None:
        time.sleep(0.3)  # the main thread waits by then
        signal.pthread_kill(threading.get_ident(), number)
        go_on.wait(60)

    begin = time.monotonic()
    with interruptible() as one, pytest.raises(KeyboardInterrupt):
        one.run(work)
    go_on.set()
    assert time.monotonic() - begin < 30


def test_a_signal_after_the_work_is_not_forgotten() -> None:
    told = []

    def run() -> None:
        with interruptible() as one:
            told.append(one.run(lambda: "worked"))
            os.kill(os.getpid(), signal.SIGTERM)
            told.append("stopped")

    with pytest.raises(KeyboardInterrupt):
        run()
    assert told == ["worked", "stopped"]


def test_the_end_of_a_wait_is_no_interruption() -> None:
    with interruptible() as one:
        one.wait(lambda: os.kill(os.getpid(), signal.SIGINT), 0.01)


def test_work_that_is_left_behind_is_waited_for() -> None:
    told = []

    def work() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.5)
        told.append("ended")

    with interruptible() as one:
        with pytest.raises(KeyboardInterrupt):
            one.run(work)
        assert not told
        one.leave(20)
    assert told == ["ended"]


def test_no_work_is_begun_after_a_signal() -> None:
    told: list[str] = []
    with interruptible() as one:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            one.run(lambda: told.append("begun"))
        one.leave(0)
    assert not told
