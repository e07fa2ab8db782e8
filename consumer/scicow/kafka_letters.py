"""Letters and receipts in Kafka's topics.

A letter is the original message with SciCow's headers, in the partition of the same number as its origin. A
letter is settled by a second, empty message behind it that names its origin: a topic has no deletion of one.
"""

from collections.abc import Callable, Iterable, Iterator

from scicow.delivery import Delivery
from scicow.errors import ShelfError
from scicow.kafka_settings import KafkaSettings
from scicow.letters import ORIGIN, SETTLED, Kind, Letter, letter_from
from scicow.metrics import Metrics
from scicow.publisher import Publisher, TooLargeError, wait_for
from scicow.receipts import Receipt
from scicow.topic_reader import read_topic
from scicow.topics import Topics


class KafkaShelf:
    """The letters of one kind: a topic for each beamline."""

    def __init__(self, settings: KafkaSettings, kind: Kind, publisher: Publisher, topics: Topics) -> None:
        self._settings = settings
        self._kind = kind
        self._publisher = publisher
        self._topics = topics

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
        answers = [
            self._publisher.send(
                self._topic(letter),
                key=letter.key,
                value=None,
                headers=[(SETTLED, letter.origin.text.encode())],
                partition=self._partition(letter),
            )
            for letter in letters
        ]
        for answer in answers:
            wait_for(answer)

    def _of_topic(self, beamline: str, topic: str) -> Iterator[Letter]:
        settled: dict[bytes, int] = {}
        for one in read_topic(self._settings, topic, beamline):
            named = dict(one.headers).get(SETTLED)
            if named is not None:
                settled[named] = one.origin.offset
        seen: set[tuple[bytes, int]] = set()
        for one in read_topic(self._settings, topic, beamline):
            named = dict(one.headers).get(ORIGIN, b"")
            same = named, hash((one.key, one.body))  # a topic made again gives its offsets a second time
            if same in seen or one.origin.offset < settled.get(named, 0):
                continue
            seen.add(same)
            letter = _read(one)
            if letter is not None:
                yield letter

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


def _read(one: Delivery) -> Letter | None:
    try:
        return letter_from(one.beamline, one.key, one.body, one.headers)
    except ValueError:
        return None  # a settling mark, or somebody else's message
