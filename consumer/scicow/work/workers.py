"""The threads of the beamline queues: each queue has its own, so that no beamline delays another."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import Field

from scicow.delivery import Delivery, Origin
from scicow.work.beamline_queue import Batch, BatchLimits, BeamlineQueue
from scicow.work.retry import RetrySettings
from scifish.common.log_once import LogOnce
from scifish.common.yaml_model import StrictModel

logger = logging.getLogger(__name__)


class WorkerSettings(StrictModel):
    """How much of a beamline is worked on, and waits in memory."""

    concurrency: int = Field(default=4, ge=1, le=64, description="datasets of one beamline at the same time")
    queue: int = Field(default=1000, ge=1, description="messages of one beamline that wait in memory at most")
    queue_bytes: int = Field(
        default=16_000_000, ge=1, description="their bytes at most; one larger message is still taken"
    )
    window: int = Field(
        default=10_000,
        ge=1,
        description="messages of one partition that may be finished behind one that is retried",
    )
    batch: int = Field(
        default=100,
        ge=1,
        description="waiting messages of one scan that go to the catalogue as one change, at most; 1: none",
        json_schema_extra={"formerly": "fold"},
    )
    grace: float = Field(
        default=20.0,
        ge=0,
        le=40,  # /health allows the loop 60, in which the receipts are flushed too; systemd the whole end
        description="seconds that started work has at the end, or when a partition leaves",
    )


@dataclass(frozen=True)
class Again:
    """A piece of work is not finished: try it again, not before what the server asked for."""

    reason: str
    retry_after: float | None = None


@dataclass(frozen=True)
class Separate:
    """A batch was refused: give each of its jobs by itself, so that only the one at fault is put aside."""


Answer = Again | Separate | None  # None: finished
Work = Callable[[Batch, int], Answer]  # the jobs to do as one, and the beamline queue's successes so far


class Workers:
    """Runs `work` on deliveries: per pid in order, per beamline `concurrency` at a time."""

    def __init__(
        self,
        work: Work,
        settings: WorkerSettings,
        retry: RetrySettings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._settings = settings
        self._retry = retry
        self._clock = clock
        self._workers: dict[str, _Worker] = {}
        self._lock = threading.Lock()
        self._closed = False

    def add(self, delivery: Delivery) -> None:
        """Queue a delivery; it is never refused: the caller asks `full` first."""
        name = delivery.beamline
        with self._lock:
            if self._closed:
                return  # it is delivered again, to whoever comes next
            if name not in self._workers:
                beamline_queue = BeamlineQueue(name, self._retry, BatchLimits(self._settings.batch))
                self._workers[name] = _Worker(beamline_queue, self._work, self._settings, self._clock)
        self._workers[name].add(delivery)

    def full(self, beamline: str) -> bool:
        """Tell whether the source should give no more of this beamline for now."""
        beamline_queue = self._workers.get(beamline)
        return beamline_queue is not None and beamline_queue.fill() >= 1

    def relieved(self, beamline: str) -> bool:
        """Tell whether a full beamline queue is half empty again, so that it does not pause all the time."""
        beamline_queue = self._workers.get(beamline)
        return beamline_queue is None or beamline_queue.fill() <= 0.5

    def drop(self, belongs: Callable[[Delivery], bool], timeout: float | None = None) -> bool:
        """Forget what has not started of what was revoked, wait for what has; False if that took too long.

        After `close` it waits no more.
        """
        grace = 0.0 if self._closed else self._settings.grace
        deadline = time.monotonic() + (grace if timeout is None else timeout)
        workers = list(self._workers.values())
        for beamline_queue in workers:
            beamline_queue.drop(belongs)
        return [beamline_queue.drained(belongs, deadline) for beamline_queue in workers].count(False) == 0

    def close(self, timeout: float | None = None) -> bool:
        """Start nothing more, wait for what is running; False if that took too long."""
        with self._lock:
            self._closed = True
        for beamline_queue in list(self._workers.values()):
            beamline_queue.close()
        return self.drop(lambda _: True, self._settings.grace if timeout is None else timeout)

    @property
    def closed(self) -> bool:
        """Tell whether nothing more is started."""
        return self._closed

    def idle(self) -> bool:
        """Tell whether nothing waits and nothing runs."""
        return all(not beamline_queue.size for beamline_queue in list(self._workers.values()))

    def shelved(self, kind: str) -> set[Origin]:
        """Return the origins of the dead letters of a kind that wait or run."""
        return {
            origin
            for beamline_queue in list(self._workers.values())
            for origin in beamline_queue.shelved(kind)
        }

    def sizes(self) -> Iterator[tuple[str, int, int]]:
        """Iterate over beamline, waiting messages, their bytes."""
        return (
            (name, beamline_queue.size, beamline_queue.bytes)
            for name, beamline_queue in list(self._workers.items())
        )


class _Worker:
    """A beamline queue with its lock and its daemon threads: a hanging server cannot stop the end."""

    def __init__(
        self, beamline_queue: BeamlineQueue, work: Work, settings: WorkerSettings, clock: Callable[[], float]
    ) -> None:
        self._beamline_queue = beamline_queue
        self._work = work
        self._settings = settings
        self._clock = clock
        self._changed = threading.Condition()
        self._closed = False
        self._once = LogOnce(logger)
        self._threads: list[threading.Thread] = []

    def add(self, delivery: Delivery) -> None:
        with self._changed:
            self._beamline_queue.add(delivery)
            self._grow()
            self._changed.notify()

    def fill(self) -> float:
        """Return how full it is; 1 and more is full. Without the lock: it is asked for every message."""
        return max(
            self._beamline_queue.size / self._settings.queue,
            self._beamline_queue.bytes / self._settings.queue_bytes,
        )

    @property
    def size(self) -> int:
        return self._beamline_queue.size

    @property
    def bytes(self) -> int:
        return self._beamline_queue.bytes

    def shelved(self, kind: str) -> list[Origin]:
        with self._changed:
            return [job.delivery.origin for job in self._beamline_queue if job.delivery.store == kind]

    def drop(self, belongs: Callable[[Delivery], bool]) -> None:
        with self._changed:
            self._beamline_queue.drop(belongs)
            self._changed.notify_all()

    def drained(self, belongs: Callable[[Delivery], bool], deadline: float) -> bool:
        with self._changed:
            left = max(0.0, deadline - time.monotonic())
            done = self._changed.wait_for(lambda: not self._beamline_queue.running(belongs), left)
            self._beamline_queue.drop(belongs)  # what came meanwhile
            return done

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _grow(self) -> None:
        desired = min(self._settings.concurrency, self._beamline_queue.size)
        while len(self._threads) < desired:
            name = f"beamline queue {self._beamline_queue.beamline} {len(self._threads)}"
            thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self) -> None:
        while batch := self._next():
            answer: Answer = Again("the work ended without an answer")
            try:
                answer = self._work(batch, self._beamline_queue.successes)
            except Exception as error:  # noqa: BLE001 - a thread's outermost loop: the beamline must go on
                answer = self._defect(error)
            finally:
                self._acknowledge(batch, answer)

    def _defect(self, error: Exception) -> Again:
        reason = f"defect of SciCow, please report it: {error!r}"
        self._once.report(reason, f"beamline {self._beamline_queue.beamline}: {reason}", trace=True)
        return Again(reason)

    def _next(self) -> Batch:
        with self._changed:
            while not self._closed:
                now = self._clock()
                batch = self._beamline_queue.take(now)
                if batch:
                    return batch
                due = self._beamline_queue.due()
                self._changed.wait(None if due is None else max(0.001, due - now))
            return ()

    def _acknowledge(self, batch: Batch, answer: Answer) -> None:
        """Whatever happened to the work, its jobs are finished or kept: a beamline queue never loses one."""
        with self._changed:
            if answer is None:
                self._beamline_queue.finished(batch)
            elif isinstance(answer, Separate):
                self._beamline_queue.parted(batch)
            else:
                self._beamline_queue.failed(batch, self._clock(), answer.retry_after)
            self._changed.notify_all()
