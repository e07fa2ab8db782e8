"""Brokers and consumers for the tests of scifish's sender."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

from scifish.contract.message import Message
from scizoo.facility.processes import free_port
from support.scifish.recorder import checked


@dataclass(frozen=True)
class Record:
    """One record of a topic."""

    key: str
    sequence: int
    headers: dict[str, str]
    message: Message


def asking_for_passwords(port: int, sasl_port: int) -> dict[str, str]:
    """Return a broker's settings for a second listener, which asks the user bl01 for the password `right`."""
    controller = free_port()
    listeners = f"PLAINTEXT://127.0.0.1:{port},SASL://127.0.0.1:{sasl_port}"
    return {
        "controller.quorum.voters": f"1@127.0.0.1:{controller}",
        "listeners": f"{listeners},CONTROLLER://127.0.0.1:{controller}",
        "advertised.listeners": listeners,
        "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT",
        "sasl.enabled.mechanisms": "PLAIN",
        "listener.name.sasl.plain.sasl.jaas.config": "org.apache.kafka.common.security.plain."
        'PlainLoginModule required user_bl01="right";',
    }


def with_password(password: str) -> dict[str, str | int | float | bool]:
    """Return the options of a client that gives this password."""
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanisms": "PLAIN",
        "sasl.username": "bl01",
        "sasl.password": password,
    }


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
