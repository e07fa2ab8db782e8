"""Where messages come from and dead letters go: Kafka, or the outbox with a SQLite file."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from confluent_kafka import KafkaException

from scicow.dead_letters.dead_letter import DeadLetter, DeadLetterStore, Kind, dead_letter_of
from scicow.dead_letters.receipts import Receipt, ReceiptStore
from scicow.dead_letters.sqlite import SqliteDeadLetters, SqliteReceipts, StateFile
from scicow.delivery import REPLAYED, Delivery
from scicow.errors import DeadLetterError, ScicowError
from scicow.kafka.dead_letters import KafkaDeadLetters, KafkaReceipts
from scicow.kafka.producer import KafkaRecord, Publisher
from scicow.kafka.reader import Bound, read_topic
from scicow.kafka.settings import GroupSettings
from scicow.kafka.topics import Topics
from scicow.metrics import Metrics
from scicow.settings.model import SciCowSettings
from scicow.sources.kafka import KafkaSource
from scicow.sources.outbox import TOPIC, OutboxSource, OutboxSourceSettings, stored_messages
from scicow.sources.source import MessageSource, Revoke
from scifish.common.masking import without_secrets
from scifish.errors import SettingsError


class Transport(Protocol):
    """All that depends on where messages come from."""

    receipts: ReceiptStore

    def store(self, kind: Kind) -> DeadLetterStore:
        """Return the dead-letter store of a kind."""

    def replays(self) -> DeadLetterStore | None:
        """Return the store of what is to be tried at once; None where replays are ordinary messages."""

    def open_source(self, revoke: Revoke, *, metrics: Metrics) -> MessageSource:
        """Begin to take part in the work."""

    def replay(self, delivery: Delivery) -> None:
        """Give a message to the running SciCow once more; durable on return. Raises DeadLetterError."""

    def topics(self) -> dict[str, str]:
        """Return beamline -> name of the topic that its messages are in."""

    def messages(self, topic: str, beamline: str, begin: Bound, end: Bound) -> Iterator[Delivery]:
        """Iterate over the messages of a topic, delivered or not."""

    def receipt(self, pid: str) -> Receipt | None:
        """Return the last receipt of a pid."""

    def prepare(self) -> None:
        """Make what has to be there; called before work begins, and now and then. Raises DeadLetterError."""

    def close(self) -> None:
        """Close what dead letters and receipts are written with."""


class KafkaTransport:
    """All in Kafka's topics."""

    def __init__(self, settings: GroupSettings, metrics: Metrics) -> None:
        self._settings = settings
        self._publisher = _publisher(settings)
        self._topics = Topics(settings)
        self._receipts = KafkaReceipts(settings, self._publisher, self._topics, metrics)
        self.receipts: ReceiptStore = self._receipts

    def store(self, kind: Kind) -> DeadLetterStore:
        """Return the dead-letter store of a kind: a topic for each beamline."""
        return KafkaDeadLetters(self._settings, kind, self._publisher, self._topics)

    def replays(self) -> DeadLetterStore | None:
        """Return None: a replay is written to the beamline's own topic."""
        return None

    def open_source(self, revoke: Revoke, *, metrics: Metrics) -> MessageSource:
        """Join the consumer group."""
        return KafkaSource(self._settings, revoke, metrics=metrics)

    def replay(self, delivery: Delivery) -> None:
        """Write the message again to the partition that it came from, so that its scan's order is kept."""
        place = delivery.origin
        kept = [(name, value) for name, value in delivery.headers if name != REPLAYED]
        headers = [*kept, (REPLAYED, place.text.encode())]
        self._publisher.put(KafkaRecord(place.topic, delivery.key, delivery.body, headers, place.partition))

    def topics(self) -> dict[str, str]:
        """Return the beamlines' topics that there are."""
        prefix = self._settings.topic("")
        return {name[len(prefix) :]: name for name in self._topics.all() if name.startswith(prefix)}

    def messages(self, topic: str, beamline: str, begin: Bound, end: Bound) -> Iterator[Delivery]:
        """Read a topic."""
        return read_topic(self._settings, topic, beamline, begin=begin, end=end)

    def receipt(self, pid: str) -> Receipt | None:
        """Read the receipts' topic; the last one of a pid counts."""
        found = None
        for one in read_topic(self._settings, self._settings.receipts_topic, ""):
            if one.pid == pid and one.body is not None:
                found = Receipt.model_validate_json(one.body)
        return found

    def prepare(self) -> None:
        """Make the topic of the receipts, and see that the dead letters' topics keep what is in them."""
        self._receipts.prepare()
        self._topics.look_again()

    def close(self) -> None:
        """Wait for what was sent."""
        self._publisher.close()


class OutboxTransport:
    """Messages from the outbox; dead letters and receipts in the state file."""

    def __init__(self, settings: OutboxSourceSettings, metrics: Metrics) -> None:
        self._settings = settings
        self._state = StateFile(settings.state_file)
        self._quick = StateFile(settings.state_file, synchronous="NORMAL")
        self._receipts = SqliteReceipts(self._quick, metrics)
        self.receipts: ReceiptStore = self._receipts

    def store(self, kind: Kind) -> DeadLetterStore:
        """Return the dead-letter store of a kind: rows of the state file."""
        return SqliteDeadLetters(self._state, kind)

    def replays(self) -> DeadLetterStore | None:
        """Return the dead-letter store that `replay` puts messages on."""
        return self.store("replay")

    def open_source(self, revoke: Revoke, *, metrics: Metrics) -> MessageSource:
        """Take the outbox's lease when it is free."""
        return OutboxSource(self._settings, revoke)

    def replay(self, delivery: Delivery) -> None:
        """Put the message where the running SciCow looks every second."""
        self.store("replay").put(dead_letter_of(delivery, "replayed"))

    def topics(self) -> dict[str, str]:
        """Return the one place of all messages."""
        return {"": TOPIC}

    def messages(self, topic: str, beamline: str, begin: Bound, end: Bound) -> Iterator[Delivery]:
        """Read the outbox, with what was delivered and is still kept."""
        return (one for one in stored_messages(self._settings) if _within(one, begin, end))

    def receipt(self, pid: str) -> Receipt | None:
        """Read the state file."""
        return self._receipts.find(pid)

    def prepare(self) -> None:
        """The state file is there."""

    def close(self) -> None:
        """Close the file."""
        self._state.close()
        self._quick.close()


def _publisher(settings: GroupSettings) -> Publisher:
    """Make the first client, by which librdkafka checks the options. Raises SettingsError."""
    try:
        return Publisher(settings)
    except KafkaException as error:
        text = without_secrets(str(error.args[0].str()), settings.client())
        raise SettingsError(
            f"kafka: {text}; correct kafka.options, kafka.mechanism or kafka.*_file"
        ) from None  # librdkafka's own text shows the value that it refuses


def open_transport(settings: SciCowSettings, metrics: Metrics) -> Transport:
    """Return the transport that the settings name."""
    if settings.source == "kafka" and settings.kafka is not None:
        return KafkaTransport(settings.kafka, metrics)
    if settings.outbox is not None:
        return OutboxTransport(settings.outbox, metrics)
    raise ScicowError(f"settings: source {settings.source!r} has no section; add it")


def delivery_of_dead_letter(dead_letter: DeadLetter, transport: Transport) -> Delivery:
    """Return a dead letter as the message that it was; a body left at its origin is fetched there."""
    body = dead_letter.body
    if dead_letter.body_left:
        place = dead_letter.origin
        reader = transport.messages(place.topic, dead_letter.beamline, place.offset, place.offset + 1)
        found = [one for one in reader if one.origin == place]
        if not found:
            raise DeadLetterError(
                f"dead letter {dead_letter.id}: its bytes are no longer at their origin; drop the dead letter"
            )
        body = found[0].body
    return Delivery(dead_letter.beamline, dead_letter.origin, dead_letter.key, body, dead_letter.headers)


def _within(delivery: Delivery, begin: Bound, end: Bound) -> bool:
    return _reached(delivery, begin, default=True) and not _reached(delivery, end, default=False)


def _reached(delivery: Delivery, bound: Bound, *, default: bool) -> bool:
    if bound is None:
        return default
    if isinstance(bound, datetime):
        return delivery.created is None or delivery.created >= bound
    return delivery.origin.offset >= bound
