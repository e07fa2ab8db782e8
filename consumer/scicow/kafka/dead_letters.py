"""Dead letters and receipts in Kafka's topics.

A dead letter is the original message with SciCow's headers, in the partition of the same number as its
origin. A dead letter is acknowledged by a tombstone behind it: an empty message that names its origin and
its offset, since a topic cannot delete a single message. What lies before the first open dead letter of a
partition is deleted together (`truncate`).
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future

from scicow.dead_letters.dead_letter import ACKNOWLEDGED, PLACE, DeadLetter, Kind
from scicow.dead_letters.receipts import Receipt
from scicow.errors import DeadLetterError
from scicow.kafka.dead_letter_index import DeadLetterIndex
from scicow.kafka.producer import MessageTooLargeError, Publisher, wait_for
from scicow.kafka.reader import read_topic
from scicow.kafka.settings import KafkaSettings
from scicow.kafka.topics import Topics
from scicow.metrics import Metrics
from scifish.common.log_once import LogOnce

logger = logging.getLogger(__name__)


class KafkaDeadLetters:
    """The dead letters of one kind: a topic for each beamline. Thread-safe."""

    def __init__(self, settings: KafkaSettings, kind: Kind, publisher: Publisher, topics: Topics) -> None:
        self._settings = settings
        self._kind = kind
        self._publisher = publisher
        self._topics = topics
        self._read: dict[str, DeadLetterIndex] = {}  # topic -> what the last reading of it found
        self._once = LogOnce(logger)

    def put(self, dead_letter: DeadLetter) -> None:
        """Write a dead letter and wait for the broker. Raises DeadLetterError."""
        partition = self._partition(dead_letter)
        try:
            self._write(dead_letter, partition)
        except MessageTooLargeError:
            self._put_large(dead_letter, partition)

    def dead_letters(self, beamline: str | None = None) -> Iterator[DeadLetter]:
        """Iterate over the dead letters not acknowledged; one put twice (after a kill) comes once."""
        for name, topic in sorted(self._topics.stores(self._kind).items()):
            if beamline in {None, name}:
                yield from self._of_topic(name, topic)

    def acknowledge(self, dead_letters: Iterable[DeadLetter]) -> None:
        """Write the tombstone of each dead letter."""
        marked = [(dead_letter, self._marks(dead_letter)) for dead_letter in dead_letters]
        for dead_letter, answers in marked:
            for answer in answers:
                wait_for(answer)
            if (found := self._read.get(self._topic(dead_letter))) is not None:
                found.acknowledged(dead_letter)

    def truncate(self) -> None:
        """Delete what lies before the first open dead letter of each partition, as far as was read."""
        trouble: DeadLetterError | None = None
        for topic, found in sorted(self._read.items()):
            try:
                self._truncate(topic, found)
            except DeadLetterError as error:
                trouble = trouble or error
        if trouble is not None:
            raise trouble

    def _of_topic(self, beamline: str, topic: str) -> Iterator[DeadLetter]:
        """Read a topic once; only what was too much to be kept in memory is read a second time."""
        found = DeadLetterIndex(self._topics.topic_id(topic), self._settings.buffer_bytes)
        for one in read_topic(self._settings, topic, beamline):
            found.take(one)
        self._read[topic] = found
        self._say_strange(topic, found)
        yield from found.hand_out()
        begin = found.read_again()
        for one in read_topic(self._settings, topic, beamline, begin=begin) if begin else ():
            if (dead_letter := found.again(one)) is not None:
                yield dead_letter

    def _say_strange(self, topic: str, found: DeadLetterIndex) -> None:
        for partition, offset in found.strange().items():
            place = f"{topic}/{partition}/{offset}"
            self._once.report(
                f"{place} {found.topic_id}",
                f"no dead letter: {place} was not written by SciCow, and nothing from there on is freed; "
                f"acknowledge the dead letters before it (`scicow {self._kind} list`), then delete up to "
                f"offset {offset + 1} with kafka-delete-records",
                logging.WARNING,
            )

    def _truncate(self, topic: str, found: DeadLetterIndex) -> None:
        bounds = found.bounds()
        if not bounds:
            return
        if self._topics.topic_id(topic) != found.topic_id:
            self._read.pop(topic, None)  # made again: what was read says nothing about it
            return
        self._topics.delete_before(topic, bounds)
        found.deleted(bounds)

    def _marks(self, dead_letter: DeadLetter) -> list["Future[None]"]:
        """Send a tombstone for each offset of the dead letter: another one of the same origin stays open."""
        return [
            self._publisher.send(
                self._topic(dead_letter),
                key=dead_letter.key,
                value=None,
                headers=[(ACKNOWLEDGED, dead_letter.origin.text.encode()), (PLACE, str(offset).encode())],
                partition=partition,
            )
            for partition, offset in dead_letter.places
        ]

    def _put_large(self, dead_letter: DeadLetter, partition: int) -> None:
        """Widen the topic; where SciCow may not, keep all but the body, which stays at its origin."""
        try:
            self._topics.widen(self._kind, dead_letter.beamline, dead_letter.origin.topic)
            self._write(dead_letter, partition)
        except DeadLetterError:
            self._write(dead_letter.without_body(), partition)

    def _write(self, dead_letter: DeadLetter, partition: int) -> None:
        self._publisher.put(
            self._topic(dead_letter),
            key=dead_letter.key,
            value=dead_letter.body,
            headers=dead_letter.all_headers(),
            partition=partition,
        )

    def _topic(self, dead_letter: DeadLetter) -> str:
        return self._settings.store_topic(self._kind, dead_letter.beamline)

    def _partition(self, dead_letter: DeadLetter) -> int:
        origin = dead_letter.origin
        return self._topics.store_partition(self._kind, dead_letter.beamline, origin.topic, origin.partition)


class KafkaReceipts:
    """The compacted topic of receipts; a receipt that cannot be sent is counted, and holds nothing up."""

    def __init__(
        self, settings: KafkaSettings, publisher: Publisher, topics: Topics, metrics: Metrics
    ) -> None:
        self._topic = settings.receipts_topic
        self._publisher = publisher
        self._topics = topics
        self._metrics = metrics

    def prepare(self) -> None:
        """Make the topic. Raises DeadLetterError."""
        self._topics.make_receipts()

    def send(self, receipt: Receipt, then: Callable[[], None]) -> None:
        """Send a receipt; `then` is called when the broker has it."""

        def done(error: DeadLetterError | None) -> None:
            if error is not None:
                self._metrics.receipts_lost.inc()
            then()

        body = receipt.model_dump_json(by_alias=True).encode()
        self._publisher.send_then(self._topic, key=receipt.pid.encode(), value=body, done=done)

    def flush(self, timeout: float) -> None:
        """Wait for the broker's answers."""
        self._publisher.flush(timeout)
