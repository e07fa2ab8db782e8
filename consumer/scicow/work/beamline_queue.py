"""The waiting work of one beamline: per-pid order, batches, back-off. A state machine without a thread."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from scicow.delivery import Delivery
from scicow.work.retry import RetrySettings, delay
from scifish.common.backoff import draw_one


@dataclass(eq=False)
class Job:
    """A delivery in a beamline queue, with its failures so far."""

    delivery: Delivery
    failures: int = 0
    first_failure: float = 0.0
    successes_before: int = 0
    not_before: float = 0.0
    alone: bool = False  # never part of a batch (again)
    gone: bool = False  # its partition left while it ran: another SciCow has it, it is not tried again

    @property
    def batchable(self) -> bool:
        """Tell whether it may be batched: what failed, has no key or is a dead letter may not."""
        return bool(self.delivery.key) and not (self.alone or self.failures or self.delivery.store)


Batch = tuple[Job, ...]  # jobs of one pid, in their order, that are worked on as one; most often a single one


@dataclass(frozen=True)
class BatchLimits:
    """How much is worked on as one."""

    messages: int = 1
    bytes: int = 8_000_000


@dataclass(eq=False)
class BeamlineQueue:
    """The jobs of one beamline. Of each pid only the first batch may run; several pids run at once."""

    beamline: str
    retry: RetrySettings = field(default_factory=RetrySettings)
    limits: BatchLimits = BatchLimits()
    draw: Callable[[], float] = draw_one  # for the random part of pauses
    _pids: dict[str, deque[Job]] = field(default_factory=dict)
    _ready: deque[str] = field(default_factory=deque)  # pids whose first job may start now
    _later: dict[str, float] = field(default_factory=dict)  # pids in back-off -> when
    _running: dict[str, int] = field(default_factory=dict)  # pid -> how many jobs its batch has
    _failures: int = 0  # of the beamline queue, in a row
    _not_before: float = 0.0
    successes: int = 0
    size: int = 0
    bytes: int = 0

    def add(self, delivery: Delivery) -> None:
        """Put a delivery behind all others of its pid."""
        line = self._pids.get(delivery.pid)
        if line is None:
            line = self._pids[delivery.pid] = deque()
            self._ready.append(delivery.pid)
        line.append(Job(delivery))
        self.size += 1
        self.bytes += delivery.size

    def take(self, now: float) -> Batch:
        """Return the jobs to start now as one, empty when there are none (see `due`)."""
        if now < self._not_before:
            return ()
        self._wake(now)
        if not self._ready:
            return ()
        pid = self._ready.popleft()
        batch = self._batch(self._pids[pid])
        self._running[pid] = len(batch)
        return batch

    def due(self) -> float | None:
        """Return the time at which waiting work may start, None when nothing waits."""
        if self._ready:
            return self._not_before
        if self._later:
            return max(self._not_before, min(self._later.values()))
        return None

    def finished(self, batch: Batch) -> None:
        """Take jobs away: their deliveries are done with (in the catalogue, dead letters, in quarantine)."""
        self._failures = 0
        self._not_before = 0.0
        self.successes += len(batch)
        self._remove(batch)

    def parted(self, batch: Batch) -> None:
        """Let each job of a batch be worked on by itself, at once."""
        for job in batch:
            job.alone = True
        pid = batch[0].delivery.pid
        self._running.pop(pid, None)
        self._ready.appendleft(pid)
        self._part_from_gone(pid)

    def failed(self, batch: Batch, now: float, asked: float | None = None) -> float:
        """Keep jobs for later, and slow the queue down while nothing succeeds; return the seconds to wait.

        The failure counts for the first, which is then tried by itself: so a message that keeps failing is
        found as if there were no batches.
        """
        job = batch[0]
        if not job.failures:
            job.first_failure, job.successes_before = now, self.successes
        job.failures += 1
        if now >= self._not_before:  # not once for each that failed at the same time
            self._failures += 1
        pid = job.delivery.pid
        wait = delay(self.retry, job.failures, asked, draw=self.draw)
        job.not_before = now + wait
        self._not_before = max(
            self._not_before, now + delay(self.retry, max(1, self._failures), asked, draw=self.draw)
        )
        self._running.pop(pid, None)
        self._later[pid] = job.not_before
        self._part_from_gone(pid)
        return max(job.not_before, self._not_before) - now

    def drop(self, belongs: Callable[[Delivery], bool]) -> int:
        """Take away the jobs that have not started and belong to what was revoked; return how many.

        Those that have started go when they fail.
        """
        dropped = 0
        for pid in list(self._pids):
            line = self._pids[pid]
            started = list(islice(line, self._running.get(pid, 0)))
            for job in started:
                job.gone = job.gone or belongs(job.delivery)
            rest = list(line)[len(started) :]
            kept = started + [job for job in rest if not belongs(job.delivery)]
            dropped += len(line) - len(kept)
            self._replace(pid, line, kept)
        return dropped

    def running(self, belongs: Callable[[Delivery], bool]) -> bool:
        """Tell whether a started job belongs to what `belongs` accepts."""
        return any(
            belongs(job.delivery)
            for pid, count in self._running.items()
            for job in islice(self._pids[pid], count)
        )

    def __iter__(self) -> Iterator[Job]:
        """Iterate over all jobs."""
        return (job for line in self._pids.values() for job in line)

    def _wake(self, now: float) -> None:
        for pid in [pid for pid, when in self._later.items() if when <= now]:
            del self._later[pid]
            self._ready.append(pid)

    def _batch(self, line: deque[Job]) -> Batch:
        """Return the first job of a line, with those behind it that may be worked on as one with it."""
        batch, size = [line[0]], line[0].delivery.size
        for job in islice(line, 1, self.limits.messages if line[0].batchable else 1):
            size += job.delivery.size
            if not job.batchable or size > self.limits.bytes:
                break
            batch.append(job)
        return tuple(batch)

    def _remove(self, batch: Batch) -> None:
        pid = batch[0].delivery.pid
        self._running.pop(pid, None)
        line = self._pids[pid]
        for job in batch:
            line.popleft()
            self.size -= 1
            self.bytes -= job.delivery.size
        if line:
            self._ready.append(pid)
        else:
            del self._pids[pid]

    def _part_from_gone(self, pid: str) -> None:
        line = self._pids[pid]
        if any(job.gone for job in line):
            self._replace(pid, line, [job for job in line if not job.gone])

    def _replace(self, pid: str, line: deque[Job], kept: list[Job]) -> None:
        gone = [job for job in line if job not in kept]
        self.size -= len(gone)
        self.bytes -= sum(job.delivery.size for job in gone)
        if kept:
            self._pids[pid] = deque(kept)
            return
        del self._pids[pid]
        self._later.pop(pid, None)
        if pid in self._ready:
            self._ready.remove(pid)
