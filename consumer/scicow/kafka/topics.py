"""SciCow's own topics: made when they are first needed, and looked up by the name of the beamline."""

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from scicow.dead_letters.dead_letter import Kind
from scicow.errors import DeadLetterError
from scicow.kafka.settings import GroupSettings
from scicow.kafka.topic_retention import COMPACTED, SOON, ask, change, lacking

_TIMEOUT = 15.0
_LONGEST = _TIMEOUT + 5  # the client says in time itself that no answer came, most often
_ROOM = 100_000  # bytes that SciCow's headers may add to a message of the largest size
_STORES: tuple[Kind, ...] = ("dead", "quarantine")


class Topics:
    """What topics there are, and the making of SciCow's. Thread-safe. Raises DeadLetterError."""

    def __init__(self, settings: GroupSettings) -> None:
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

    def stores(self, kind: Kind) -> dict[str, str]:
        """Return beamline -> topic of all dead-letter stores of a kind."""
        prefix = self._settings.store_topic(kind, "")
        return {name[len(prefix) :]: name for name in self.all() if name.startswith(prefix)}

    def store_partition(self, kind: Kind, beamline: str, origin_topic: str, origin_partition: int) -> int:
        """Return the partition of a dead letter: its origin's. Makes the topic if it is not there."""
        topic = self._settings.store_topic(kind, beamline)
        with self._lock:
            if topic not in self._partitions:
                self._make_store(topic, origin_topic)
            return origin_partition % self._partitions[topic]

    def make_receipts(self) -> None:
        """Make the compacted topic of the receipts if it is not there."""
        topic = self._settings.receipts_topic
        if topic not in self.all():
            self._make(topic, 1, {"cleanup.policy": "compact"})

    def look_again(self) -> None:
        """Forget topics that are gone, and let those that were made without us keep their dead letters.

        To be called now and then: a topic that somebody deletes is made again by the broker, with its own
        retention and number of partitions, when the next dead letter comes before this.
        """
        prefixes = tuple(self._settings.store_topic(kind, "") for kind in _STORES)
        there = {name: count for name, count in self.all().items() if name.startswith(prefixes)}
        with self._lock:
            self._partitions = {name: there[name] for name in self._partitions if name in there}
        trouble: DeadLetterError | None = None
        for resource, asked in (ask(self._admin, sorted(there), _TIMEOUT) if there else {}).items():
            try:
                self._keep_lasting(resource.name, asked)
            except DeadLetterError as error:
                trouble = trouble or error
        if trouble is not None:
            raise trouble

    def widen(self, kind: Kind, beamline: str, origin_topic: str) -> None:
        """Let a dead-letter store's topic take messages as large as their origin's topic does."""
        topic = self._settings.store_topic(kind, beamline)
        size = {"max.message.bytes": str(self._largest(origin_topic) + _ROOM)}
        try:
            result(change(self._admin, topic, size, _TIMEOUT))
        except KafkaException as error:
            raise self._failure(f"{topic} cannot be widened", error) from error

    def _keep_lasting(self, topic: str, asked: "Future[Any]") -> None:
        try:
            config = lacking(result(asked))
        except KafkaException:
            return  # not allowed to ask, or the topic has just gone
        try:
            if config:
                result(change(self._admin, topic, config, _TIMEOUT))
        except KafkaException as error:
            raise DeadLetterError(
                f"topic {topic}: dead letters are deleted by the broker's retention, which cannot be changed "
                f"({error.args[0].str()}); set retention.ms=-1 and retention.bytes=-1 there, or give "
                "SciCow's user the right (ACL) ALTER_CONFIGS on it"
            ) from error

    def _make_store(self, topic: str, origin_topic: str) -> None:
        there = self.all()
        if topic not in there:
            count = there.get(origin_topic, 1)
            config = self._store_config(origin_topic)
            try:
                self._make(topic, count, {**config, **SOON})
            except DeadLetterError:
                self._make(topic, count, config)
            there = {**there, topic: count, **self.all()}
        self._partitions[topic] = there[topic]

    def _store_config(self, origin_topic: str) -> dict[str, str]:
        """Return what keeps dead letters until they are acknowledged, whatever the broker's defaults are."""
        return {**COMPACTED, "max.message.bytes": str(self._largest(origin_topic) + _ROOM)}

    def _make(self, topic: str, partitions: int, config: Mapping[str, str]) -> None:
        new = NewTopic(topic, partitions, replication_factor=self._settings.replication, config=dict(config))
        try:
            result(self._admin.create_topics([new], request_timeout=_TIMEOUT)[topic])
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise self._failure(f"{topic} cannot be made", error) from error

    def _largest(self, topic: str) -> int:
        resource = ConfigResource(ResourceType.TOPIC, topic)
        try:
            told = result(self._admin.describe_configs([resource], request_timeout=_TIMEOUT)[resource])
        except KafkaException:
            return 100_000_000  # not allowed to ask, or the topic is gone: as large as a consumer fetches
        return int(told["max.message.bytes"].value)

    def _failure(self, what: str, error: KafkaException) -> DeadLetterError:
        cause = error.args[0]
        return DeadLetterError(
            f"Kafka {self._settings.bootstrap}: {what} ({cause.name()}: {cause.str()}); "
            "check the broker and SciCow's rights (ACL)"
        )


def result(answer: "Future[Any]", timeout: float = _LONGEST) -> Any:
    """Wait for the broker's answer. Raises KafkaException, also when none comes in time."""
    try:
        return answer.result(timeout)
    except FutureTimeoutError as error:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT)) from error
