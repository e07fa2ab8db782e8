"""One lane: order per pid, back-off, dropping."""

from collections import defaultdict
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scicow.delivery import Delivery, Origin
from scicow.work.beamline_queue import Fold, FoldLimits, Lane
from scicow.work.retry import RetrySettings

RETRY = RetrySettings(first=1, factor=2, longest=8)


def delivery(pid: str, offset: int, partition: int = 0) -> Delivery:
    return Delivery("b1", Origin("metadata.b1", partition, offset), pid.encode(), b"body")


def take(lane: Lane, now: float = 0.0) -> Fold:
    fold = lane.take(now)
    assert fold
    return fold


def offsets(fold: Fold) -> list[int]:
    return [job.delivery.origin.offset for job in fold]


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(1, 4), st.randoms())
def test_each_pid_comes_in_order_one_at_a_time_and_nothing_is_lost(
    pids: list[str], most: int, draw: Random
) -> None:
    lane, now = Lane("b1", RETRY, FoldLimits(most)), 0.0
    for offset, pid in enumerate(pids):
        lane.add(delivery(pid, offset))
    running: list[Fold] = []
    done: dict[str, list[int]] = defaultdict(list)
    while lane.size:
        fold = lane.take(now)
        if fold:
            assert {job.delivery.pid for job in fold}.isdisjoint(one[0].delivery.pid for one in running)
            assert len(fold) <= most
            running.append(fold)
            continue
        if not running:
            due = lane.due()
            assert due is not None
            now = max(now, due)
            continue
        one = running.pop(draw.randrange(len(running)))
        luck = draw.random()
        if luck < 0.3 and one[0].failures < 5:
            assert lane.failed(one, now) > 0
        elif luck < 0.5 and len(one) > 1:
            lane.parted(one)
        else:
            lane.finished(one)
            done[one[0].delivery.pid] += offsets(one)
    assert done == {pid: [at for at, one in enumerate(pids) if one == pid] for pid in set(pids)}
    assert lane.bytes == 0
    assert list(lane) == []


def test_a_failure_slows_the_lane_down_until_something_succeeds() -> None:
    lane = Lane("b1", RETRY)
    for offset, pid in enumerate("abc"):
        lane.add(delivery(pid, offset))
    first, second = take(lane), take(lane)
    wait = lane.failed(first, 0.0)
    assert 0.5 <= wait <= 1.0
    assert not lane.take(wait / 4)
    lane.finished(second)
    assert take(lane, wait / 4)[0].delivery.pid == "c"
    assert not lane.take(wait / 4)  # a is still in its own back-off
    assert take(lane, 1.0)[0].delivery.pid == "a"


def test_failures_in_a_row_wait_longer_but_simultaneous_ones_count_once() -> None:
    lane = Lane("b1", RetrySettings(first=1, factor=2, longest=100))
    for offset in range(8):
        lane.add(delivery(str(offset), offset))
    jobs = [take(lane) for _ in range(8)]
    for job in jobs:
        lane.failed(job, 0.0)
    due = lane.due()
    assert due is not None
    assert due <= 1.0


def test_dropping_leaves_what_runs_and_what_belongs_to_others() -> None:
    lane = Lane("b1", RETRY)
    for offset, (pid, partition) in enumerate([("a", 0), ("a", 0), ("b", 0), ("c", 1)]):
        lane.add(delivery(pid, offset, partition))
    running = take(lane)
    assert lane.drop(lambda one: one.origin.partition == 0) == 2
    assert [one.delivery.origin.offset for one in lane] == [0, 3]
    assert lane.running(lambda one: one.origin.partition == 0)
    lane.finished(running)
    assert not lane.running(lambda one: True)
    assert take(lane)[0].delivery.pid == "c"
    assert lane.size == 1


@pytest.mark.parametrize("failures", [1, 2])
def test_what_failed_can_be_dropped_and_comes_back_as_new(failures: int) -> None:
    lane = Lane("b1", RETRY)
    lane.add(delivery("a", 0))
    now = 0.0
    for _ in range(failures):
        job = take(lane, now)
        now += lane.failed(job, now)
    assert lane.drop(lambda _: True) == 1
    assert lane.due() is None
    lane.add(delivery("a", 0))
    assert take(lane, now)[0].failures == 0


@pytest.mark.parametrize("most", [1, 3])
@pytest.mark.parametrize("end", ["failed", "parted"])
def test_what_runs_while_its_partition_leaves_is_not_tried_again(most: int, end: str) -> None:
    """Another SciCow has it: two that work on one dataset at the same time could list its files twice."""
    lane = Lane("b1", RETRY, FoldLimits(most))
    for offset in range(most):
        lane.add(delivery("a", offset, partition=0))
    fold = take(lane)
    lane.drop(lambda one: one.origin.partition == 0)
    lane.add(delivery("a", 7, partition=0))  # the partition came back
    if end == "failed":
        lane.failed(fold, 0.0)
    else:
        lane.parted(fold)
    assert (lane.size, lane.bytes) == (1, delivery("a", 7).size)
    again = take(lane, 100.0)
    assert offsets(again) == [7]
    lane.failed(again, 100.0)
    assert offsets(take(lane, 200.0)) == [7]
    assert lane.size == 1


def test_what_waits_of_one_pid_is_taken_together_within_the_limits() -> None:
    lane = Lane("b1", RETRY, FoldLimits(messages=3, bytes=1000))
    for offset, pid in enumerate("aaaab"):
        lane.add(delivery(pid, offset))
    first, second = take(lane), take(lane)
    assert (offsets(first), offsets(second)) == ([0, 1, 2], [4])
    assert not lane.take(0.0)  # what is left of a waits for its fold
    lane.finished(first)
    assert (offsets(take(lane)), lane.successes, lane.size) == ([3], 3, 2)


def test_a_fold_holds_no_more_bytes_than_allowed_but_one_message_always() -> None:
    small = len(b"body") + len(b"a")
    lane = Lane("b1", RETRY, FoldLimits(messages=9, bytes=2 * small))
    for offset in range(3):
        lane.add(delivery("a", offset))
    fold = take(lane)
    assert offsets(fold) == [0, 1]
    lane.finished(fold)
    lane.limits = FoldLimits(messages=9, bytes=1)
    assert offsets(take(lane)) == [2]


@pytest.mark.parametrize("changed", [{"shelf": "quarantine"}, {"key": None}])
def test_letters_and_messages_without_a_key_are_never_folded(changed: dict[str, Any]) -> None:
    lane = Lane("b1", RETRY, FoldLimits(9))
    for offset in range(2):
        lane.add(replace(delivery("a", offset), **changed))
    assert offsets(take(lane)) == [0]


def test_a_fold_that_is_parted_is_done_one_by_one_at_once_and_in_order() -> None:
    lane = Lane("b1", RETRY, FoldLimits(9))
    for offset, pid in enumerate("aaba"):
        lane.add(delivery(pid, offset))
    lane.parted(take(lane))
    lane.add(delivery("a", 4))
    lane.add(delivery("a", 5))
    for expected in ([0], [2], [1], [3], [4, 5]):
        fold = take(lane)
        assert offsets(fold) == expected
        lane.finished(fold)
    assert not lane.size


def test_of_a_fold_that_failed_the_first_is_tried_by_itself_and_the_others_wait_behind_it() -> None:
    lane = Lane("b1", RETRY, FoldLimits(9))
    for offset in range(3):
        lane.add(delivery("a", offset))
    wait = lane.failed(take(lane), 0.0)
    fold = take(lane, wait)
    assert (offsets(fold), fold[0].failures, lane.size) == ([0], 1, 3)
    lane.finished(fold)
    assert offsets(take(lane, wait)) == [1, 2]


def test_a_fold_that_runs_is_dropped_in_no_part() -> None:
    lane = Lane("b1", RETRY, FoldLimits(2))
    for offset in range(3):
        lane.add(delivery("a", offset))
    fold = take(lane)
    assert lane.drop(lambda _: True) == 1
    assert lane.running(lambda one: one.origin.offset == 1)
    lane.finished(fold)
    assert (lane.size, lane.bytes) == (0, 0)
