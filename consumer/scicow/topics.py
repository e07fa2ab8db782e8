"""SciCow's own topics: made when they are first needed, and looked up by the name of the beamline."""

import threading
from collections.abc import Mapping

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from scicow.errors import ShelfError
from scicow.kafka_settings import KafkaSettings
from scicow.letters import Kind

_TIMEOUT = 15.0
_ROOM = 100_000  # bytes that SciCow's headers may add to a message of the largest size


class Topics:
    """What topics there are, and the making of SciCow's. Thread-safe. Raises ShelfError."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._admin = AdminClient(settings.client())
        self._partitions: dict[str, int] = {}
        self._lock = threading.Lock()

    def all(self) -> dict[str, int]:
        """Return the number of partitions of every topic."""
        try:
            found = self._admin.list_topics(timeout=_TIMEOUT).topics
        except KafkaException as error:
            raise self._failure("the topics cannot be listed", error) from error
        return {name: len(topic.partitions) for name, topic in found.items() if topic.error is None}

    def shelves(self, kind: Kind) -> dict[str, str]:
        """Return beamline -> topic of all shelves of a kind."""
        prefix = self._settings.shelf_topic(kind, "")
        return {name[len(prefix) :]: name for name in self.all() if name.startswith(prefix)}

    def shelf_partition(self, kind: Kind, beamline: str, origin_topic: str, origin_partition: int) -> int:
        """Return the partition for a letter: the one of its origin. The topic is made if it is not there."""
        topic = self._settings.shelf_topic(kind, beamline)
        with self._lock:
            if topic not in self._partitions:
                self._make_shelf(topic, origin_topic)
            return origin_partition % self._partitions[topic]

    def members(self, group: str) -> int:
        """Return how many consumers a group has now."""
        try:
            asked = self._admin.describe_consumer_groups([group], request_timeout=_TIMEOUT)[group]
            return len(asked.result(_TIMEOUT).members)
        except KafkaException as error:
            if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
                return 0
            raise self._failure(f"group {group} cannot be described", error) from error

    def make_receipts(self) -> None:
        """Make the compacted topic of the receipts if it is not there."""
        topic = self._settings.receipts_topic
        if topic not in self.all():
            self._make(topic, 1, {"cleanup.policy": "compact"})

    def widen(self, kind: Kind, beamline: str, origin_topic: str) -> None:
        """Let a shelf's topic take messages as large as their origin's topic does."""
        topic = self._settings.shelf_topic(kind, beamline)
        resource = ConfigResource(ResourceType.TOPIC, topic)
        resource.set_config("max.message.bytes", str(self._largest(origin_topic) + _ROOM))
        resource.set_config("retention.ms", "-1")
        try:
            self._admin.alter_configs([resource], request_timeout=_TIMEOUT)[resource].result(_TIMEOUT)
        except KafkaException as error:
            raise self._failure(f"{topic} cannot be widened", error) from error

    def _make_shelf(self, topic: str, origin_topic: str) -> None:
        there = self.all()
        if topic not in there:
            count = there.get(origin_topic, 1)
            largest = str(self._largest(origin_topic) + _ROOM)
            self._make(topic, count, {"retention.ms": "-1", "max.message.bytes": largest})
            there = {**there, topic: count, **self.all()}
        self._partitions[topic] = there[topic]

    def _make(self, topic: str, partitions: int, config: Mapping[str, str]) -> None:
        new = NewTopic(topic, partitions, replication_factor=self._settings.replication, config=dict(config))
        try:
            self._admin.create_topics([new], request_timeout=_TIMEOUT)[topic].result(_TIMEOUT)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise self._failure(f"{topic} cannot be made", error) from error

    def _largest(self, topic: str) -> int:
        resource = ConfigResource(ResourceType.TOPIC, topic)
        try:
            told = self._admin.describe_configs([resource], request_timeout=_TIMEOUT)[resource].result(
                _TIMEOUT
            )
        except KafkaException:
            return 100_000_000  # not allowed to ask, or the topic is gone: as large as a consumer fetches
        return int(told["max.message.bytes"].value)

    def _failure(self, what: str, error: KafkaException) -> ShelfError:
        return ShelfError(
            f"Kafka {self._settings.bootstrap_servers}: {what} ({error.args[0].str()}); "
            "check the broker and SciCow's rights (ACL)"
        )
