"""The beamline queues' threads."""

import threading
from collections.abc import Iterator

import pytest

from scicow.delivery import Delivery, Origin
from scicow.work.beamline_queue import Batch
from scicow.work.retry import RetrySettings
from scicow.work.workers import Again, Separate, Workers, WorkerSettings
from scizoo.facility.processes import wait_until

RETRY = RetrySettings(first=0.001, longest=0.01)


class Work:
    """Work that waits for a gate, and fails as often as it is told."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.closed_for: set[str] = set()
        self.done: list[Origin] = []
        self.failures = 0
        self.started = 0

    def __call__(self, batch: Batch, successes: int) -> Again | None:
        self.started += 1
        job = batch[0]
        if job.delivery.beamline in self.closed_for:
            assert self.gate.wait(20)
        if job.failures < self.failures:
            return Again("not yet")
        self.done += [one.delivery.origin for one in batch]
        return None


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def workers(work: Work) -> Iterator[Workers]:
    workers = Workers(work, WorkerSettings(concurrency=2, queue=4, grace=5), RETRY)
    yield workers
    work.gate.set()
    workers.close()


def delivery(beamline: str, offset: int, body: bytes = b"x") -> Delivery:
    return Delivery(beamline, Origin(beamline, 0, offset), str(offset).encode(), body)


def test_a_stuck_beamline_holds_up_no_other(workers: Workers, work: Work) -> None:
    work.gate.clear()
    work.closed_for = {"stuck"}
    for offset in range(4):
        workers.add(delivery("stuck", offset))
    assert workers.full("stuck")
    for offset in range(20):
        workers.add(delivery("free", offset))
    wait_until(lambda: len(work.done) == 20, "the free beamline queue is done", 30)
    assert not workers.full("free")
    work.gate.set()
    wait_until(workers.idle, "all is done", 30)
    assert workers.relieved("stuck")
    assert len(work.done) == 24


def test_what_fails_is_tried_until_it_succeeds(workers: Workers, work: Work) -> None:
    work.failures = 5
    workers.add(delivery("b1", 0))
    wait_until(lambda: work.done, "it succeeds", 30)


def test_bytes_fill_a_queue_too(work: Work) -> None:
    workers = Workers(work, WorkerSettings(queue_bytes=100), RETRY)
    work.gate.clear()
    work.closed_for = {"b1"}
    workers.add(delivery("b1", 0, b"x" * 200))
    assert workers.full("b1")
    work.gate.set()
    assert workers.close()


def test_dropping_waits_for_what_runs_and_forgets_the_rest(workers: Workers, work: Work) -> None:
    work.gate.clear()
    work.closed_for = {"b1"}
    for offset in range(4):
        workers.add(delivery("b1", offset))
    wait_until(lambda: work.started == 2, "two run", 30)
    assert not workers.drop(lambda _: True, timeout=0.01)
    dropper = threading.Thread(target=workers.drop, args=(lambda _: True, 10))
    dropper.start()
    work.gate.set()
    dropper.join(30)
    assert not dropper.is_alive()
    assert len(work.done) == 2
    assert workers.idle()


def test_after_closing_nothing_starts(workers: Workers, work: Work) -> None:
    assert workers.close()
    workers.add(delivery("b1", 0))
    assert workers.drop(lambda _: True)
    assert work.done == []


def test_a_batch_that_is_refused_is_done_one_by_one(work: Work) -> None:
    """The threads too: what waits of a pid is given at once, and after `Separate` each by itself."""
    seen: list[list[int]] = []
    gate = threading.Event()

    def refuse(batch: Batch, successes: int) -> Again | Separate | None:
        assert gate.wait(20)
        seen.append([one.delivery.origin.offset for one in batch])
        return Separate() if len(batch) > 1 else None

    workers = Workers(refuse, WorkerSettings(concurrency=1, grace=5), RETRY)
    for offset in range(4):
        workers.add(Delivery("b1", Origin("b1", 0, offset), b"pid", b"x"))
    gate.set()
    wait_until(workers.idle, "all is done", 30)
    assert workers.close()
    assert [one for one in seen if len(one) == 1] == [[0], [1], [2], [3]]
    assert any(len(one) > 1 for one in seen)


def test_without_batches_each_is_done_by_itself(work: Work) -> None:
    work.gate.clear()
    work.closed_for = {"b1"}
    workers = Workers(work, WorkerSettings(batch=1), RETRY)
    for offset in range(4):
        workers.add(Delivery("b1", Origin("b1", 0, offset), b"pid", b"x"))
    work.gate.set()
    wait_until(workers.idle, "all is done", 30)
    assert workers.close()
    assert work.started == 4


def test_a_defect_in_the_work_costs_no_thread_and_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    tries = []

    def broken(batch: Batch, _successes: int) -> None:
        tries.append(batch)
        if len(tries) <= 3:
            raise KeyError("a defect")

    workers = Workers(broken, WorkerSettings(concurrency=1, grace=5), RETRY)
    workers.add(delivery("b1", 0))
    wait_until(workers.idle, "the same thread does it in the end", 30)
    workers.close()
    assert len(tries) == 4
    assert [one.getMessage() for one in caplog.records] == [
        "beamline b1: defect of SciCow, please report it: KeyError('a defect')"
    ]
