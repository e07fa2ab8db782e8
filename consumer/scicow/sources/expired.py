"""Counts and logs messages that a topic's retention deleted before SciCow read them: data are lost."""

import logging

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaException, TopicPartition

from scicow.delivery import Origin
from scicow.metrics import Metrics

logger = logging.getLogger(__name__)
_TIMEOUT = 10


class ExpiredMessages:
    """Counts what is missing where reading begins, and where it jumps."""

    def __init__(self, consumer: Consumer, metrics: Metrics) -> None:
        self._consumer = consumer
        self._metrics = metrics
        self._next: dict[tuple[str, int], int] = {}

    def assigned(self, partitions: list[TopicPartition]) -> None:
        """Look whether the topics still hold what was committed last."""
        try:
            for one in self._consumer.committed(partitions, timeout=_TIMEOUT):
                if one.offset != OFFSET_INVALID and one.offset >= 0:
                    self._compare(one, one.offset, None)
        except KafkaException as error:
            self._not_compared(error)

    def delivered(self, origin: Origin) -> None:
        """Look whether messages are missing before this one; a gap alone may come from a compaction."""
        place = origin.topic, origin.partition
        expected, self._next[place] = self._next.get(place, origin.offset), origin.offset + 1
        if origin.offset <= expected:
            return
        try:
            self._compare(TopicPartition(*place), expected, origin.offset)
        except KafkaException as error:
            self._not_compared(error)

    def forget(self, place: tuple[str, int]) -> None:
        """The partition has gone to another SciCow."""
        self._next.pop(place, None)

    def _compare(self, place: TopicPartition, expected: int, found: int | None) -> None:
        low, _ = self._consumer.get_watermark_offsets(place, timeout=_TIMEOUT)
        end = low if found is None else min(low, found)
        if end > expected:
            self._metrics.expired.labels(place.topic).inc(end - expected)
            where = {"topic": place.topic, "partition": place.partition}
            logger.error("expired", extra={**where, "first": expected, "next": end})

    def _not_compared(self, error: KafkaException) -> None:
        logger.warning("offsets not compared", extra={"reason": error.args[0].str()})
