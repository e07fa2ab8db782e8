"""The service: one loop takes messages from the source to the beamline queues and saves what is finished."""

import logging
import threading
import time
from collections.abc import Callable, Sequence

from scicow.metrics import Metrics
from scicow.sources.source import MessageSource
from scicow.work.workers import Workers, WorkerSettings
from scifish.threads.periodic import PeriodicThread

logger = logging.getLogger(__name__)

_SAVE_EVERY = 0.5
_COUNT_EVERY = 2.0
_POLL = 0.05
_BATCH = 100  # messages between two looks at everything else
_FLUSH = 5.0


class Service:
    """Runs until `stop`: polls, presses back, saves; then finishes what has started, saves and leaves."""

    def __init__(
        self,
        source: MessageSource,
        workers: Workers,
        settings: WorkerSettings,
        *,
        tasks: Sequence[PeriodicThread],
        flush: Callable[[float], None],
        metrics: Metrics,
    ) -> None:
        self._source = source
        self._workers = workers
        self._settings = settings
        self._tasks = tasks
        self._flush = flush
        self._metrics = metrics
        self._stop = threading.Event()
        self._paused: set[str] = set()
        self._ours: set[tuple[str, int]] = set()  # whose lag is in the metrics
        self._next_save = 0.0
        self._next_count = 0.0
        self._turned = time.monotonic()

    def stop(self) -> None:
        """Ask for the end; safe in a signal handler."""
        self._stop.set()

    def alive(self) -> float:
        """Return the seconds since the loop last turned."""
        return time.monotonic() - self._turned

    def run(self) -> None:
        """Work until `stop`. Raises SourceError."""
        for task in self._tasks:
            task.start()
        try:
            while not self._stop.is_set():
                self._turn()
        finally:
            self._leave()

    def _turn(self) -> None:
        self._turned = time.monotonic()
        self._take()
        self._relieve()
        now = time.monotonic()
        if now >= self._next_save:
            self._source.save()
            self._next_save = now + _SAVE_EVERY
        if now >= self._next_count:
            self._count()
            self._next_count = now + _COUNT_EVERY

    def _take(self) -> None:
        """Take messages from the source to the beamline queues, until one of them is full."""
        seen: set[str] = set()
        wait = _POLL
        for _ in range(_BATCH):
            delivery = self._source.poll(wait)
            if delivery is None:
                break
            self._workers.add(delivery)
            seen.add(delivery.beamline)
            if self._workers.full(delivery.beamline):
                break
            wait = 0.0
        for beamline in seen:
            self._press(beamline)

    def _press(self, beamline: str) -> None:
        """Pause a beamline whose queue is full: nothing is dropped, and no other beamline waits."""
        if beamline not in self._paused and self._full(beamline):
            self._source.pause(beamline)
            self._paused.add(beamline)
            self._metrics.paused.labels(beamline).set(1)

    def _relieve(self) -> None:
        for beamline in [one for one in self._paused if self._roomy(one)]:
            self._source.resume(beamline)
            self._paused.discard(beamline)
            self._metrics.paused.labels(beamline).set(0)

    def _full(self, beamline: str) -> bool:
        return self._workers.full(beamline) or self._source.congested(beamline, self._settings.window)

    def _roomy(self, beamline: str) -> bool:
        return self._workers.relieved(beamline) and not self._source.congested(
            beamline, self._settings.window // 2
        )

    def _count(self) -> None:
        for beamline, messages, size in self._workers.sizes():
            self._metrics.waiting.labels(beamline).set(messages)
            self._metrics.waiting_bytes.labels(beamline).set(size)
        ours = set()
        for topic, partition, behind in self._source.lag():
            self._metrics.lag.labels(topic, partition).set(behind)
            ours.add((topic, partition))
        for place in self._ours - ours:  # another replica has it now
            self._metrics.lag.remove(*place)
        self._ours = ours
        self._metrics.source_up.set(0 if self._source.ready() else 1)

    def _leave(self) -> None:
        logger.info("stopping", extra={"note": "what has started is finished; the rest is delivered again"})
        if not self._workers.close():
            logger.warning("unfinished work left behind", extra={"grace": self._settings.grace})
        self._flush(_FLUSH)
        self._end_tasks()
        self._source.close()
        logger.info("stopped")

    def _end_tasks(self) -> None:
        deadline = time.monotonic() + _FLUSH
        for task in self._tasks:  # they have one end: none begins anew while one is waited for
            task.close(max(0.0, deadline - time.monotonic()))
