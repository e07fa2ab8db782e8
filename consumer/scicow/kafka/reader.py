"""Reads a range of a topic without a group: for dead letters, replays, and `reconcile`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from uuid import uuid4

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, Message, TopicPartition

from scicow.delivery import Delivery, Headers, Origin
from scicow.errors import DeadLetterError
from scicow.kafka.settings import GroupSettings

_TIMEOUT = 15.0
Bound = int | datetime | None
"""Where a range begins or ends: an offset, a time, or the topic's own end."""
Begin = Bound | Mapping[int, int]
"""It may begin at an offset for each partition; partitions that are not named are not read."""


@contextmanager
def _consumer(settings: GroupSettings) -> Iterator[Consumer]:
    consumer = Consumer(
        {
            **settings.client(),
            "group.id": f"{settings.group}-reader-{uuid4()}",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "queued.max.messages.kbytes": max(1, settings.buffer_bytes // 1000),
        }
    )
    try:
        yield consumer
    finally:
        consumer.close()


def read_topic(
    settings: GroupSettings, topic: str, beamline: str, *, begin: Begin = None, end: Bound = None
) -> Iterator[Delivery]:
    """Iterate over a topic from `begin` up to `end` (not included) or its end now. Raises DeadLetterError."""
    try:
        with _consumer(settings) as consumer:
            ranges = _ranges(consumer, topic, begin, end)
            consumer.assign([TopicPartition(topic, part, first) for part, (first, _) in ranges.items()])
            yield from _deliveries(consumer, {part: last for part, (_, last) in ranges.items()}, beamline)
    except KafkaException as error:
        raise DeadLetterError(
            f"topic {topic}: cannot be read ({error.args[0].str()}); check the broker and the rights (ACL)"
        ) from error


def delivery_of(message: Message, beamline: str, finished: Callable[[], None] = lambda: None) -> Delivery:
    """Return Kafka's message as a delivery."""
    kind, milliseconds = message.timestamp()
    return Delivery(
        beamline=beamline,
        origin=origin_of(message),
        key=message.key(),
        body=message.value(),
        headers=_headers(message),
        created=datetime.fromtimestamp(milliseconds / 1000, timezone.utc) if kind else None,
        finished=finished,
    )


def origin_of(message: Message) -> Origin:
    """Return where Kafka's message came from."""
    topic, partition, offset = message.topic(), message.partition(), message.offset()
    if topic is None or partition is None or offset is None:
        raise AssertionError("a message that was received has a place")
    return Origin(topic, partition, offset)


def _headers(message: Message) -> Headers:
    found = message.headers() or []
    pairs = found.items() if isinstance(found, dict) else found
    return tuple((name, value.encode() if isinstance(value, str) else value or b"") for name, value in pairs)


def _ranges(consumer: Consumer, topic: str, begin: Begin, end: Bound) -> Mapping[int, tuple[int, int]]:
    """Return partition -> first and last offset (not included), without the empty ones."""
    found = consumer.list_topics(topic, timeout=_TIMEOUT).topics[topic]
    if found.error is not None:
        raise KafkaException(found.error)
    ranges = {}
    for partition in found.partitions if not isinstance(begin, Mapping) else begin:
        place = TopicPartition(topic, partition)
        at = begin[partition] if isinstance(begin, Mapping) else begin
        low, high = consumer.get_watermark_offsets(place, timeout=_TIMEOUT)
        first = max(low, _offset(consumer, place, at, low, high))
        last = min(high, _offset(consumer, place, end, high, high))
        if first < last:
            ranges[partition] = (first, last)
    return ranges


def _offset(consumer: Consumer, place: TopicPartition, bound: Bound, default: int, high: int) -> int:
    if bound is None:
        return default
    if isinstance(bound, int):
        return bound
    asked = TopicPartition(place.topic, place.partition, int(bound.timestamp() * 1000))
    [answer] = consumer.offsets_for_times([asked], timeout=_TIMEOUT)
    return high if answer.offset in {OFFSET_END, -1} else int(answer.offset)


def _deliveries(consumer: Consumer, last: dict[int, int], beamline: str) -> Iterator[Delivery]:
    open_partitions = set(last)
    silent = 0  # seconds in which it was asked: the reader may rest between two messages
    while open_partitions:
        message = consumer.poll(1.0)
        if message is None:
            silent += 1
            if silent > 2 * _TIMEOUT:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
            continue
        silent = 0
        error = message.error()
        if error is not None and error.code() != KafkaError._PARTITION_EOF:
            raise KafkaException(error)
        if error is not None:
            open_partitions.discard(message.partition() or 0)
            continue
        delivery = delivery_of(message, beamline)
        place = delivery.origin
        if place.offset < last[place.partition]:
            yield delivery
        if place.offset >= last[place.partition] - 1:
            open_partitions.discard(place.partition)
