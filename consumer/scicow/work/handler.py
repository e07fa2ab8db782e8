"""Handles a delivery, or a batch of them: parse, ingest, and act on the outcome.

The only place where an outcome becomes an action; `decide` says which. A delivery is `finished` (and so may
be committed) only after its outcome is durable somewhere else: in the catalogue, or on a dead-letter store. A
batch that is refused is taken apart: only single deliveries become dead letters.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from scicow.dead_letters.dead_letter import DeadLetterStore, dead_letter_of, one_line
from scicow.dead_letters.receipts import Receipt, ReceiptStore, State
from scicow.delivery import Delivery
from scicow.errors import DeadLetterError, MessageUnfit
from scicow.metrics import Metrics
from scicow.work.beamline_queue import Batch, Job
from scicow.work.error_policy import COMMON, decide
from scicow.work.outcome import Ingested, Verdict
from scicow.work.retry import RetrySettings, gives_up, granted
from scicow.work.workers import Again, Answer, Separate
from scifish.common.clock import utcnow
from scifish.common.log_once import LogOnce
from scifish.common.text_forms import counted
from scifish.contract.message import Message, read_message

logger = logging.getLogger(__name__)


class Ingests(Protocol):
    """What puts a message into the catalogue (`scicow.ingest.ingest.Ingestor`)."""

    def ingest(self, message: Message, *more: Message) -> Ingested:
        """Bring the messages' state into the catalogue; raises errors for `decide`."""

    def forget(self, pid: str) -> None:
        """Read the dataset of a pid again with its next message."""


class Handler:
    """Handles deliveries, many at a time; used by the beamline queues' threads."""

    def __init__(
        self,
        ingestor: Ingests,
        *,
        dead: DeadLetterStore,
        quarantine: DeadLetterStore,
        receipts: ReceiptStore,
        metrics: Metrics,
        retry: RetrySettings,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ingestor = ingestor
        self._dead = dead
        self._quarantine = quarantine
        self._receipts = receipts
        self._metrics = metrics
        self._once = LogOnce(logger)
        self._retry = retry
        self._clock = clock

    def __call__(self, batch: Batch, successes: int) -> Answer:
        """Handle a batch whose queue had `successes` so far; None when its deliveries are finished."""
        messages: list[Message] = []
        begun = self._clock()
        try:
            standing = batch[0].delivery.standing([job.delivery for job in batch])
            if len(standing) < len(batch):
                return self._withdrawn(batch)
            messages += [read_delivery(job.delivery) for job in batch]
            if len({one.pid for one in messages}) > 1:  # a producer that does not use the pid as the key
                return Separate()
            if any(job.delivery.replayed for job in batch):
                self._ingestor.forget(messages[0].pid)
            done = self._ingestor.ingest(*messages)
            self._ingested([job.delivery for job in batch], messages, done, begun)
        except Exception as error:  # noqa: BLE001 - the beamline queues' outermost hook: decide() judges every error
            return self._failed(batch, messages, decide(error), successes)
        return None

    def _ingested(
        self, deliveries: Sequence[Delivery], messages: Sequence[Message], done: Ingested, begun: float
    ) -> None:
        beamline, now = deliveries[0].beamline, utcnow()
        self._metrics.worked(beamline, self._clock() - begun, len(messages))
        for delivery, message in zip(deliveries, messages, strict=True):
            latency = (now - message.sent_at).total_seconds()
            result = "released" if delivery.released else "catalogued" if done.changed else "unchanged"
            self._metrics.ingested(beamline, result, latency)
            told = {"dataset": done.dataset_pid, "latency": round(latency, 3), "coalesced": len(messages)}
            about = _about(delivery, message)
            logger.info(result, extra={**about, **told, "marks": list(done.marks)})
        self._works(beamline, _about(deliveries[0], messages[0]))
        newest = max(messages, key=lambda one: one.sequence)
        self._finish(newest, deliveries, "catalogued", dataset_pid=done.dataset_pid)

    def _withdrawn(self, batch: Batch) -> Answer:
        """Skip messages that their producer took back, without a receipt; of a batch it is unknown which."""
        if len(batch) > 1:
            return Separate()
        delivery = batch[0].delivery
        reason = "its producer took it back: the scan became proprietary"
        logger.warning("withdrawn", extra={**_about(delivery, None), "reason": reason})
        self._metrics.put_aside(delivery.beamline, "refused")
        delivery.finished()
        return None

    def _works(self, beamline: str, about: dict[str, Any]) -> None:
        """Log what has ended with a success."""
        for kind in (beamline, *COMMON):
            self._once.over("works again", kind, logging.INFO, **about)

    def _failed(self, batch: Batch, messages: Sequence[Message], verdict: Verdict, successes: int) -> Answer:
        job, message = batch[0], messages[0] if messages else None
        verdict = self._out_of_patience(job, verdict, successes)
        if verdict.kind == "retry":
            return self._again(job, message, verdict)
        if len(batch) > 1:
            return Separate()
        try:
            self._put_aside(job.delivery, message, verdict)
        except DeadLetterError as error:
            return self._again(job, message, Verdict("retry", str(error)))
        return None

    def _put_aside(self, delivery: Delivery, message: Message | None, verdict: Verdict) -> None:
        told = {**_about(delivery, message), "reason": one_line(verdict.reason)}
        if verdict.kind == "person" and delivery.released:
            return  # it stays on its dead-letter store until the next round: nothing is finished
        if verdict.kind == "person":
            again = f"scicow quarantine release {delivery.origin.text}"
            self._quarantine.put(dead_letter_of(delivery, f"{verdict.reason}; then: {again}"))
            logger.warning("quarantined", extra={**told, "again": again})
            self._finish(message, [delivery], "quarantined", reason=verdict.reason)
        elif verdict.kind == "dead":
            self._dead.put(dead_letter_of(delivery, verdict.reason))
            logger.error("dead", extra=told)
            self._finish(message, [delivery], "dead", reason=verdict.reason)
        else:
            logger.error("refused", extra=told)
            delivery.finished()
        self._metrics.put_aside(delivery.beamline, verdict.kind)

    def _again(self, job: Job, message: Message | None, verdict: Verdict) -> Again:
        beamline, about = job.delivery.beamline, _about(job.delivery, message)
        self._metrics.retried(beamline)
        if verdict.retry_after is not None:  # of what this message waits, the least
            about["seconds"] = round(granted(self._retry, verdict.retry_after), 1)
        if not job.failures:
            whose = "whatever waits for the same" if verdict.common else "this beamline"
            note = f"further failures of {whose} are not logged until it works again"
            told = {**about, "reason": one_line(verdict.reason), "note": note}
            self._once.report(verdict.common or beamline, "retrying", logging.WARNING, **told)
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
            tries = f"failed {counted(job.failures + 1, 'time')} in {since:.0f} s while others succeeded"
            return Verdict("dead", f"{verdict.reason} ({tries})")
        return verdict

    def _finish(
        self,
        message: Message | None,
        deliveries: Sequence[Delivery],
        state: State,
        *,
        dataset_pid: str | None = None,
        reason: str | None = None,
    ) -> None:
        """Send the receipt; all is finished when that is durable, so no receipt is lost either."""

        def finished() -> None:
            for delivery in deliveries:
                delivery.finished()

        pid = message.pid if message else deliveries[0].pid
        if not pid:
            finished()
            return
        receipt = Receipt(
            pid=one_line(pid),
            state=state,
            sequence=message.sequence if message else None,
            dataset_pid=dataset_pid,
            reason=one_line(reason) if reason else None,
            time=utcnow(),
        )
        self._receipts.send(receipt, finished)


def _about(delivery: Delivery, message: Message | None) -> dict[str, Any]:
    """Return the members of a log line about a delivery."""
    if message is None:
        return {"pid": delivery.pid, "origin": delivery.origin.text}
    return {
        "pid": message.pid,
        "origin": delivery.origin.text,
        "beamline": delivery.beamline,
        "sequence": message.sequence,
        "what": message.event,
    }


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
