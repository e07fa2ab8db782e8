"""Receipts in Kafka's compacted topic: read from where a scan's receipt can be first."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from scifish.common.masking import without_secrets
from scifish.contract.receipt import Receipt, read_receipt
from scifish.errors import ReceiptsError, SettingsError
from scifish.kafka.producer import SPOKEN
from scifish.settings.model import KafkaSettings

CLOCKS_APART = timedelta(minutes=5)  # that this host's clock and SciCow's may differ at most
_LOOK = 0.25  # seconds after which it is seen that nobody answers
_FIXED: dict[str, Any] = {
    "group.id": "scifish-receipts",  # librdkafka asks for a name; the group is never joined
    "enable.auto.commit": False,
    "enable.partition.eof": True,
    "allow.auto.create.topics": False,
    "fetch.wait.max.ms": 50,
    "log_level": 0,
}
_HOPELESS = frozenset({KafkaError._ALL_BROKERS_DOWN, KafkaError._AUTHENTICATION, KafkaError._SSL})
_GROUPS = frozenset({KafkaError.GROUP_AUTHORIZATION_FAILED, KafkaError.COORDINATOR_NOT_AVAILABLE})


class KafkaReceiptReader:
    """The topic `<prefix>-receipts`. Each question has a connection of its own, and leaves nothing behind."""

    def __init__(self, settings: KafkaSettings, topic_prefix: str) -> None:
        self._settings = settings
        self._topic = f"{topic_prefix}-receipts"

    def find(self, pids: Mapping[str, datetime | None], *, timeout: float) -> dict[str, Receipt]:
        """Return the receipts of these pids. Raises ReceiptsError, SettingsError."""
        deadline = time.monotonic() + timeout
        try:
            with _consumer(self._settings) as (consumer, errors):
                partitions = self._partitions(consumer, errors, deadline)
                begins = self._begins(consumer, partitions, _earliest(pids.values()), deadline)
                return self._read(consumer, begins, pids, deadline)
        except KafkaException as error:
            raise ReceiptsError(self._text(error.args[0], timeout)) from error

    def _partitions(self, consumer: Consumer, errors: list[KafkaError], deadline: float) -> list[int]:
        """Ask for the topic until somebody answers, or it is certain that nobody will."""
        look = _LOOK
        while True:
            left = _left(deadline)
            try:
                found = consumer.list_topics(self._topic, timeout=min(look, left))
            except KafkaException:
                consumer.poll(0)  # hears what went wrong
                hopeless = [one for one in errors if one.code() in _HOPELESS]
                if hopeless:
                    raise KafkaException(hopeless[-1]) from None
                look *= 2  # a broker that is far away
                continue
            topic = found.topics[self._topic]
            if topic.error is not None:
                raise KafkaException(topic.error)
            return list(topic.partitions)

    def _begins(
        self, consumer: Consumer, partitions: Sequence[int], since: datetime | None, deadline: float
    ) -> dict[int, tuple[int, int]]:
        """Return for each partition that may hold a receipt its first offset, and the end as it is now."""
        ranges = {}
        for number in partitions:
            place = TopicPartition(self._topic, number)
            ranges[number] = consumer.get_watermark_offsets(place, timeout=_left(deadline))
        if since is not None:
            moment = int((since - CLOCKS_APART).timestamp() * 1000)
            asked = [TopicPartition(self._topic, number, moment) for number in partitions]
            for place in consumer.offsets_for_times(asked, timeout=_left(deadline)):
                end = ranges[place.partition][1]
                ranges[place.partition] = (place.offset if place.offset >= 0 else end, end)  # below 0: none
        return {number: (first, end) for number, (first, end) in ranges.items() if first < end}

    def _read(
        self,
        consumer: Consumer,
        ranges: Mapping[int, tuple[int, int]],
        pids: Mapping[str, datetime | None],
        deadline: float,
    ) -> dict[str, Receipt]:
        """Read up to the ends; the last receipt of a pid counts, and an empty one takes it away."""
        consumer.assign([TopicPartition(self._topic, number, first) for number, (first, _) in ranges.items()])
        found: dict[str, Receipt | None] = {}
        unread = set(ranges)
        while unread:
            message = consumer.poll(min(_LOOK, _left(deadline)))
            place = None if message is None else _place(message)
            if message is None or place is None:
                continue
            pid = _pid(message)
            if not place.at_end and pid in pids:
                found[pid] = read_receipt(message.value())
            if place.at_end or place.offset >= ranges[place.partition][1] - 1:
                unread.discard(place.partition)
        return {pid: receipt for pid, receipt in found.items() if receipt is not None}

    def _text(self, error: KafkaError, timeout: float) -> str:
        code, broker = error.code(), f"Kafka {self._settings.bootstrap}"
        if code in SPOKEN:
            return f"{broker} {SPOKEN[code]} ({error.str()})"
        if code == KafkaError.UNKNOWN_TOPIC_OR_PART:
            return f"{broker} has no topic {self._topic}; start SciCow, or correct topic_prefix"
        if code == KafkaError._TIMED_OUT:
            return f"{broker}: {self._topic} could not be read within {timeout:g} s; allow more time"
        return f"{broker}: {self._topic} cannot be read ({error.str()}); check the rights (ACL)"


@contextmanager
def _consumer(settings: KafkaSettings) -> Iterator[tuple[Consumer, list[KafkaError]]]:
    """Give a consumer with the sender's own way to the brokers, and what it says of them."""
    errors: list[KafkaError] = []
    options = settings.client()
    ours = {**_FIXED, "error_cb": errors.append}
    try:
        consumer = Consumer({"client.id": "scifish", **options, **ours})
    except KafkaException as error:
        text = without_secrets(str(error.args[0].str()), options)
        raise SettingsError(f"kafka.options: {text}; correct them in the settings") from None
    try:
        yield consumer, errors
    finally:
        consumer.close()


class _Place(NamedTuple):
    partition: int
    offset: int
    at_end: bool


def _place(message: Message) -> _Place | None:
    """Return where a message stands, or where a partition ends; None: it concerns no partition."""
    error = message.error()
    at_end = error is not None and error.code() == KafkaError._PARTITION_EOF
    if error is not None and not at_end:
        if error.code() in _GROUPS or error.retriable():
            return None
        raise KafkaException(error)
    return _Place(message.partition() or 0, message.offset() or 0, at_end)


def _pid(message: Message) -> str:
    key = message.key()
    return key.decode("utf-8", "replace") if isinstance(key, bytes) else str(key)


def _left(deadline: float) -> float:
    """Return the seconds that are left. Raises KafkaException when there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
    return left


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    """Return the earliest time; None when one of them is not known."""
    earliest: datetime | None = None
    for one in times:
        if one is None:
            return None
        earliest = one if earliest is None else min(earliest, one)
    return earliest
