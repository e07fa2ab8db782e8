"""Kafka as a source: all beamlines' topics by pattern, and commits of only the contiguous finished offset."""

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from scicow.delivery import Delivery, Origin
from scicow.errors import SourceError
from scicow.kafka.reader import delivery_of, origin_of
from scicow.kafka.settings import GroupSettings
from scicow.metrics import Metrics
from scicow.sources.expired import ExpiredMessages
from scicow.sources.offsets import Offsets
from scicow.sources.source import Revoke
from scifish.common.log_once import LogOnce
from scifish.errors import SettingsError

logger = logging.getLogger(__name__)

_DOWN = {
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._TRANSPORT,
    KafkaError._RESOLVE,
    KafkaError._AUTHENTICATION,
    KafkaError._SSL,
}
_FORBIDDEN = {KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError.TOPIC_AUTHORIZATION_FAILED}
_COMMIT_AGAIN = 5.0
_SILENT = "no broker has answered yet"
Place = tuple[str, int]


class KafkaSource:
    """One consumer of the group. Its methods are called by one thread; `finished` by any."""

    def __init__(self, settings: GroupSettings, revoke: Revoke, *, metrics: Metrics) -> None:
        self._settings = settings
        self._revoke = revoke
        self._metrics = metrics
        self._once = LogOnce(logger)
        self._errors = LogOnce(logger)  # of the brokers: several kinds take turns at each attempt
        self._offsets: dict[Place, Offsets] = {}
        self._leaving: set[Place] = set()
        self._paused: set[str] = set()
        self._committing: dict[Place, float] = {}
        self._trouble: str | None = _SILENT
        self._forbidden: str | None = None
        self._next_look = 0.0
        self._consumer = Consumer(
            {"error_cb": self._on_error, "on_commit": self._on_commit, **settings.member()}
        )
        self._retention = ExpiredMessages(self._consumer, metrics)
        self._consumer.subscribe(
            [settings.pattern], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def poll(self, timeout: float) -> Delivery | None:
        """Return the next message; rebalances happen in here."""
        self._look()
        message = self._consumer.poll(timeout)
        if message is None:
            return None
        error = message.error()
        if error is not None:
            self._on_error(error)
            return None
        return self._delivery(message)

    def save(self) -> None:
        """Commit what is contiguously finished, without waiting for the broker."""
        now = time.monotonic()
        due = [
            TopicPartition(*place, offset)
            for place, offsets in self._offsets.items()
            if self._committing.get(place, 0.0) <= now and (offset := offsets.to_commit()) is not None
        ]
        if not due:
            return
        for one in due:
            self._committing[one.topic, one.partition] = now + _COMMIT_AGAIN
        try:
            self._consumer.commit(offsets=due, asynchronous=True)
        except KafkaException as error:
            self._on_commit(error.args[0], due)

    def pause(self, beamline: str) -> None:
        """Fetch no more of a beamline's partitions; the membership in the group goes on."""
        self._paused.add(beamline)
        self._switch(self._consumer.pause, self._places(beamline))

    def resume(self, beamline: str) -> None:
        """Fetch again from where it was paused."""
        self._paused.discard(beamline)
        self._switch(self._consumer.resume, self._places(beamline))

    def congested(self, beamline: str, window: int) -> bool:
        """Tell whether one partition has `window` and more deliveries behind its first unfinished one."""
        topic = self._settings.topic(beamline)
        return any(one.span >= window for (name, _), one in self._offsets.items() if name == topic)

    def mine(self, origin: Origin) -> bool:
        """Tell whether this SciCow has the partition of `origin` now, and keeps it."""
        place = origin.topic, origin.partition
        return place in self._offsets and place not in self._leaving

    def lag(self) -> Iterator[tuple[str, int, int]]:
        """Iterate over our partitions, with the messages that are not finished."""
        for (topic, partition), offsets in list(self._offsets.items()):
            _, high = self._consumer.get_watermark_offsets(TopicPartition(topic, partition), cached=True)
            position = offsets.position
            if position is not None and high >= 0:
                yield topic, partition, max(0, high - position)

    def ready(self) -> str | None:
        """Return None when a broker answers, else why not."""
        return self._trouble or self._forbidden

    def close(self) -> None:
        """Commit and leave the group at once, so that another takes over without waiting."""
        self._commit_now(list(self._offsets))
        self._consumer.close()

    def _delivery(self, message: Message) -> Delivery:
        origin = origin_of(message)
        topic, partition, offset = origin
        self._retention.delivered(origin)
        offsets = self._offsets.get((topic, partition))
        if offsets is None:
            offsets = self._offsets[topic, partition] = Offsets()
        if not offsets.delivered(offset):  # the topic begins anew: it was made again, or was cut off
            logger.warning("begins anew", extra={"origin": origin.text, "was_at": offsets.position})
            offsets = self._offsets[topic, partition] = Offsets()
            offsets.delivered(offset)
        # of this assignment: after a rebalance it counts no more
        return delivery_of(message, self._beamline(topic), partial(offsets.finished, offset))

    def _on_assign(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        for one in partitions:
            self._offsets[one.topic, one.partition] = Offsets()
        self._well()
        self._forbidden = None
        if not partitions:
            return
        logger.info("assigned", extra={"partitions": _names(partitions)})
        self._retention.assigned(partitions)
        paused = [one for one in partitions if self._beamline(one.topic) in self._paused]
        if paused:
            self._consumer.incremental_assign(partitions)
            self._switch(self._consumer.pause, paused)

    def _on_revoke(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Another SciCow takes these over: finish what has started, commit, forget the rest."""
        places = self._leave(partitions)
        self._commit_now([place for place in places if place in self._offsets])
        self._forget(places)
        logger.info("revoked", extra={"partitions": _names(partitions)})

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Another has them already: nothing may be committed any more."""
        places = self._leave(partitions)
        self._forget(places)
        logger.warning("lost", extra={"partitions": _names(partitions)})

    def _leave(self, partitions: list[TopicPartition]) -> set[Place]:
        """Take nothing more from the quarantine for these, then finish or forget what there is."""
        places = {(one.topic, one.partition) for one in partitions}
        self._leaving = places
        self._revoke(lambda delivery: delivery.origin[:2] in places)
        return places

    def _forget(self, places: set[Place]) -> None:
        for place in places:
            self._offsets.pop(place, None)
            self._retention.forget(place)
            self._committing.pop(place, None)
        self._leaving = set()

    def _commit_now(self, places: list[Place]) -> None:
        due = [
            TopicPartition(*place, offset)
            for place in places
            if (offset := self._offsets[place].to_commit()) is not None
        ]
        if not due:
            return
        try:
            self._on_commit(None, self._consumer.commit(offsets=due, asynchronous=False) or [])
        except KafkaException as error:
            self._on_commit(error.args[0], due)

    def _on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        for one in partitions:
            failed = error or one.error
            self._committing.pop((one.topic, one.partition), None)
            self._metrics.commits.labels("failed" if failed else "done").inc()
            if failed is None and (offsets := self._offsets.get((one.topic, one.partition))):
                offsets.committed(one.offset)
            elif failed is not None:
                reason, note = failed.str(), "it is repeated"
                self._once.report("commit", "commit failed", logging.WARNING, reason=reason, note=note)
        if error is None:
            self._once.forget("commit")

    def _on_error(self, error: KafkaError) -> None:
        if error.fatal() or error.code() == KafkaError._FATAL:
            text = f"Kafka {self._settings.bootstrap}: {error.str()}; {_advice(error)}"
            # librdkafka gives the same code to all fatal errors; only the text tells this one, after which a
            # SciCow that is started again would throw the other one out
            if "group.instance.id" in error.str():
                raise SettingsError(text)
            raise SourceError(text)
        if error.code() in _DOWN:
            self._ill(error, first=error.code() != KafkaError._ALL_BROKERS_DOWN)
        if error.code() in _FORBIDDEN:
            self._forbidden = f"Kafka {self._settings.bootstrap}: {error.str()}; {_advice(error)}"
        if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            self._once.report("topics", "no topics yet", logging.INFO, pattern=self._settings.pattern)
            return
        name, note = error.name(), "logged once until it works"
        self._errors.report(name, "kafka", logging.WARNING, reason=error.str(), code=name, note=note)

    def _look(self) -> None:
        """Ask the broker from time to time whether it is there, while it seems not to be."""
        if self._trouble is None or (now := time.monotonic()) < self._next_look:
            return
        self._next_look = now + 1.0
        try:
            self._consumer.list_topics(self._settings.receipts_topic, timeout=2.0)
        except KafkaException as error:
            self._ill(error.args[0], first=False)
        else:
            self._well()

    def _ill(self, error: KafkaError, *, first: bool) -> None:
        """Keep why no broker answers; a text that gives no cause (not `first`) replaces no better one."""
        if first or self._trouble in {None, _SILENT}:
            self._trouble = f"Kafka {self._settings.bootstrap}: {error.str()}"

    def _well(self) -> None:
        self._trouble = None
        self._errors.over("kafka works again", level=logging.INFO)

    def _places(self, beamline: str) -> list[TopicPartition]:
        topic = self._settings.topic(beamline)
        return [TopicPartition(*place) for place in self._offsets if place[0] == topic]

    def _switch(self, action: Callable[[list[TopicPartition]], None], places: list[TopicPartition]) -> None:
        """Pause or resume; a partition that has just left is no error."""
        try:
            action(places)
        except KafkaException as error:
            logger.debug("not switched", extra={"reason": error.args[0].str()})

    def _beamline(self, topic: str) -> str:
        return topic[len(self._settings.topic("")) :]


def _advice(error: KafkaError) -> str:
    if "group.instance.id" in error.str():
        return "another SciCow runs with the same kafka.instance; give each replica its own"
    if error.code() in _FORBIDDEN:
        return "give SciCow's user the right (ACL) to read the topics and the group"
    return "start SciCow again"


def _names(partitions: list[TopicPartition]) -> list[str]:
    return [f"{one.topic}/{one.partition}" for one in partitions]
