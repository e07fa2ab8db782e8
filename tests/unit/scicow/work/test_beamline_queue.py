"""One beamline queue: order per pid, back-off, dropping."""

from collections import defaultdict
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scicow.delivery import Delivery, Origin
from scicow.work.beamline_queue import Batch, BatchLimits, BeamlineQueue
from scicow.work.retry import RetrySettings

RETRY = RetrySettings(first=1, factor=2, longest=8)


def delivery(pid: str, offset: int, partition: int = 0) -> Delivery:
    return Delivery("b1", Origin("metadata.b1", partition, offset), pid.encode(), b"body")


def take(beamline_queue: BeamlineQueue, now: float = 0.0) -> Batch:
    batch = beamline_queue.take(now)
    assert batch
    return batch


def offsets(batch: Batch) -> list[int]:
    return [job.delivery.origin.offset for job in batch]


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(1, 4), st.randoms())
def test_each_pid_comes_in_order_one_at_a_time_and_nothing_is_lost(
    pids: list[str], most: int, draw: Random
) -> None:
    beamline_queue, now = BeamlineQueue("b1", RETRY, BatchLimits(most)), 0.0
    for offset, pid in enumerate(pids):
        beamline_queue.add(delivery(pid, offset))
    running: list[Batch] = []
    done: dict[str, list[int]] = defaultdict(list)
    while beamline_queue.size:
        batch = beamline_queue.take(now)
        if batch:
            assert {job.delivery.pid for job in batch}.isdisjoint(one[0].delivery.pid for one in running)
            assert len(batch) <= most
            running.append(batch)
            continue
        if not running:
            due = beamline_queue.due()
            assert due is not None
            now = max(now, due)
            continue
        one = running.pop(draw.randrange(len(running)))
        luck = draw.random()
        if luck < 0.3 and one[0].failures < 5:
            assert beamline_queue.failed(one, now) > 0
        elif luck < 0.5 and len(one) > 1:
            beamline_queue.parted(one)
        else:
            beamline_queue.finished(one)
            done[one[0].delivery.pid] += offsets(one)
    assert done == {pid: [at for at, one in enumerate(pids) if one == pid] for pid in set(pids)}
    assert beamline_queue.bytes == 0
    assert list(beamline_queue) == []


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


def test_dropping_leaves_what_runs_and_what_belongs_to_others() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY)
    for offset, (pid, partition) in enumerate([("a", 0), ("a", 0), ("b", 0), ("c", 1)]):
        beamline_queue.add(delivery(pid, offset, partition))
    running = take(beamline_queue)
    assert beamline_queue.drop(lambda one: one.origin.partition == 0) == 2
    assert [one.delivery.origin.offset for one in beamline_queue] == [0, 3]
    assert beamline_queue.running(lambda one: one.origin.partition == 0)
    beamline_queue.finished(running)
    assert not beamline_queue.running(lambda one: True)
    assert take(beamline_queue)[0].delivery.pid == "c"
    assert beamline_queue.size == 1


@pytest.mark.parametrize("failures", [1, 2])
def test_what_failed_can_be_dropped_and_comes_back_as_new(failures: int) -> None:
    beamline_queue = BeamlineQueue("b1", RETRY)
    beamline_queue.add(delivery("a", 0))
    now = 0.0
    for _ in range(failures):
        job = take(beamline_queue, now)
        now += beamline_queue.failed(job, now)
    assert beamline_queue.drop(lambda _: True) == 1
    assert beamline_queue.due() is None
    beamline_queue.add(delivery("a", 0))
    assert take(beamline_queue, now)[0].failures == 0


@pytest.mark.parametrize("most", [1, 3])
@pytest.mark.parametrize("end", ["failed", "parted"])
def test_what_runs_while_its_partition_leaves_is_not_tried_again(most: int, end: str) -> None:
    """Another SciCow has it: two that work on one dataset at the same time could list its files twice."""
    beamline_queue = BeamlineQueue("b1", RETRY, BatchLimits(most))
    for offset in range(most):
        beamline_queue.add(delivery("a", offset, partition=0))
    batch = take(beamline_queue)
    beamline_queue.drop(lambda one: one.origin.partition == 0)
    beamline_queue.add(delivery("a", 7, partition=0))  # the partition came back
    if end == "failed":
        beamline_queue.failed(batch, 0.0)
    else:
        beamline_queue.parted(batch)
    assert (beamline_queue.size, beamline_queue.bytes) == (1, delivery("a", 7).size)
    again = take(beamline_queue, 100.0)
    assert offsets(again) == [7]
    beamline_queue.failed(again, 100.0)
    assert offsets(take(beamline_queue, 200.0)) == [7]
    assert beamline_queue.size == 1


def test_what_waits_of_one_pid_is_taken_together_within_the_limits() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY, BatchLimits(messages=3, bytes=1000))
    for offset, pid in enumerate("aaaab"):
        beamline_queue.add(delivery(pid, offset))
    first, second = take(beamline_queue), take(beamline_queue)
    assert (offsets(first), offsets(second)) == ([0, 1, 2], [4])
    assert not beamline_queue.take(0.0)  # what is left of a waits for its batch
    beamline_queue.finished(first)
    assert (offsets(take(beamline_queue)), beamline_queue.successes, beamline_queue.size) == ([3], 3, 2)


def test_a_batch_holds_no_more_bytes_than_allowed_but_one_message_always() -> None:
    small = len(b"body") + len(b"a")
    beamline_queue = BeamlineQueue("b1", RETRY, BatchLimits(messages=9, bytes=2 * small))
    for offset in range(3):
        beamline_queue.add(delivery("a", offset))
    batch = take(beamline_queue)
    assert offsets(batch) == [0, 1]
    beamline_queue.finished(batch)
    beamline_queue.limits = BatchLimits(messages=9, bytes=1)
    assert offsets(take(beamline_queue)) == [2]


@pytest.mark.parametrize("changed", [{"store": "quarantine"}, {"key": None}])
def test_dead_letters_and_messages_without_a_key_are_never_coalesced(changed: dict[str, Any]) -> None:
    beamline_queue = BeamlineQueue("b1", RETRY, BatchLimits(9))
    for offset in range(2):
        beamline_queue.add(replace(delivery("a", offset), **changed))
    assert offsets(take(beamline_queue)) == [0]


def test_a_batch_that_is_parted_is_done_one_by_one_at_once_and_in_order() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY, BatchLimits(9))
    for offset, pid in enumerate("aaba"):
        beamline_queue.add(delivery(pid, offset))
    beamline_queue.parted(take(beamline_queue))
    beamline_queue.add(delivery("a", 4))
    beamline_queue.add(delivery("a", 5))
    for expected in ([0], [2], [1], [3], [4, 5]):
        batch = take(beamline_queue)
        assert offsets(batch) == expected
        beamline_queue.finished(batch)
    assert not beamline_queue.size


def test_of_a_batch_that_failed_the_first_is_tried_by_itself_and_the_others_wait_behind_it() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY, BatchLimits(9))
    for offset in range(3):
        beamline_queue.add(delivery("a", offset))
    wait = beamline_queue.failed(take(beamline_queue), 0.0)
    batch = take(beamline_queue, wait)
    assert (offsets(batch), batch[0].failures, beamline_queue.size) == ([0], 1, 3)
    beamline_queue.finished(batch)
    assert offsets(take(beamline_queue, wait)) == [1, 2]


def test_a_batch_that_runs_is_dropped_in_no_part() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY, BatchLimits(2))
    for offset in range(3):
        beamline_queue.add(delivery("a", offset))
    batch = take(beamline_queue)
    assert beamline_queue.drop(lambda _: True) == 1
    assert beamline_queue.running(lambda one: one.origin.offset == 1)
    beamline_queue.finished(batch)
    assert (beamline_queue.size, beamline_queue.bytes) == (0, 0)


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


def test_a_large_message_takes_its_turn_by_itself() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY, BatchLimits(messages=9, bytes=100))
    for offset, size in enumerate((10, 10, 500, 10, 10)):
        beamline_queue.add(replace(delivery("a", offset), body=b"x" * size))
    beamline_queue.add(delivery("b", 5))
    taken = []
    while beamline_queue.size:
        batch = take(beamline_queue)
        taken.append(offsets(batch))
        beamline_queue.finished(batch)
    assert taken == [[0, 1], [5], [2], [3, 4]]


def test_what_is_there_is_counted() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY, BatchLimits(2))
    assert (beamline_queue.size, beamline_queue.bytes, beamline_queue.due()) == (0, 0, None)
    one = delivery("a", 0)
    for offset in range(3):
        beamline_queue.add(delivery("a", offset))
    assert (beamline_queue.size, beamline_queue.bytes, beamline_queue.due()) == (3, 3 * one.size, 0.0)
    batch = take(beamline_queue)
    assert beamline_queue.due() is None
    beamline_queue.finished(batch)
    assert (beamline_queue.size, beamline_queue.bytes, beamline_queue.successes) == (1, one.size, 2)
    assert beamline_queue.drop(lambda _: True) == 1
    assert (beamline_queue.size, beamline_queue.bytes, list(beamline_queue)) == (0, 0, [])


def test_what_is_dropped_leaves_nothing_to_start_and_nothing_to_wait_for() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY)
    for offset, pid in enumerate("abc"):
        beamline_queue.add(delivery(pid, offset, partition=offset))
    beamline_queue.failed(take(beamline_queue), 0.0)
    for partition in (0, 1):
        assert beamline_queue.drop(lambda one, gone=partition: one.origin.partition == gone) == 1  # type: ignore[misc]
    assert offsets(take(beamline_queue, 100.0)) == [2]
    assert beamline_queue.take(100.0) == ()
    assert beamline_queue.due() is None


def test_only_what_started_runs() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY)
    for offset in range(2):
        beamline_queue.add(delivery("a", offset))
    assert not beamline_queue.running(lambda _: True)
    batch = take(beamline_queue)
    assert beamline_queue.running(lambda one: one.origin.offset == 0)
    assert not beamline_queue.running(lambda one: one.origin.offset == 1)
    beamline_queue.failed(batch, 0.0)
    assert not beamline_queue.running(lambda _: True)


def test_of_a_running_batch_only_what_belongs_to_the_lost_partition_is_gone() -> None:
    beamline_queue = BeamlineQueue("b1", RETRY, BatchLimits(3))
    for offset in range(3):
        beamline_queue.add(delivery("a", offset, partition=offset % 2))
    batch = take(beamline_queue)
    assert beamline_queue.drop(lambda one: one.origin.partition == 1) == 0
    beamline_queue.drop(lambda one: False)
    assert [job.gone for job in batch] == [False, True, False]
    beamline_queue.parted(batch)
    assert [job.delivery.origin.offset for job in beamline_queue] == [0, 2]
    assert not beamline_queue.running(lambda _: True)
