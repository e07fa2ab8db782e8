"""SciFish's sender at a broker with TLS, and a password or a certificate."""

from pathlib import Path

import pytest
from confluent_kafka.admin import AclOperation, ResourceType

from scifish.kafka.producer import KafkaProducer
from scifish.kafka.sender import Sender
from scifish.outbox.health import Alarms
from scifish.outbox.outbox import Outbox
from scifish.settings.model import KafkaSettings, OutboxSettings
from scizoo.facility.processes import wait_until
from support.kafka.brokers import consumed
from support.kafka.secure import (
    PASSWORD,
    SCRAM,
    USER,
    SecureKafka,
    certificate,
    certificates,
    rights,
)
from support.scifish.recorder import message_of, mint

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def secured(secured: SecureKafka) -> SecureKafka:
    secured.allow(*rights(ResourceType.TOPIC, "metadata.", [AclOperation.WRITE]))
    return secured


def sender_of(outbox: Outbox, kafka: KafkaSettings) -> Sender:
    return Sender(
        Outbox(outbox.path),
        lambda: KafkaProducer(kafka, "metadata"),
        Alarms(OutboxSettings(path=outbox.path)),
    )


def with_password(secured: SecureKafka, secrets: Path, mechanism: str) -> KafkaSettings:
    secured.remember()
    if mechanism == "PLAIN":  # by the settings' own names
        secrets.write_text(f"{PASSWORD}\n")
        return KafkaSettings(
            bootstrap=secured.address,
            security_protocol="SASL_SSL",
            ca_file=secured.ca_file,
            mechanism=mechanism,
            username=USER,
            password_file=secrets,
        )
    options: dict[str, str | int | float | bool] = {**secured.client(mechanism=mechanism)}
    secrets.write_text(f"{options.pop('sasl.password')}\n")
    return KafkaSettings(bootstrap=secured.address, options=options, secret_files={"sasl.password": secrets})


def with_certificate(secured: SecureKafka, secrets: Path) -> KafkaSettings:
    """Return the settings of a client with a certificate, and an encrypted key."""
    file, key = certificate(secured.ca_file, USER, password=PASSWORD)
    secrets.write_text(f"{PASSWORD}\n")
    return KafkaSettings(
        bootstrap=secured.mutual,
        security_protocol="SSL",
        ca_file=secured.ca_file,
        certificate_file=file,
        key_file=key,
        key_password_file=secrets,
    )


@pytest.mark.parametrize("way", ["PLAIN", SCRAM, "certificate"])
def test_messages_arrive_through_tls(secured: SecureKafka, tmp_path: Path, way: str) -> None:
    outbox, secrets = Outbox(tmp_path / "outbox.sqlite"), tmp_path / "secret"
    certified = way == "certificate"
    kafka = with_certificate(secured, secrets) if certified else with_password(secured, secrets, way)
    pids, beamline = [mint() for _ in range(20)], f"bl-{way.lower()}"
    secured.make_topic(f"metadata.{beamline}")
    outbox.put([message_of(pid, beamline=beamline) for pid in pids])
    sender = sender_of(outbox, kafka)
    wait_until(lambda: outbox.level().waiting == 0, "all is sent", 60)
    sender.stop(10)
    assert [one.key for one in consumed(secured.open, f"metadata.{beamline}", 20)] == pids


def test_a_broker_of_another_authority_gets_nothing(
    secured: SecureKafka, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other, _ = certificates(tmp_path)
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.put([message_of(mint(), beamline="bl01")])
    secured.make_topic("metadata.bl01")
    options: dict[str, str | int | float | bool] = {**secured.client(ca_file=other)}
    sender = sender_of(outbox, KafkaSettings(bootstrap=secured.address, options=options))
    wait_until(lambda: "certificate" in caplog.text, "it is said", 60)
    assert outbox.level().waiting == 1
    assert "hunter2" not in caplog.text
    sender.stop(5)
