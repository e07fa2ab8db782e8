"""The reader of receipts with a real Kafka: long topics, several partitions, a broker that goes away."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from scifish.contract.receipt import Receipt
from scifish.errors import ReceiptsError
from scifish.settings.model import KafkaSettings
from scifish.status.kafka_receipts import CLOCKS_APART, KafkaReceiptReader
from scizoo.facility.kafka import Kafka
from scizoo.facility.processes import free_port, quiet, wait_until
from support.kafka.brokers import asking_for_passwords, with_password
from support.scifish.recorder import mint

pytestmark = pytest.mark.kafka

NOW = datetime.now(timezone.utc)
LONG = 100_000


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    with Kafka(tmp_path_factory.mktemp("kafka")) as running:
        yield running


def reader(broker: Kafka, prefix: str) -> KafkaReceiptReader:
    return KafkaReceiptReader(KafkaSettings(bootstrap=broker.bootstrap), prefix)


def with_topic(broker: Kafka, prefix: str, partitions: int = 1) -> None:
    admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    compacted = NewTopic(f"{prefix}-receipts", partitions, 1, config={"cleanup.policy": "compact"})
    for made in admin.create_topics([compacted]).values():
        made.result(timeout=30)
    options = {"bootstrap.servers": broker.bootstrap, "group.id": "looks", "log_level": 0}
    with closing(Consumer(options)) as looks:

        def led() -> bool:
            for number in range(partitions):
                looks.get_watermark_offsets(TopicPartition(f"{prefix}-receipts", number), timeout=10)
            return True

        # The broker says that it has made a topic before it leads all of its partitions.
        wait_until(quiet(led, KafkaException), f"{prefix}-receipts has its leader", 60)


def write(broker: Kafka, prefix: str, pids: list[str], at: datetime, sequence: int = 0) -> None:
    """Write a receipt for each pid, as of `at`."""
    producer = Producer({"bootstrap.servers": broker.bootstrap, "linger.ms": 20, "log_level": 0})
    for pid in pids:
        body = Receipt(pid=pid, state="catalogued", sequence=sequence, time=at).model_dump_json(by_alias=True)
        producer.produce(f"{prefix}-receipts", body, pid, timestamp=int(at.timestamp() * 1000))
        producer.poll(0)
    assert producer.flush(60) == 0


def timed(ask: Callable[[], object]) -> float:
    begun = time.monotonic()
    assert ask()
    return time.monotonic() - begun


def test_of_a_long_topic_only_what_may_hold_the_receipt_is_read(broker: Kafka) -> None:
    """The whole topic would not be read within this time; from the scan's start on it is."""
    with_topic(broker, "long")
    pid = mint()
    for begin in range(0, LONG, 50_000):
        write(broker, "long", [str(one) for one in range(begin, begin + 50_000)], NOW - timedelta(days=1))
    write(broker, "long", [pid], NOW)
    find = reader(broker, "long").find
    assert find({pid: NOW}, timeout=20)[pid].sequence == 0
    recent = min(timed(lambda: find({pid: NOW}, timeout=20)) for _ in range(3))
    assert recent < timed(lambda: find({pid: None}, timeout=60)) / 3
    with pytest.raises(ReceiptsError, match=r"long-receipts could not be read within 0\.1 s"):
        find({pid: None}, timeout=0.1)


def test_clocks_may_be_apart(broker: Kafka) -> None:
    with_topic(broker, "apart")
    near, far = mint(), mint()
    write(broker, "apart", [far], NOW - CLOCKS_APART - timedelta(minutes=1))
    write(broker, "apart", [near], NOW - CLOCKS_APART + timedelta(minutes=1))
    assert set(reader(broker, "apart").find({near: NOW, far: NOW}, timeout=20)) == {near}
    assert set(reader(broker, "apart").find({near: NOW, far: None}, timeout=20)) == {near, far}


def test_a_topic_of_several_partitions_some_empty_or_old(broker: Kafka) -> None:
    with_topic(broker, "wide", partitions=5)
    find = reader(broker, "wide").find
    pids = [mint() for _ in range(12)]
    assert find(dict.fromkeys(pids, NOW), timeout=20) == {}
    write(broker, "wide", pids, NOW - timedelta(days=1))
    assert find(dict.fromkeys(pids, NOW), timeout=20) == {}
    write(broker, "wide", pids[:3], NOW, sequence=1)
    found = find(dict.fromkeys(pids, NOW - timedelta(days=2)), timeout=20)
    assert [found[pid].sequence for pid in pids] == [1] * 3 + [0] * 9


def test_a_broker_that_was_killed_is_said_and_asked_again(broker: Kafka) -> None:
    with_topic(broker, "killed")
    pid = mint()
    write(broker, "killed", [pid], NOW)
    asked = reader(broker, "killed")
    assert set(asked.find({pid: NOW}, timeout=20)) == {pid}
    broker.kill()
    with pytest.raises(ReceiptsError, match=r"^Kafka 127\.0\.0\.1:\d+ does not answer"):
        asked.find({pid: NOW}, timeout=20)
    broker.start()
    assert set(asked.find({pid: NOW}, timeout=30)) == {pid}


def test_the_right_to_read_the_topic_is_all_that_is_needed(tmp_path: Path) -> None:
    """Where rights are checked (ACL), no right to a consumer group is asked for."""
    port, sasl_port = free_port(), free_port()
    checked = {
        **asking_for_passwords(port, sasl_port),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",
    }
    pid = mint()
    with Kafka(tmp_path, port=port, settings=checked) as broker:
        with_topic(broker, "rights")
        write(broker, "rights", [pid], NOW)
        kafka = KafkaSettings(bootstrap=f"127.0.0.1:{sasl_port}", options=with_password("right"))
        asked = KafkaReceiptReader(kafka, "rights")
        with pytest.raises(ReceiptsError, match=r"Topic authorization failed\); check the rights \(ACL\)"):
            asked.find({pid: NOW}, timeout=20)
        allow_reading(broker, "rights-receipts")
        wait_until(lambda: readable(asked, pid), "the right is in force", 20)
        assert set(asked.find({pid: NOW}, timeout=20)) == {pid}


def allow_reading(broker: Kafka, topic: str) -> None:
    admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    right = AclBinding(
        ResourceType.TOPIC,
        topic,
        ResourcePatternType.LITERAL,
        "User:bl01",
        "*",
        AclOperation.READ,
        AclPermissionType.ALLOW,
    )
    admin.create_acls([right])[right].result(timeout=30)


def readable(asked: KafkaReceiptReader, pid: str) -> bool:
    try:
        return bool(asked.find({pid: NOW}, timeout=30))
    except ReceiptsError:
        return False
