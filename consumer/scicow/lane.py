"""The waiting work of one beamline: per-pid order and back-off. A pure state machine, no thread, no clock."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from scicow.backoff import RetrySettings, delay
from scicow.delivery import Delivery


@dataclass(eq=False)
class Job:
    """A delivery in a lane, with its failures so far."""

    delivery: Delivery
    failures: int = 0
    first_failure: float = 0.0
    successes_before: int = 0
    not_before: float = 0.0


@dataclass(eq=False)
class Lane:
    """The jobs of one beamline. Of each pid only the first may run; several pids run at the same time."""

    beamline: str
    retry: RetrySettings = field(default_factory=RetrySettings)
    _pids: dict[str, deque[Job]] = field(default_factory=dict)
    _ready: deque[str] = field(default_factory=deque)  # pids whose first job may start now
    _later: dict[str, float] = field(default_factory=dict)  # pids in back-off -> when
    _running: set[str] = field(default_factory=set)
    _failures: int = 0  # of the lane, in a row
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

    def take(self, now: float) -> Job | None:
        """Return a job to start now, None when there is none (see `due`)."""
        if now < self._not_before:
            return None
        self._wake(now)
        if not self._ready:
            return None
        pid = self._ready.popleft()
        self._running.add(pid)
        return self._pids[pid][0]

    def due(self) -> float | None:
        """Return the time at which waiting work may start, None when nothing waits."""
        if self._ready:
            return self._not_before
        if self._later:
            return max(self._not_before, min(self._later.values()))
        return None

    def finished(self, job: Job) -> None:
        """Take a job away: its delivery is done with (in the catalogue, a dead letter, in quarantine)."""
        self._failures = 0
        self._not_before = 0.0
        self.successes += 1
        self._remove(job)

    def failed(self, job: Job, now: float, asked: float | None = None) -> float:
        """Keep a job for later, and slow the lane down while nothing succeeds; return the seconds to wait."""
        if not job.failures:
            job.first_failure, job.successes_before = now, self.successes
        job.failures += 1
        if now >= self._not_before:  # not once for each that failed at the same time
            self._failures += 1
        pid = job.delivery.pid
        wait = delay(self.retry, job.failures, asked)
        job.not_before = now + wait
        self._not_before = max(self._not_before, now + delay(self.retry, max(1, self._failures), asked))
        self._running.discard(pid)
        if self._pids.get(pid):
            self._later[pid] = job.not_before
        return max(job.not_before, self._not_before) - now

    def drop(self, belongs: Callable[[Delivery], bool]) -> int:
        """Take away the jobs that have not started and belong to what was revoked; return how many."""
        dropped = 0
        for pid in list(self._pids):
            line = self._pids[pid]
            started = list(islice(line, 1)) if pid in self._running else []
            rest = list(line)[len(started) :]
            kept = started + [job for job in rest if not belongs(job.delivery)]
            dropped += len(line) - len(kept)
            self._replace(pid, line, kept)
        return dropped

    def running(self, belongs: Callable[[Delivery], bool]) -> bool:
        """Say whether a started job belongs to what `belongs` accepts."""
        return any(belongs(self._pids[pid][0].delivery) for pid in self._running)

    def __iter__(self) -> Iterator[Job]:
        """Iterate over all jobs."""
        return (job for line in self._pids.values() for job in line)

    def _wake(self, now: float) -> None:
        for pid in [pid for pid, when in self._later.items() if when <= now]:
            del self._later[pid]
            self._ready.append(pid)

    def _remove(self, job: Job) -> None:
        pid = job.delivery.pid
        self._running.discard(pid)
        line = self._pids[pid]
        line.popleft()
        self.size -= 1
        self.bytes -= job.delivery.size
        if line:
            self._ready.append(pid)
        else:
            del self._pids[pid]

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
