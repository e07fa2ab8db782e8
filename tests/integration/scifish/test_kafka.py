"""The sender against a real Apache Kafka: away, killed, without the topic, with a small limit, with SASL."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from scifish import SciFish
from scifish.errors import ReceiptsError
from scifish.kafka.producer import KafkaProducer
from scifish.kafka.sender import Sender
from scifish.outbox.health import Alarms
from scifish.outbox.outbox import Outbox
from scifish.runtime import Runtime, close_runtimes
from scifish.settings.model import KafkaSettings, OutboxSettings, SciFishSettings
from scifish.status.kafka_receipts import KafkaReceiptReader
from scizoo.facility.kafka import Kafka
from scizoo.facility.processes import free_port, wait_until
from support.kafka.brokers import Record, asking_for_passwords, consumed, with_password
from support.scifish.recorder import AT_BEAMLINE, message_of, mint, recorder, settings_in

pytestmark = pytest.mark.kafka

LIMIT = 200_000
SASL_PORT = free_port()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A broker that makes no topics by itself, takes small messages only, and also asks for passwords."""
    port = free_port()
    settings = {
        "auto.create.topics.enable": "false",
        "message.max.bytes": str(LIMIT),
        **asking_for_passwords(port, SASL_PORT),
    }
    with Kafka(tmp_path_factory.mktemp("kafka"), port=port, settings=settings) as running:
        yield running


def with_topic(broker: Kafka, beamline: str) -> str:
    """Make the topic of a beamline of the test's own, and return the beamline."""
    admin = AdminClient({"bootstrap.servers": broker.bootstrap, "log_level": 0})
    for made in admin.create_topics([NewTopic(f"metadata.{beamline}", 3, 1)]).values():
        made.result(timeout=30)
    return beamline


def at(folder: Path, beamline: str, bootstrap: str, **more: object) -> SciFishSettings:
    return settings_in(
        folder, beamline=beamline, kafka=KafkaSettings(bootstrap=bootstrap), exit_wait=20, **more
    )


def sender_of(
    outbox: Outbox, bootstrap: str, options: dict[str, str | int | float | bool] | None = None
) -> Sender:
    kafka = KafkaSettings(bootstrap=bootstrap, options=options or {})
    return Sender(
        Outbox(outbox.path),
        lambda: KafkaProducer(kafka, "metadata"),
        Alarms(OutboxSettings(path=outbox.path)),
    )


def record(settings: SciFishSettings, count: int) -> list[str]:
    pids = []
    for number in range(count):
        fish = SciFish(settings=settings)
        fish.start_scan(number)
        fish.send_start()
        fish.end_scan()
        pids.append(fish.pid or "")
    return pids


def by_pid(records: list[Record]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for one in records:
        found.setdefault(one.key, []).append(one.sequence)
    return found


def waits_for(outbox: Outbox, waiting: int) -> None:
    wait_until(lambda: outbox.level().waiting == waiting, f"{waiting} messages wait", 60)


def test_scans_arrive_in_order_with_the_broker_there(broker: Kafka, tmp_path: Path) -> None:
    settings = at(tmp_path, with_topic(broker, "there"), broker.bootstrap)
    with beamline_recorder(settings):
        pids = record(settings, 50)
    records = consumed(broker.bootstrap, "metadata.there", 100)
    assert by_pid(records) == {pid: [0, 1] for pid in pids}


def test_the_broker_is_away_at_the_start_and_at_the_exit(
    broker: Kafka, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What one process leaves in the outbox, the next one delivers; none waits for the broker."""
    with_topic(broker, "away")
    broker.kill()
    settings = at(tmp_path, "away", broker.bootstrap)
    with beamline_recorder(settings):
        first = record(settings, 5)
        wait_until(lambda: "does not answer" in caplog.text, "the trouble is said", 20)
        begun = time.monotonic()
        close_runtimes()
        assert time.monotonic() - begun < 15, "the exit does not wait for a broker that is away"
    assert Outbox(settings.outbox.path).level().waiting == 10
    broker.start()
    with beamline_recorder(settings):
        second = record(settings, 1)
    records = consumed(broker.bootstrap, "metadata.away", 12)
    assert by_pid(records) == {pid: [0, 1] for pid in (*first, *second)}
    assert caplog.text.count("does not answer") == 1


def test_the_broker_is_killed_in_the_middle(broker: Kafka, tmp_path: Path) -> None:
    settings = at(tmp_path, with_topic(broker, "killed"), broker.bootstrap)
    with beamline_recorder(settings):
        pids = record(settings, 100)
        broker.kill()
        pids += record(settings, 100)
        broker.start()
        pids += record(settings, 100)
        waits_for(Outbox(settings.outbox.path), 0)
    records = consumed(broker.bootstrap, "metadata.killed", 600)
    keys = Counter((one.key, one.sequence) for one in records)
    assert set(keys) == {(pid, number) for pid in pids for number in (0, 1)}
    assert all(numbers == sorted(numbers) for numbers in by_pid(records).values())


def test_a_missing_topic_is_said_once_and_holds_up_nobody(
    broker: Kafka, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite")
    with_topic(broker, "exists")
    outbox.put([message_of(mint(), beamline="missing"), message_of(mint(), beamline="exists")])
    sender = sender_of(outbox, broker.bootstrap)
    waits_for(outbox, 1)
    wait_until(lambda: "beamline missing:" in caplog.text, "the missing topic is said", 30)
    with_topic(broker, "missing")
    waits_for(outbox, 0)
    sender.stop(10)
    assert caplog.text.count("Unknown topic or partition; it is tried again") == 1
    assert caplog.text.count("beamline missing: delivery goes on") == 1
    assert len(consumed(broker.bootstrap, "metadata.missing", 1)) == 1


def test_a_message_that_is_too_large_arrives_in_parts(broker: Kafka, tmp_path: Path) -> None:
    """1.5 MB that no compression makes smaller, to a broker that takes 0.2 MB."""
    with_topic(broker, "large")
    metadata = {f"g{one}": {f"i{two}": os.urandom(750).hex() for two in range(50)} for one in range(20)}
    pid = mint()
    outbox = Outbox(tmp_path / "outbox.sqlite")
    large = message_of(pid, 0, beamline="large", scientificMetadata=metadata)
    outbox.put(
        [large, message_of(pid, 1, beamline="large", event="end"), message_of(mint(), beamline="large")]
    )
    sender = sender_of(outbox, broker.bootstrap)
    waits_for(outbox, 0)
    sender.stop(10)
    parts = len(outbox.messages(pid)) - 1
    records = consumed(broker.bootstrap, "metadata.large", parts + 2)
    united: dict[str, dict[str, str]] = {}
    for one in records:
        for group, items in one.message.dataset.scientific_metadata.items():
            united.setdefault(group, {}).update(items)
    assert united == metadata
    assert len({(one.key, one.sequence, one.message.part) for one in records}) == parts + 2


def test_a_large_message_that_compresses_goes_whole(broker: Kafka, tmp_path: Path) -> None:
    with_topic(broker, "zstd")
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.put([message_of(mint(), beamline="zstd", description="the same again " * 100_000)])
    sender = sender_of(outbox, broker.bootstrap)
    waits_for(outbox, 0)
    sender.stop(10)
    [whole] = consumed(broker.bootstrap, "metadata.zstd", 1)
    assert whole.message.parts == 1


@pytest.mark.parametrize("password", ["wrong-hunter2", "right"])
def test_passwords(broker: Kafka, tmp_path: Path, password: str, caplog: pytest.LogCaptureFixture) -> None:
    beamline = with_topic(broker, f"sasl-{password}")
    outbox = Outbox(tmp_path / "outbox.sqlite")
    outbox.put([message_of(mint(), beamline=beamline)])
    sender = sender_of(outbox, f"127.0.0.1:{SASL_PORT}", with_password(password))
    if password == "right":
        waits_for(outbox, 0)
    else:
        wait_until(lambda: "refuses the authentication" in caplog.text, "the refusal is said", 30)
        assert outbox.level().waiting == 1
        assert "correct user and password" in caplog.text
        assert "hunter2" not in caplog.text
        assert caplog.text.count("refuses the authentication") == 1
    sender.stop(5)


@pytest.mark.parametrize("password", ["wrong-hunter2", "right"])
def test_receipts_are_read_with_the_sender_s_password(broker: Kafka, tmp_path: Path, password: str) -> None:
    secret = tmp_path / "password"
    secret.write_text(f"{password}\n")
    options = {**with_password(""), "linger.ms": 3}  # a sender's own option does no harm
    address = f"127.0.0.1:{SASL_PORT}"
    kafka = KafkaSettings(bootstrap=address, options=options, secret_files={"sasl.password": secret})
    said = f"Kafka {address} refuses the authentication" if password != "right" else "has no topic"
    with pytest.raises(ReceiptsError, match=said) as error:
        KafkaReceiptReader(kafka, "metadata").find({mint(): None}, timeout=20)
    assert "hunter2" not in str(error.value)


def beamline_recorder(settings: SciFishSettings) -> AbstractContextManager[Runtime]:
    return recorder(settings, replace(AT_BEAMLINE, beamline=settings.beamline))
