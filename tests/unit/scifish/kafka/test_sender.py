"""Delivery: in order, one process at a time, again after every trouble, and never lost."""

import threading
from pathlib import Path

import pytest

from scifish.database.stored import Stored
from scifish.kafka.producer import DeliveryVerdict
from scifish.kafka.sender import Sender
from scifish.outbox.health import Alarms
from scifish.outbox.outbox import Outbox
from scifish.settings.model import OutboxSettings
from support.kafka.scripted_broker import Broker, fill, in_order, sending
from support.scifish.recorder import checked, message_of, mint


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite")


def test_each_scan_keeps_its_order_and_nothing_is_doubled(outbox: Outbox) -> None:
    keys = fill(outbox, 400)
    broker = Broker()
    with sending(outbox, broker) as sender:
        taken = broker.wait_for(1200)
        assert sender.stop(10)
    assert outbox.level().waiting == 0
    assert sorted((one.pid, one.sequence) for one in taken) == sorted(keys)
    assert in_order(taken)


def test_a_broker_that_answers_late_gets_one_message_of_a_scan_at_a_time(outbox: Outbox) -> None:
    keys = fill(outbox, 30)
    broker = Broker(late=3)
    with sending(outbox, broker) as sender:
        taken = broker.wait_for(90)
        assert sender.stop(10)
    assert broker.overtaken == []
    assert sorted((one.pid, one.sequence) for one in taken) == sorted(keys)
    assert in_order(taken)
    assert len({one.pid for one in taken[:30]}) == 30, "of different scans all go at once"


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

    def rule(stored: Stored) -> tuple[DeliveryVerdict | None, str]:
        return (
            (DeliveryVerdict.RETRY, "unknown topic") if refusing and stored.beamline == "bad" else (None, "")
        )

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

    def rule(stored: Stored) -> tuple[DeliveryVerdict | None, str]:
        attempts.append(stored.id)
        if len(attempts) == 4:
            fourth.set()
        return DeliveryVerdict.RETRY, "unknown topic"

    fill(outbox, 1, events=1)
    broker = Broker(rule)
    sender = Sender(Outbox(outbox.path), lambda: broker, Alarms(OutboxSettings(path=outbox.path)))
    assert fourth.wait(30)
    assert broker.polls < 100
    sender.stop(0)


def test_an_error_keeps_the_order_of_the_scan(outbox: Outbox) -> None:
    failed: set[int] = set()

    def rule(stored: Stored) -> tuple[DeliveryVerdict | None, str]:
        if stored.sequence == 1 and stored.id not in failed:
            failed.add(stored.id)
            return DeliveryVerdict.RETRY, "once"
        return None, ""

    fill(outbox, 5)
    broker = Broker(rule)
    with sending(outbox, broker):
        assert in_order(broker.wait_for(15))


def test_a_fatal_error_makes_a_new_producer(outbox: Outbox) -> None:
    fatal = [True]

    def rule(_: Stored) -> tuple[DeliveryVerdict | None, str]:
        return (DeliveryVerdict.ANEW, "lost count") if fatal and fatal.pop() else (None, "")

    fill(outbox, 2)
    broker = Broker(rule)
    with sending(outbox, broker):
        broker.wait_for(6)
        assert broker.closed >= 1
    assert in_order(broker.taken)


def test_a_message_that_is_too_large_goes_alone_and_then_in_parts(outbox: Outbox) -> None:
    def rule(stored: Stored) -> tuple[DeliveryVerdict | None, str]:
        return (DeliveryVerdict.SPLIT, "too large") if len(stored.body) > 20_000 else (None, "")

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
    rule = lambda one: (DeliveryVerdict.SPLIT, "too large") if len(one.body) > 20_000 else (None, "")  # noqa: E731
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
    broker = Broker(lambda one: (DeliveryVerdict.REFUSE, "odd record") if one.sequence == 1 else (None, ""))
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
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    fill(outbox, 1)
    broker, attempts = Broker(), iter(range(5))

    def connect() -> Broker:
        if next(attempts) < 4:
            raise RuntimeError("no such option")
        return broker

    alarms = Alarms(OutboxSettings(path=outbox.path))
    sender = Sender(Outbox(outbox.path), connect, alarms, after_trouble=0.01)
    broker.wait_for(3)
    sender.stop(5)
    assert caplog.text.count("no such option") == 1
