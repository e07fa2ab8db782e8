"""The sender's side of Kafka: what an error means, headers and keys, and no secret in any text."""

import logging
from pathlib import Path

import pytest
from confluent_kafka import KafkaError

from scifish.common.masking import without_secrets
from scifish.kafka.producer import DeliveryVerdict, KafkaProducer, verdict_on
from scifish.kafka.sender import Sender
from scifish.outbox.health import Alarms
from scifish.outbox.outbox import Outbox
from scifish.settings.model import KafkaSettings, OutboxSettings
from support.kafka.brokers import consumed, mock_broker
from support.kafka.scripted_broker import fill


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite")


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (KafkaError(KafkaError.MSG_SIZE_TOO_LARGE), DeliveryVerdict.SPLIT),
        (KafkaError(KafkaError.RECORD_LIST_TOO_LARGE), DeliveryVerdict.SPLIT),
        (KafkaError(KafkaError.INVALID_RECORD), DeliveryVerdict.REFUSE),
        (KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART), DeliveryVerdict.RETRY),
        (KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED), DeliveryVerdict.RETRY),
        (KafkaError(KafkaError._MSG_TIMED_OUT), DeliveryVerdict.RETRY),
        (KafkaError(KafkaError._FATAL, "gone", True), DeliveryVerdict.ANEW),
    ],
)
def test_fatal_or_not_is_decided_in_one_place(error: KafkaError, verdict: DeliveryVerdict) -> None:
    assert verdict_on(error) is verdict


def test_librdkafka_s_own_broker_gets_everything_with_headers_and_key(outbox: Outbox) -> None:
    keys = fill(outbox, 20)
    with mock_broker() as bootstrap:
        transport = lambda: KafkaProducer(KafkaSettings(bootstrap=bootstrap), "metadata")  # noqa: E731
        sender = Sender(Outbox(outbox.path), transport, Alarms(OutboxSettings(path=outbox.path)))
        assert sender.stop(10)
        records = consumed(bootstrap, "metadata.bl01", 60)
    assert sorted((one.key, one.sequence) for one in records) == sorted(keys)
    for pid in {one.key for one in records}:
        assert [one.sequence for one in records if one.key == pid] == [0, 1, 2]
    assert records[0].headers["schema"] == "scizoo-message/1.2"
    assert records[0].headers["event"] == "update"
    assert records[0].headers["scizoo-source"].startswith("scifish/")
    assert outbox.level().waiting == 0


def test_a_broker_that_is_away_is_said_once_without_secrets(
    outbox: Outbox, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    fill(outbox, 1)
    options: dict[str, str | int | float | bool] = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanisms": "PLAIN",
        "sasl.username": "bl01",
        "sasl.password": "hunter2",
    }
    settings = KafkaSettings(bootstrap="127.0.0.1:1", options=options)
    transport = KafkaProducer(settings, "metadata")
    transport.produce(outbox.pending()[0])
    with caplog.at_level(logging.DEBUG):
        for _ in range(20):
            assert transport.poll(0.05) == []
        transport.close()
    assert transport.down
    assert caplog.text.count("does not answer; entries wait in the outbox") == 1
    assert "hunter2" not in caplog.text
    assert capfd.readouterr() == ("", "")


def test_an_option_that_librdkafka_does_not_know_is_named() -> None:
    with pytest.raises(Exception, match=r"sasl\.mechanism\.typo"):
        KafkaProducer(KafkaSettings(bootstrap="h:1", options={"sasl.mechanism.typo": "x"}), "metadata")


def test_secrets_are_masked_in_any_text() -> None:
    assert without_secrets("bad hunter2", {"sasl.password": "hunter2"}) == "bad ********"
    assert without_secrets("user bl01", {"sasl.username": "bl01"}) == "user bl01"
