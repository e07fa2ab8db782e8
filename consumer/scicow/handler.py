"""What is done with one delivery: read it, ingest it, and put it where its outcome belongs.

The only place where an outcome becomes an action; `decide` says which. A delivery is `finished` (and so may
be committed) only after its outcome is durable somewhere else: in the catalogue, or on a shelf.
"""

import time
from collections.abc import Callable
from typing import Protocol

from structlog.typing import FilteringBoundLogger as Log

from scicow.backoff import RetrySettings, gives_up
from scicow.decide import decide
from scicow.delivery import Delivery
from scicow.errors import MessageUnfit, ShelfError
from scicow.lane import Job
from scicow.lanes import Again
from scicow.letters import Shelf, letter_of, one_line
from scicow.logs import Repeats
from scicow.metrics import Metrics
from scicow.outcome import Ingested, Verdict
from scicow.receipts import Receipt, Receipts, State
from scifish.clock import utcnow
from scifish.message import Message, read_message


class Ingests(Protocol):
    """What puts a message into the catalogue (`scicow.ingest.Ingestor`)."""

    def ingest(self, message: Message) -> Ingested:
        """Make the catalogue hold the message's state; raises what `decide` judges."""


class Handler:
    """Handles deliveries, many at a time; used by the lanes' threads."""

    def __init__(
        self,
        ingestor: Ingests,
        *,
        dead: Shelf,
        quarantine: Shelf,
        receipts: Receipts,
        metrics: Metrics,
        log: Log,
        retry: RetrySettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ingestor = ingestor
        self._dead = dead
        self._quarantine = quarantine
        self._receipts = receipts
        self._metrics = metrics
        self._log = log
        self._repeats = Repeats()
        self._retry = retry
        self._clock = clock

    def __call__(self, job: Job, successes: int) -> Again | None:
        """Handle a job whose lane had `successes` so far; None when its delivery is finished."""
        message: Message | None = None
        begun = self._clock()
        try:
            message = read_delivery(job.delivery)
            self._ingested(job.delivery, message, self._ingestor.ingest(message), begun)
        except Exception as error:  # noqa: BLE001 - the lanes' outermost hook: decide() judges every error
            return self._failed(job, message, decide(error), successes)
        return None

    def _ingested(self, delivery: Delivery, message: Message, done: Ingested, begun: float) -> None:
        log = self._bound(delivery, message)
        latency = (utcnow() - message.sent_at).total_seconds()
        result = "released" if delivery.released else "catalogued" if done.changed else "unchanged"
        self._metrics.ingested(delivery.beamline, result, self._clock() - begun, latency)
        log.info(result, dataset=done.dataset_pid, latency=round(latency, 3), marks=list(done.marks))
        if self._repeats.ended(delivery.beamline):
            log.info("works again")
        self._finish(message, delivery, "catalogued", dataset_pid=done.dataset_pid)

    def _failed(self, job: Job, message: Message | None, verdict: Verdict, successes: int) -> Again | None:
        verdict = self._out_of_patience(job, verdict, successes)
        if verdict.kind == "retry":
            return self._again(job, message, verdict)
        try:
            self._put_aside(job.delivery, message, verdict)
        except ShelfError as error:
            return self._again(job, message, Verdict("retry", str(error)))
        return None

    def _put_aside(self, delivery: Delivery, message: Message | None, verdict: Verdict) -> None:
        log = self._bound(delivery, message)
        if verdict.kind == "person" and delivery.released:
            return  # it stays on its shelf until the next round: nothing is finished
        if verdict.kind == "person":
            self._quarantine.put(letter_of(delivery, verdict.reason))
            log.warning("quarantined", reason=one_line(verdict.reason))
            self._finish(message, delivery, "quarantined", reason=verdict.reason)
        elif verdict.kind == "dead":
            self._dead.put(letter_of(delivery, verdict.reason))
            log.error("dead", reason=one_line(verdict.reason))
            self._finish(message, delivery, "dead", reason=verdict.reason)
        else:
            log.error("refused", reason=one_line(verdict.reason))
            delivery.finished()
        self._metrics.put_aside(delivery.beamline, verdict.kind)

    def _again(self, job: Job, message: Message | None, verdict: Verdict) -> Again:
        delivery = job.delivery
        self._metrics.retried(delivery.beamline)
        if not job.failures and self._repeats.new(delivery.beamline, "retrying"):
            note = "further failures of this beamline are not said until it works again"
            self._bound(delivery, message).warning("retrying", reason=one_line(verdict.reason), note=note)
        return Again(verdict.reason, verdict.retry_after)

    def _out_of_patience(self, job: Job, verdict: Verdict, successes: int) -> Verdict:
        """A message that alone keeps failing is its own cause: it must not hold its partition for ever."""
        if verdict.kind != "retry" or not job.failures:
            return verdict
        since = self._clock() - job.first_failure
        if gives_up(
            self._retry,
            failures=job.failures + 1,
            since=since,
            others_succeeded=successes > job.successes_before,
        ):
            tries = f"failed {job.failures + 1} times in {since:.0f} s while others succeeded"
            return Verdict("dead", f"{verdict.reason} ({tries})")
        return verdict

    def _finish(
        self,
        message: Message | None,
        delivery: Delivery,
        state: State,
        *,
        dataset_pid: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Send the receipt; the delivery is finished when that is durable, so no receipt is lost either."""
        pid = message.pid if message else delivery.pid
        if not pid:
            delivery.finished()
            return
        receipt = Receipt(
            pid=one_line(pid),
            state=state,
            sequence=message.sequence if message else None,
            dataset_pid=dataset_pid,
            reason=one_line(reason) if reason else None,
            time=utcnow(),
        )
        self._receipts.send(receipt, delivery.finished)

    def _bound(self, delivery: Delivery, message: Message | None) -> Log:
        log = self._log.bind(pid=message.pid if message else delivery.pid, origin=delivery.origin.text)
        if message:
            log = log.bind(beamline=delivery.beamline, sequence=message.sequence, what=message.event)
        return log


def read_delivery(delivery: Delivery) -> Message:
    """Read a delivery's message. Raises MessageError, MessageUnfit for a tombstone or a foreign beamline."""
    if delivery.body is None:
        raise MessageUnfit("a tombstone: the message has a key but no body; nothing can be ingested")
    message = read_message(delivery.body)
    if message.beamline != delivery.beamline:
        raise MessageUnfit(
            f"the message says beamline {message.beamline!r} but came through {delivery.origin.topic}"
        )
    return message
