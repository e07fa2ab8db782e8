"""One beamline queue: order per pid, back-off, dropping."""

from collections import defaultdict
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scicow.work.beamline_queue import Batch, BatchLimits, BeamlineQueue
from scicow.work.retry import RetrySettings
from support.scicow.beamline_queue import RETRY, delivery, offsets, take


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(1, 4), st.randoms())
def test_each_pid_comes_in_order_one_at_a_time_and_nothing_is_lost(
    pids: list[str], most: int, draw: Random
) -> None:
    beamline_queue, now = BeamlineQueue("b1", RETRY, BatchLimits(most), draw=lambda: 0.5), 0.0
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


def test_while_nothing_succeeds_it_asks_now_and_then_however_many_scans_wait() -> None:
    """So a SciCat that fails is not hammered; its first success lets all go."""
    beamline_queue, now, asked = BeamlineQueue("b1", RetrySettings(first=1, longest=30)), 0.0, 0
    for number in range(200):
        beamline_queue.add(delivery(f"scan {number}", number))
    while now < 600:
        while batch := beamline_queue.take(now):
            asked += 1
            beamline_queue.failed(batch, now)
        now += 0.1
    assert 20 <= asked <= 50  # 10 minutes, 15 to 30 s apart after the first ones
    beamline_queue.finished(beamline_queue.take(now + 60))
    assert all(beamline_queue.take(now + 60) for _ in range(199))
