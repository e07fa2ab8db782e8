"""One lane: order per pid, back-off, dropping."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scicow.backoff import RetrySettings
from scicow.delivery import Delivery, Origin
from scicow.lane import Job, Lane

RETRY = RetrySettings(first=1, factor=2, longest=8)


def delivery(pid: str, offset: int, partition: int = 0) -> Delivery:
    return Delivery("b1", Origin("metadata.b1", partition, offset), pid.encode(), b"body")


def take(lane: Lane, now: float = 0.0) -> Job:
    job = lane.take(now)
    assert job is not None
    return job


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.randoms())
def test_each_pid_comes_in_order_one_at_a_time_and_nothing_is_lost(pids: list[str], draw: object) -> None:
    lane, now = Lane("b1", RETRY), 0.0
    for offset, pid in enumerate(pids):
        lane.add(delivery(pid, offset))
    running: list[Job] = []
    done: dict[str, list[int]] = defaultdict(list)
    while lane.size:
        job = lane.take(now)
        if job is not None:
            assert job.delivery.pid not in {one.delivery.pid for one in running}
            running.append(job)
            continue
        if not running:
            due = lane.due()
            assert due is not None
            now = max(now, due)
            continue
        one = running.pop(draw.randrange(len(running)))  # type: ignore[attr-defined]
        if draw.random() < 0.3 and one.failures < 5:  # type: ignore[attr-defined]
            assert lane.failed(one, now) > 0
        else:
            lane.finished(one)
            done[one.delivery.pid].append(one.delivery.origin.offset)
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
    assert lane.take(wait / 4) is None
    lane.finished(second)
    assert take(lane, wait / 4).delivery.pid == "c"
    assert lane.take(wait / 4) is None  # a is still in its own back-off
    assert take(lane, 1.0).delivery.pid == "a"


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
    assert take(lane).delivery.pid == "c"
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
    assert take(lane, now).failures == 0
