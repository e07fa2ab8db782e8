"""The lanes' threads: each beamline has its own, so that a hot or stuck one never holds up another."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from scicow.delivery import Delivery, Origin
from scicow.work.beamline_queue import Fold, FoldLimits, Lane
from scicow.work.retry import RetrySettings

logger = logging.getLogger(__name__)


class LanesSettings(BaseModel):
    """How much of a beamline is worked on, and waits in memory."""

    model_config = ConfigDict(extra="forbid", frozen=True)

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
    fold: int = Field(
        default=100,
        ge=1,
        description="waiting messages of one scan that go to the catalogue as one change, at most; 1: none",
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
class Apart:
    """A fold was refused: give each of its jobs by itself, so that only the guilty one suffers."""


Answer = Again | Apart | None  # None: finished
Work = Callable[[Fold, int], Answer]  # the jobs to do as one, and the lane's successes so far


class Lanes:
    """Runs `work` on deliveries: per pid in order, per beamline `concurrency` at a time."""

    def __init__(
        self,
        work: Work,
        settings: LanesSettings,
        retry: RetrySettings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._settings = settings
        self._retry = retry
        self._clock = clock
        self._lanes: dict[str, _ThreadedLane] = {}
        self._lock = threading.Lock()
        self._closed = False

    def add(self, delivery: Delivery) -> None:
        """Queue a delivery; it is never refused: who adds asks `full` first."""
        name = delivery.beamline
        with self._lock:
            if self._closed:
                return  # it is delivered again, to whoever comes next
            if name not in self._lanes:
                lane = Lane(name, self._retry, FoldLimits(self._settings.fold))
                self._lanes[name] = _ThreadedLane(lane, self._work, self._settings, self._clock)
        self._lanes[name].add(delivery)

    def full(self, beamline: str) -> bool:
        """Say whether the source should give no more of this beamline for now."""
        lane = self._lanes.get(beamline)
        return lane is not None and lane.fill() >= 1

    def relieved(self, beamline: str) -> bool:
        """Say whether a full lane has room again (half of it, so that pausing does not flutter)."""
        lane = self._lanes.get(beamline)
        return lane is None or lane.fill() <= 0.5

    def drop(self, belongs: Callable[[Delivery], bool], timeout: float | None = None) -> bool:
        """Forget what has not started of what was revoked, wait for what has; False if that took too long.

        After `close` it waits no more.
        """
        grace = 0.0 if self._closed else self._settings.grace
        deadline = time.monotonic() + (grace if timeout is None else timeout)
        lanes = list(self._lanes.values())
        for lane in lanes:
            lane.drop(belongs)
        return [lane.drained(belongs, deadline) for lane in lanes].count(False) == 0

    def close(self, timeout: float | None = None) -> bool:
        """Start nothing more, wait for what is running; False if that took too long."""
        with self._lock:
            self._closed = True
        for lane in list(self._lanes.values()):
            lane.close()
        return self.drop(lambda _: True, self._settings.grace if timeout is None else timeout)

    @property
    def closed(self) -> bool:
        """Tell whether nothing more is started."""
        return self._closed

    def idle(self) -> bool:
        """Say whether nothing waits and nothing runs."""
        return all(not lane.size for lane in list(self._lanes.values()))

    def shelved(self, kind: str) -> set[Origin]:
        """Return the origins of the letters of a kind that wait or run."""
        return {origin for lane in list(self._lanes.values()) for origin in lane.shelved(kind)}

    def sizes(self) -> Iterator[tuple[str, int, int]]:
        """Iterate over beamline, waiting messages, their bytes."""
        return ((name, lane.size, lane.bytes) for name, lane in list(self._lanes.items()))


class _ThreadedLane:
    """A lane with its lock and its threads; the threads are daemons: a hanging server cannot stop the end."""

    def __init__(self, lane: Lane, work: Work, settings: LanesSettings, clock: Callable[[], float]) -> None:
        self._lane = lane
        self._work = work
        self._settings = settings
        self._clock = clock
        self._changed = threading.Condition()
        self._closed = False
        self._said = ""
        self._threads: list[threading.Thread] = []

    def add(self, delivery: Delivery) -> None:
        with self._changed:
            self._lane.add(delivery)
            self._grow()
            self._changed.notify()

    def fill(self) -> float:
        """Return how full it is; 1 and more is full. Without the lock: it is asked for every message."""
        return max(self._lane.size / self._settings.queue, self._lane.bytes / self._settings.queue_bytes)

    @property
    def size(self) -> int:
        return self._lane.size

    @property
    def bytes(self) -> int:
        return self._lane.bytes

    def shelved(self, kind: str) -> list[Origin]:
        with self._changed:
            return [job.delivery.origin for job in self._lane if job.delivery.shelf == kind]

    def drop(self, belongs: Callable[[Delivery], bool]) -> None:
        with self._changed:
            self._lane.drop(belongs)
            self._changed.notify_all()

    def drained(self, belongs: Callable[[Delivery], bool], deadline: float) -> bool:
        with self._changed:
            left = max(0.0, deadline - time.monotonic())
            done = self._changed.wait_for(lambda: not self._lane.running(belongs), left)
            self._lane.drop(belongs)  # what came meanwhile
            return done

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _grow(self) -> None:
        wanted = min(self._settings.concurrency, self._lane.size)
        while len(self._threads) < wanted:
            name = f"lane {self._lane.beamline} {len(self._threads)}"
            thread = threading.Thread(target=self._run, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self) -> None:
        while fold := self._next():
            answer: Answer = Again("the work ended without an answer")
            try:
                answer = self._work(fold, self._lane.successes)
            except Exception as error:  # noqa: BLE001 - a thread's outermost loop: the beamline must go on
                answer = self._defect(error)
            finally:
                self._settle(fold, answer)

    def _defect(self, error: Exception) -> Again:
        reason = f"defect of SciCow, please report it: {error!r}"
        if self._said != reason:
            self._said = reason
            logger.error("beamline %s: %s", self._lane.beamline, reason, exc_info=error)
        return Again(reason)

    def _next(self) -> Fold:
        with self._changed:
            while not self._closed:
                now = self._clock()
                fold = self._lane.take(now)
                if fold:
                    return fold
                due = self._lane.due()
                self._changed.wait(None if due is None else max(0.001, due - now))
            return ()

    def _settle(self, fold: Fold, answer: Answer) -> None:
        """Whatever happened to the work, its jobs are finished or kept: a lane never loses one."""
        with self._changed:
            if answer is None:
                self._lane.finished(fold)
            elif isinstance(answer, Apart):
                self._lane.parted(fold)
            else:
                self._lane.failed(fold, self._clock(), answer.retry_after)
            self._changed.notify_all()
