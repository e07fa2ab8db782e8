"""Letters and receipts in Kafka's topics.

A letter is the original message with SciCow's headers, in the partition of the same number as its origin. A
letter is settled by a second, empty message behind it that names its origin and its place: a topic has no
deletion of one. What lies before the first open letter of a partition is deleted together (`trim`).
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future

from scicow.dead_letters.dead_letter import PLACE, SETTLED, Kind, Letter
from scicow.dead_letters.receipts import Receipt
from scicow.errors import ShelfError
from scicow.kafka.dead_letter_index import OpenLetters
from scicow.kafka.producer import Publisher, TooLargeError, wait_for
from scicow.kafka.reader import read_topic
from scicow.kafka.settings import KafkaSettings
from scicow.kafka.topics import Topics
from scicow.logs import Repeats
from scicow.metrics import Metrics

logger = logging.getLogger(__name__)


class KafkaShelf:
    """The letters of one kind: a topic for each beamline. Thread-safe."""

    def __init__(self, settings: KafkaSettings, kind: Kind, publisher: Publisher, topics: Topics) -> None:
        self._settings = settings
        self._kind = kind
        self._publisher = publisher
        self._topics = topics
        self._read: dict[str, OpenLetters] = {}  # topic -> what the last reading of it found
        self._repeats = Repeats()

    def put(self, letter: Letter) -> None:
        """Write a letter and wait for the broker. Raises ShelfError."""
        partition = self._partition(letter)
        try:
            self._write(letter, partition)
        except TooLargeError:
            self._put_large(letter, partition)

    def letters(self, beamline: str | None = None) -> Iterator[Letter]:
        """Iterate over the letters that are not settled; one put twice (after a kill) comes once."""
        for name, topic in sorted(self._topics.shelves(self._kind).items()):
            if beamline in {None, name}:
                yield from self._of_topic(name, topic)

    def settle(self, letters: Iterable[Letter]) -> None:
        """Write behind each letter that it is settled."""
        marked = [(letter, self._marks(letter)) for letter in letters]
        for letter, answers in marked:
            for answer in answers:
                wait_for(answer)
            if (found := self._read.get(self._topic(letter))) is not None:
                found.settled(letter)

    def trim(self) -> None:
        """Delete what lies before the first open letter of each partition, as far as was read."""
        trouble: ShelfError | None = None
        for topic, found in sorted(self._read.items()):
            try:
                self._trim(topic, found)
            except ShelfError as error:
                trouble = trouble or error
        if trouble is not None:
            raise trouble

    def _of_topic(self, beamline: str, topic: str) -> Iterator[Letter]:
        """Read a topic once; only what was too much to be kept in memory is read a second time."""
        found = OpenLetters(self._topics.incarnation(topic), self._settings.buffer_bytes)
        for one in read_topic(self._settings, topic, beamline):
            found.take(one)
        self._read[topic] = found
        self._say_strange(topic, found)
        yield from found.hand_out()
        begin = found.read_again()
        for one in read_topic(self._settings, topic, beamline, begin=begin) if begin else ():
            if (letter := found.again(one)) is not None:
                yield letter

    def _say_strange(self, topic: str, found: OpenLetters) -> None:
        for partition, offset in found.strange().items():
            if self._repeats.new(f"{topic}/{partition}", f"{offset} of {found.incarnation}"):
                logger.warning(
                    "no letter: %s was not written by SciCow, and nothing from there on is freed; "
                    "settle the letters before it (`scicow %s list`), then delete up to offset %d with "
                    "kafka-delete-records",
                    f"{topic}/{partition}/{offset}",
                    self._kind,
                    offset + 1,
                )

    def _trim(self, topic: str, found: OpenLetters) -> None:
        bounds = found.bounds()
        if not bounds:
            return
        if self._topics.incarnation(topic) != found.incarnation:
            self._read.pop(topic, None)  # made again: what was read says nothing about it
            return
        self._topics.delete_before(topic, bounds)
        found.deleted(bounds)

    def _marks(self, letter: Letter) -> list["Future[None]"]:
        """Send a mark for each place at which the letter lies: another one of its origin stays open."""
        return [
            self._publisher.send(
                self._topic(letter),
                key=letter.key,
                value=None,
                headers=[(SETTLED, letter.origin.text.encode()), (PLACE, str(offset).encode())],
                partition=partition,
            )
            for partition, offset in letter.places
        ]

    def _put_large(self, letter: Letter, partition: int) -> None:
        """Widen the topic; where SciCow may not, keep all but the body, which stays at its origin."""
        try:
            self._topics.widen(self._kind, letter.beamline, letter.origin.topic)
            self._write(letter, partition)
        except ShelfError:
            self._write(letter.without_body(), partition)

    def _write(self, letter: Letter, partition: int) -> None:
        self._publisher.put(
            self._topic(letter),
            key=letter.key,
            value=letter.body,
            headers=letter.all_headers(),
            partition=partition,
        )

    def _topic(self, letter: Letter) -> str:
        return self._settings.shelf_topic(self._kind, letter.beamline)

    def _partition(self, letter: Letter) -> int:
        origin = letter.origin
        return self._topics.shelf_partition(self._kind, letter.beamline, origin.topic, origin.partition)


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
        """Make the topic. Raises ShelfError."""
        self._topics.make_receipts()

    def send(self, receipt: Receipt, then: Callable[[], None]) -> None:
        """Send a receipt; `then` is called when the broker has it."""

        def told(error: ShelfError | None) -> None:
            if error is not None:
                self._metrics.receipts_lost.inc()
            then()

        body = receipt.model_dump_json(by_alias=True).encode()
        self._publisher.tell(self._topic, key=receipt.pid.encode(), value=body, told=told)

    def flush(self, timeout: float) -> None:
        """Wait for the broker's answers."""
        self._publisher.flush(timeout)
