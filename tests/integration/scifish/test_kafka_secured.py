"""SciFish's sender at a broker with TLS and a password."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import AclOperation, AdminClient, NewTopic, ResourceType

from scifish.alarms import Alarms
from scifish.kafka import KafkaTransport
from scifish.outbox import Outbox
from scifish.sender import Sender
from scifish.settings import KafkaSettings, OutboxSettings
from scizoo.processes import wait_until
from support.scifish import message_of, mint
from support.scifishkafka import consumed
from support.securekafka import SecureKafka, certificates, rights, secure_kafka

pytestmark = pytest.mark.kafka
TOPIC = "metadata.bl01"


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    with secure_kafka(tmp_path_factory.mktemp("secured")) as running:
        admin = AdminClient({"bootstrap.servers": running.open, "log_level": 0})
        admin.create_topics([NewTopic(TOPIC, 1, 1)])[TOPIC].result(30)
        running.allow(*rights(ResourceType.TOPIC, "metadata.", [AclOperation.WRITE]))
        yield running


def sender_of(outbox: Outbox, secured: SecureKafka, options: dict[str, str]) -> Sender:
    kafka = KafkaSettings(bootstrap=secured.address, options=dict(options))
    return Sender(
        Outbox(outbox.path),
        lambda: KafkaTransport(kafka, "metadata"),
        Alarms(OutboxSettings(path=outbox.path)),
    )


def test_messages_arrive_through_tls_with_a_password(secured: SecureKafka, tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    pids = [mint() for _ in range(20)]
    outbox.put([message_of(pid, beamline="bl01") for pid in pids])
    sender = sender_of(outbox, secured, secured.client())
    wait_until(lambda: outbox.level().waiting == 0, "all is sent", 60)
    sender.stop(10)
    assert [one.key for one in consumed(secured.open, TOPIC, 20)] == pids


def test_a_broker_of_another_authority_gets_nothing(
    secured: SecureKafka, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other, _ = certificates(tmp_path)
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.put([message_of(mint(), beamline="bl01")])
    sender = sender_of(outbox, secured, secured.client(ca_file=other))
    wait_until(lambda: "certificate" in caplog.text, "it is said", 60)
    assert outbox.level().waiting == 1
    assert "hunter2" not in caplog.text
    sender.stop(5)
