"""A real Kafka broker: round trip, kill -9, the same messages after a restart."""

from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer

from scizoo.facility.kafka import Kafka
from scizoo.facility.processes import wait_until
from support.running_services import kafka

pytestmark = pytest.mark.kafka
TOPIC = "metadata.test"


def produce(bootstrap: str, *bodies: bytes) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "enable.idempotence": True, "log_level": 0})
    for body in bodies:
        producer.produce(TOPIC, body, key=b"pid")
    assert producer.flush(30) == 0


def consume(bootstrap: str, group: str, count: int) -> list[bytes]:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "log_level": 0,
        }
    )
    found: list[bytes] = []

    def enough() -> bool:
        message = consumer.poll(0.2)
        if message is not None and message.error() is None:
            found.append(bytes(message.value() or b""))
        return len(found) >= count

    try:
        consumer.subscribe([TOPIC])
        wait_until(enough, f"{count} messages have come", 30)
        consumer.commit(asynchronous=False)
    finally:
        consumer.close()
    return found


def test_messages_and_offsets_survive_a_kill(tmp_path: Path) -> None:
    big = b"x" * 9_000_000
    with Kafka(tmp_path) as broker:
        produce(broker.bootstrap, b"one", b"two")
        assert consume(broker.bootstrap, "readers", 2) == [b"one", b"two"]
        broker.kill()
        assert not broker.child.running
        broker.start()
        producer_limit = {"bootstrap.servers": broker.bootstrap, "message.max.bytes": 10_000_000}
        producer = Producer({**producer_limit, "log_level": 0})
        producer.produce(TOPIC, big, key=b"pid")
        assert producer.flush(30) == 0
        assert consume(broker.bootstrap, "readers", 1) == [big]
        assert consume(broker.bootstrap, "others", 3) == [b"one", b"two", big]
    assert not broker.child.running


def test_a_named_broker_is_used_and_none_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIZOO_KAFKA", "broker.example:9092")
    with kafka(tmp_path / "kafka") as bootstrap:
        assert bootstrap == "broker.example:9092"
    assert not (tmp_path / "kafka").exists()
