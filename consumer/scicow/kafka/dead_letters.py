"""Dead letters and receipts in Kafka's compacted topics.

A dead letter is the original message with SciCow's headers, in the partition of the same number as its
origin. Its key is its own name, so that one that is put twice (after a kill) is there once, and a tombstone,
a message with this key and without a body, acknowledges it: the broker deletes both.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator

from scicow.dead_letters.dead_letter import ORIGIN, DeadLetter, Kind, dead_letter_from
from scicow.dead_letters.receipts import Receipt
from scicow.delivery import Delivery
from scicow.errors import DeadLetterError
from scicow.kafka.producer import KafkaRecord, MessageTooLargeError, Publisher, wait_for
from scicow.kafka.reader import read_topic
from scicow.kafka.settings import GroupSettings
from scicow.kafka.topics import Topics
from scicow.metrics import Metrics

_PLACE = "scizoo-place"  # header of a tombstone before 2026-12: the offset that it acknowledges


class KafkaDeadLetters:
    """The dead letters of one kind: a topic for each beamline. Thread-safe."""

    def __init__(self, settings: GroupSettings, kind: Kind, publisher: Publisher, topics: Topics) -> None:
        self._settings = settings
        self._kind = kind
        self._publisher = publisher
        self._topics = topics

    def put(self, dead_letter: DeadLetter) -> None:
        """Write a dead letter and wait for the broker. Raises DeadLetterError."""
        origin = dead_letter.origin
        partition = self._topics.store_partition(
            self._kind, dead_letter.beamline, origin.topic, origin.partition
        )
        try:
            self._write(dead_letter, partition)
        except MessageTooLargeError:
            self._put_large(dead_letter, partition)

    def dead_letters(self, beamline: str | None = None) -> Iterator[DeadLetter]:
        """Iterate over the open dead letters; a topic is read twice, the first time for their offsets."""
        for name, topic in sorted(self._topics.stores(self._kind).items()):
            if beamline in {None, name}:
                yield from self._of_topic(name, topic)

    def acknowledge(self, dead_letters: Iterable[DeadLetter]) -> None:
        """Write a tombstone for each dead letter, which was read here, and wait for the broker."""
        answers = [
            self._publisher.send(KafkaRecord(self._topic(one), one.place[1], None, partition=one.place[0]))
            for one in dead_letters
            if one.place is not None
        ]
        for answer in answers:
            wait_for(answer)

    def _of_topic(self, beamline: str, topic: str) -> Iterator[DeadLetter]:
        left = open_places(read_topic(self._settings, topic, beamline))
        begin = {partition: min(offsets) for partition, offsets in left.items()}
        for record in read_topic(self._settings, topic, beamline, begin=begin) if begin else ():
            if record.origin.offset in left[record.origin.partition]:
                yield dead_letter_from(record)

    def _put_large(self, dead_letter: DeadLetter, partition: int) -> None:
        """Widen the topic; where SciCow may not, keep all but the body, which stays at its origin."""
        try:
            self._topics.widen(self._kind, dead_letter.beamline, dead_letter.origin.topic)
            self._write(dead_letter, partition)
        except DeadLetterError:
            self._write(dead_letter.without_body(), partition)

    def _write(self, dead_letter: DeadLetter, partition: int) -> None:
        body = dead_letter.body or b""  # none would be a tombstone
        key, headers = dead_letter.topic_key, dead_letter.all_headers()
        self._publisher.put(KafkaRecord(self._topic(dead_letter), key, body, headers, partition))

    def _topic(self, dead_letter: DeadLetter) -> str:
        return self._settings.store_topic(self._kind, dead_letter.beamline)


def open_places(records: Iterable[Delivery]) -> dict[int, set[int]]:
    """Return partition -> offsets of the dead letters that are open; what SciCow did not write is none."""
    names: dict[tuple[int, bytes | None], bytes] = {}  # partition, offset -> name
    last: dict[tuple[int, bytes | None], bytes] = {}  # partition, name -> offset
    for record in records:
        partition, offset = record.origin.partition, b"%d" % record.origin.offset
        headers = dict(record.headers)
        if record.body is None and ORIGIN not in headers:
            place = headers.get(_PLACE) or last.get((partition, record.key))
            last.pop((partition, names.pop((partition, place), None)), None)
            continue
        with contextlib.suppress(ValueError):
            name = dead_letter_from(record).topic_key
            names.pop((partition, last.get((partition, name))), None)
            names[partition, offset], last[partition, name] = name, offset
    left: dict[int, set[int]] = {}
    for partition, place in names:
        left.setdefault(partition, set()).add(int(place or b""))
    return left


class KafkaReceipts:
    """The compacted topic of receipts; a receipt that cannot be sent is counted, and holds nothing up."""

    def __init__(
        self, settings: GroupSettings, publisher: Publisher, topics: Topics, metrics: Metrics
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
        self._publisher.send_then(KafkaRecord(self._topic, receipt.pid.encode(), body), done)

    def flush(self, timeout: float) -> None:
        """Wait for the broker's answers."""
        self._publisher.flush(timeout)
