"""Brokers and consumers for the tests of scifish's sender."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from scifish.message import Message
from support.scifish import checked


@dataclass(frozen=True)
class Record:
    """One record of a topic."""

    key: str
    sequence: int
    headers: dict[str, str]
    message: Message


@contextmanager
def mock_broker() -> Iterator[str]:
    """Give the address of librdkafka's own broker, which lives in this process."""
    owner = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 0})
    brokers = owner.list_topics(timeout=10).brokers.values()
    yield ",".join(f"{one.host}:{one.port}" for one in brokers)
    owner.flush(1)


def consumed(bootstrap: str, topic: str, count: int, *, seconds: float = 30) -> list[Record]:
    """Read `count` records of a topic from its beginning; fewer when they do not come in time."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "test", "log_level": 0})
    partitions = consumer.list_topics(topic, timeout=seconds).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, OFFSET_BEGINNING) for number in partitions])
    records: list[Record] = []
    try:
        while len(records) < count:
            received = consumer.poll(seconds)
            if received is None:
                break
            if received.error() is None:
                records.append(_record(received))
    finally:
        consumer.close()
    return records


def _record(received: "object") -> Record:
    from confluent_kafka import Message as Received

    assert isinstance(received, Received)
    body, key = received.value(), received.key()
    assert isinstance(body, bytes)
    assert isinstance(key, bytes)
    message = checked(body)
    headers = {
        name: str(value, "utf-8")
        for name, value in dict(received.headers() or ()).items()
        if isinstance(value, bytes)
    }
    return Record(key.decode(), message.sequence, headers, message)
