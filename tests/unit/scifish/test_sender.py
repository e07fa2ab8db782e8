"""Delivery: in order, one process at a time, again after every trouble, and never lost."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import KafkaError

from scifish.alarms import Alarms
from scifish.kafka import KafkaTransport, Outcome, Verdict, verdict_on, without_secrets
from scifish.outbox import Outbox, Stored
from scifish.sender import Sender
from scifish.settings import KafkaSettings, OutboxSettings
from support.scifish import checked, message_of, mint
from support.scifishkafka import consumed, mock_broker


class Broker:
    """Takes messages as told by `rule`, which answers with an outcome's verdict and reason."""

    def __init__(self, rule: Callable[[Stored], tuple[Verdict | None, str]] = lambda _: (None, "")) -> None:
        self.rule = rule
        self.taken: list[Stored] = []
        self.closed = 0
        self.polls = 0
        self.down = False
        self._outcomes: list[Outcome] = []
        self._change = threading.Condition()

    def produce(self, stored: Stored) -> None:
        verdict, reason = self.rule(stored)
        with self._change:
            self._outcomes.append(Outcome(stored, verdict, reason))
            if verdict is None:
                self.taken.append(stored)
            self._change.notify_all()

    def poll(self, seconds: float) -> list[Outcome]:
        self.polls += 1
        with self._change:
            outcomes, self._outcomes = self._outcomes, []
        return outcomes

    def close(self) -> None:
        self.closed += 1

    def wait_for(self, count: int) -> list[Stored]:
        with self._change:
            assert self._change.wait_for(lambda: len(self.taken) >= count, timeout=10), len(self.taken)
        return self.taken


@contextmanager
def sending(outbox: Outbox, broker: Broker) -> Iterator[Sender]:
    sender = Sender(Outbox(outbox.path), lambda: broker, Alarms(OutboxSettings(path=outbox.path)))
    try:
        yield sender
    finally:
        sender.stop(10)


@pytest.fixture
def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    monkeypatch.setattr("scifish.backlog.FIRST_HOLD", 0.05)
    return Outbox(tmp_path / "outbox.sqlite")


def fill(outbox: Outbox, scans: int, events: int = 3) -> list[tuple[str, int]]:
    keys = []
    for _ in range(scans):
        pid = mint()
        outbox.put([message_of(pid, number, event="update") for number in range(events)])
        keys += [(pid, number) for number in range(events)]
    return keys


def test_each_scan_keeps_its_order_and_nothing_is_doubled(outbox: Outbox) -> None:
    keys = fill(outbox, 400)
    broker = Broker()
    with sending(outbox, broker) as sender:
        taken = broker.wait_for(1200)
        assert sender.stop(10)
    assert outbox.level().waiting == 0
    assert sorted((one.pid, one.sequence) for one in taken) == sorted(keys)
    assert in_order(taken)


def test_what_comes_later_is_sent_at_once(outbox: Outbox) -> None:
    broker = Broker()
    with sending(outbox, broker) as sender:
        fill(outbox, 1, events=1)
        sender.wake()
        broker.wait_for(1)


def test_a_stubborn_beamline_does_not_hold_up_the_others(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    refusing = True

    def rule(stored: Stored) -> tuple[Verdict | None, str]:
        return (Verdict.RETRY, "unknown topic") if refusing and stored.beamline == "bad" else (None, "")

    for number in range(40):
        outbox.put([message_of(mint(), beamline="bad" if number % 2 else "good")])
    broker = Broker(rule)
    with sending(outbox, broker):
        for number in range(20, 25):
            assert {one.beamline for one in broker.wait_for(number)} == {"good"}
            outbox.put([message_of(mint(), beamline="good")])
        broker.wait_for(25)
        refusing = False
        broker.wait_for(45)
    assert in_order(broker.taken)
    assert caplog.text.count("unknown topic") == 1, "said once"
    assert caplog.text.count("beamline bad: delivery goes on") == 1


def test_waiting_for_a_stubborn_beamline_costs_no_processor(outbox: Outbox) -> None:
    fourth = threading.Event()
    attempts: list[int] = []

    def rule(stored: Stored) -> tuple[Verdict | None, str]:
        attempts.append(stored.id)
        if len(attempts) == 4:
            fourth.set()
        return Verdict.RETRY, "unknown topic"

    fill(outbox, 1, events=1)
    broker = Broker(rule)
    sender = Sender(Outbox(outbox.path), lambda: broker, Alarms(OutboxSettings(path=outbox.path)))
    assert fourth.wait(10)
    assert broker.polls < 100
    sender.stop(0)


def test_an_error_keeps_the_order_of_the_scan(outbox: Outbox) -> None:
    failed: set[int] = set()

    def rule(stored: Stored) -> tuple[Verdict | None, str]:
        if stored.sequence == 1 and stored.id not in failed:
            failed.add(stored.id)
            return Verdict.RETRY, "once"
        return None, ""

    fill(outbox, 5)
    broker = Broker(rule)
    with sending(outbox, broker):
        assert in_order(broker.wait_for(15))


def test_a_fatal_error_makes_a_new_producer(outbox: Outbox) -> None:
    fatal = [True]

    def rule(_: Stored) -> tuple[Verdict | None, str]:
        return (Verdict.ANEW, "lost count") if fatal and fatal.pop() else (None, "")

    fill(outbox, 2)
    broker = Broker(rule)
    with sending(outbox, broker):
        broker.wait_for(6)
        assert broker.closed >= 1
    assert in_order(broker.taken)


def test_a_message_that_is_too_large_goes_alone_and_then_in_parts(outbox: Outbox) -> None:
    def rule(stored: Stored) -> tuple[Verdict | None, str]:
        return (Verdict.SPLIT, "too large") if len(stored.body) > 20_000 else (None, "")

    metadata = {f"group {one}": {f"item {two}": "x" * 100 for two in range(50)} for one in range(20)}
    large = message_of(mint(), scientificMetadata=metadata)
    outbox.put([large, message_of(large.pid, 1, event="end")])
    broker = Broker(rule)
    with sending(outbox, broker) as sender:
        broker.wait_for(8)
        assert sender.stop(10)
    parts = [checked(one.body) for one in broker.taken if one.sequence == 0]
    assert len({part.part for part in parts}) == len(parts) > 5
    united: dict[str, dict[str, str]] = {}
    for part in parts:
        for group, items in part.dataset.scientific_metadata.items():
            united.setdefault(group, {}).update(items)
    assert united == metadata


def test_a_field_that_kafka_is_too_small_for_is_cut_and_the_scan_arrives(outbox: Outbox) -> None:
    """What stands in each part cannot be spread."""
    rule = lambda one: (Verdict.SPLIT, "too large") if len(one.body) > 20_000 else (None, "")  # noqa: E731
    outbox.put([message_of(mint(), description="d" * 50_000, scientificMetadata={"energy": 12.7})])
    broker = Broker(rule)
    with sending(outbox, broker):
        [taken] = broker.wait_for(1)
    message = checked(taken.body)
    assert message.dataset.scientific_metadata == {"energy": 12.7}
    assert message.dataset.description == "d" * 200 + "…"
    assert message.problems == ("dataset.description: 50002 bytes, too large: cut",)


def test_what_kafka_will_never_take_is_kept_with_its_reason(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    keys = fill(outbox, 1)
    broker = Broker(lambda one: (Verdict.REFUSE, "odd record") if one.sequence == 1 else (None, ""))
    with sending(outbox, broker):
        broker.wait_for(2)
    [refused] = [one for one in outbox.messages() if one.refused]
    assert (refused.pid, refused.sequence, refused.refused) == (keys[0][0], 1, "odd record")
    assert "scifish outbox resend" in caplog.text


def test_only_one_of_two_senders_delivers(outbox: Outbox) -> None:
    fill(outbox, 50)
    first, second = Broker(), Broker()
    with sending(outbox, first):
        first.wait_for(150)
        with sending(outbox, second):
            fill(outbox, 50)
            first.wait_for(300)
    assert second.taken == []


def test_the_second_takes_over_when_the_first_leaves(outbox: Outbox) -> None:
    fill(outbox, 1)
    first, second = Broker(), Broker()
    with sending(outbox, first) as one:
        first.wait_for(3)
        with sending(outbox, second):
            one.stop(5)
            fill(outbox, 1)
            second.wait_for(3)


def test_a_connection_that_fails_is_said_once_and_tried_again(
    outbox: Outbox, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scifish.sender.AFTER_TROUBLE", 0.01)
    fill(outbox, 1)
    broker, attempts = Broker(), iter(range(5))

    def connect() -> Broker:
        if next(attempts) < 4:
            raise RuntimeError("no such option")
        return broker

    sender = Sender(Outbox(outbox.path), connect, Alarms(OutboxSettings(path=outbox.path)))
    broker.wait_for(3)
    sender.stop(5)
    assert caplog.text.count("no such option") == 1


def test_alarms_are_logged_once(outbox: Outbox, caplog: pytest.LogCaptureFixture) -> None:
    fill(outbox, 1)
    watch = Alarms(OutboxSettings(path=outbox.path, alarm_age=1e-9), every=0)
    watch.look(outbox)
    watch.look(outbox)
    assert caplog.text.count("check the delivery") == 1
    outbox.delivered([row.id for row in outbox.pending()])
    watch.look(outbox)
    fill(outbox, 1)
    watch.look(outbox)
    assert caplog.text.count("check the delivery") == 2


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (KafkaError(KafkaError.MSG_SIZE_TOO_LARGE), Verdict.SPLIT),
        (KafkaError(KafkaError.RECORD_LIST_TOO_LARGE), Verdict.SPLIT),
        (KafkaError(KafkaError.INVALID_RECORD), Verdict.REFUSE),
        (KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART), Verdict.RETRY),
        (KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED), Verdict.RETRY),
        (KafkaError(KafkaError._MSG_TIMED_OUT), Verdict.RETRY),
        (KafkaError(KafkaError._FATAL, "gone", True), Verdict.ANEW),
    ],
)
def test_fatal_or_not_is_decided_in_one_place(error: KafkaError, verdict: Verdict) -> None:
    assert verdict_on(error) is verdict


def test_librdkafka_s_own_broker_gets_everything_with_headers_and_key(outbox: Outbox) -> None:
    keys = fill(outbox, 20)
    with mock_broker() as bootstrap:
        transport = lambda: KafkaTransport(KafkaSettings(bootstrap=bootstrap), "metadata")  # noqa: E731
        sender = Sender(Outbox(outbox.path), transport, Alarms(OutboxSettings(path=outbox.path)))
        assert sender.stop(10)
        records = consumed(bootstrap, "metadata.bl01", 60)
    assert sorted((one.key, one.sequence) for one in records) == sorted(keys)
    for pid in {one.key for one in records}:
        assert [one.sequence for one in records if one.key == pid] == [0, 1, 2]
    assert records[0].headers["schema"] == "scizoo-message/1.0"
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
    transport = KafkaTransport(settings, "metadata")
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
        KafkaTransport(KafkaSettings(bootstrap="h:1", options={"sasl.mechanism.typo": "x"}), "metadata")


def test_secrets_are_masked_in_any_text() -> None:
    assert without_secrets("bad hunter2", {"sasl.password": "hunter2"}) == "bad ********"
    assert without_secrets("user bl01", {"sasl.username": "bl01"}) == "user bl01"


def in_order(taken: list[Stored]) -> bool:
    last: dict[str, int] = {}
    for one in taken:
        if one.sequence < last.get(one.pid, -1):
            return False
        last[one.pid] = one.sequence
    return True
