"""When a beamline queue tries again: a message's own delay, the beamline's pause, what SciCat asks for."""

from scicow.work.beamline_queue import BeamlineQueue
from scicow.work.retry import RetrySettings
from support.scicow.beamline_queue import RETRY, delivery, offsets, take


def test_a_failure_slows_the_queue_down_until_something_succeeds() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY)
    for offset, pid in enumerate("abc"):
        beamline_queue.add(delivery(pid, offset))
    first, second = take(beamline_queue), take(beamline_queue)
    wait = beamline_queue.failed(first, 0.0)
    assert 0.5 <= wait <= 1.0
    assert not beamline_queue.take(wait / 4)
    beamline_queue.finished(second)
    assert take(beamline_queue, wait / 4)[0].delivery.pid == "c"
    assert not beamline_queue.take(wait / 4)  # a is still in its own back-off
    assert take(beamline_queue, 1.0)[0].delivery.pid == "a"


def test_failures_in_a_row_wait_longer_but_simultaneous_ones_count_once() -> None:
    beamline_queue = BeamlineQueue("b1", RetrySettings(first=1, factor=2, longest=100))
    for offset in range(8):
        beamline_queue.add(delivery(str(offset), offset))
    jobs = [take(beamline_queue) for _ in range(8)]
    for job in jobs:
        beamline_queue.failed(job, 0.0)
    due = beamline_queue.due()
    assert due is not None
    assert due <= 1.0


STEEP = RetrySettings(first=1, factor=10, longest=100_000)  # so that each delay tells its number


def failures_of(wait: float) -> int:
    """Return after how many failures in a row there is such a delay: they are halved at random, at most."""
    (found,) = [count for count in range(1, 6) if 10.0 ** (count - 1) / 2 <= wait <= 10.0 ** (count - 1)]
    return found


def test_a_beamline_where_nothing_succeeds_is_tried_less_and_less_whatever_message_is_tried() -> None:
    beamline_queue, now = BeamlineQueue("b1", STEEP), 0.0
    for offset in range(4):
        beamline_queue.add(delivery(str(offset), offset))
    for count in (1, 2, 3, 4):
        (job,) = batch = take(beamline_queue, now)
        wait = beamline_queue.failed(batch, now)
        assert (failures_of(wait), job.failures) == (count, 1)
        due = beamline_queue.due()
        assert due is not None
        assert failures_of(due - now) == count
        assert beamline_queue.take(now + 0.999 * (due - now)) == ()
        now = due
    beamline_queue.finished(take(beamline_queue, now))
    assert failures_of(beamline_queue.failed(take(beamline_queue, now), now) / 10) == 1  # its own second one
    assert take(beamline_queue, now + 1.0)  # the others wait for the first delay only


def test_the_random_part_of_both_pauses_is_the_given_one() -> None:
    beamline_queue = BeamlineQueue("b1", STEEP, draw=lambda: 1.0)
    for offset in range(2):
        beamline_queue.add(delivery(str(offset), offset))
    failing = take(beamline_queue)
    assert beamline_queue.failed(failing, 0.0) == 1.0
    assert (failing[0].not_before, beamline_queue.due()) == (1.0, 1.0)


def test_those_that_fail_at_the_same_time_are_one_failure_of_the_beamline() -> None:
    beamline_queue = BeamlineQueue("b1", STEEP)
    for offset in range(4):
        beamline_queue.add(delivery(str(offset), offset))
    together = [take(beamline_queue) for _ in range(3)]
    first, *others = [beamline_queue.failed(batch, 0.0) for batch in together]
    assert [failures_of(one) for one in (first, *others)] == [1, 1, 1]
    due = beamline_queue.due()
    assert due is not None
    assert failures_of(due) == 1
    fresh = take(beamline_queue, due)
    assert offsets(fresh) == [3]
    assert failures_of(beamline_queue.failed(fresh, due)) == 2


def test_a_message_waits_for_its_own_delay_not_for_the_slowest() -> None:
    beamline_queue = BeamlineQueue("b1", STEEP)
    for offset in range(3):
        beamline_queue.add(delivery(str(offset), offset))
    slow, quick, good = (take(beamline_queue) for _ in range(3))
    slow[0].failures = 3
    beamline_queue.failed(slow, 0.0)
    beamline_queue.failed(quick, 0.0)
    beamline_queue.finished(good)
    due = beamline_queue.due()
    assert due == quick[0].not_before
    assert failures_of(due) == 1
    assert take(beamline_queue, due) == quick
    beamline_queue.finished(quick)
    due = beamline_queue.due()
    assert due == slow[0].not_before
    assert failures_of(due) == 4
    assert beamline_queue.take(0.999 * due) == ()
    assert take(beamline_queue, due) == slow


def test_the_time_that_the_catalogue_asks_for_is_waited_by_the_message_and_the_beamline() -> None:
    beamline_queue = BeamlineQueue("b1", STEEP)
    for offset in range(2):
        beamline_queue.add(delivery(str(offset), offset))
    failing = take(beamline_queue)
    assert beamline_queue.failed(failing, 5.0, asked=20.0) == 20.0
    assert (failing[0].not_before, beamline_queue.due()) == (25.0, 25.0)
    assert beamline_queue.take(24.9) == ()
    assert offsets(take(beamline_queue, 25.0)) == [1]
    assert offsets(take(beamline_queue, 25.0)) == [0]


def test_a_later_failure_shortens_no_pause_that_was_asked_for() -> None:
    beamline_queue = BeamlineQueue("b1", STEEP)
    for offset in range(3):
        beamline_queue.add(delivery(str(offset), offset))
    first, second = take(beamline_queue), take(beamline_queue)
    beamline_queue.failed(first, 0.0, asked=200.0)
    assert beamline_queue.failed(second, 1.0) == 199.0
    assert beamline_queue.due() == 200.0


def test_a_job_keeps_when_it_failed_first_and_how_much_had_succeeded_by_then() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY)
    for offset in range(3):
        beamline_queue.add(delivery(str(offset), offset))
    beamline_queue.finished(take(beamline_queue))
    (job,) = failing = take(beamline_queue)
    assert (job.failures, job.first_failure, job.successes_before, job.not_before) == (0, 0.0, 0, 0.0)
    beamline_queue.failed(failing, 5.0)
    assert (job.failures, job.first_failure, job.successes_before) == (1, 5.0, 1)
    assert 5.5 <= job.not_before <= 6.0
    beamline_queue.finished(take(beamline_queue, 50.0))
    assert beamline_queue.successes == 2
    beamline_queue.failed(take(beamline_queue, 50.0), 50.0)
    assert (job.failures, job.first_failure, job.successes_before) == (2, 5.0, 1)
