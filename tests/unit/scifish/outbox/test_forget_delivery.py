"""What has become proprietary is no longer sent, whoever has it in its hands."""

import threading
from pathlib import Path

import pytest

from scicow.sources.outbox import OutboxSource
from scicow.sources.outbox import OutboxSourceSettings as SourceSettings
from scifish.database.stored import Stored
from scifish.kafka.producer import DeliveryOutcome, KafkaProducer
from scifish.kafka.sender import Sender
from scifish.outbox.health import Alarms
from scifish.outbox.outbox import Outbox
from scifish.settings.model import KafkaSettings, OutboxSettings
from scizoo.facility.processes import wait_until
from support.kafka.scripted_broker import Broker, sending
from support.scifish.recorder import message_of, mint
from support.scifish.secret_entry import secret


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite")


def test_who_delivers_is_told_what_may_still_go(outbox: Outbox) -> None:
    pids = [mint(), mint()]
    outbox.put([message_of(pid) for pid in pids])
    first, second = (one.id for one in outbox.pending())
    assert outbox.forget(pids[0]) == 0
    assert outbox.hand_over([first, second]) == {second}
    assert outbox.forgotten([first, second]) == {first}
    assert outbox.forget(pids[1]) == 1


def test_what_was_delivered_counts_once(outbox: Outbox) -> None:
    pid = mint()
    outbox.put([message_of(pid), message_of(pid, 1)])
    ids = [one.id for one in outbox.pending()]
    outbox.hand_over(ids)
    outbox.delivered(ids[:1])
    said: list[int] = []
    assert outbox.forget(pid, said.append) == 2
    assert said == [2]


def test_the_sender_does_not_send_what_was_forgotten_behind_its_back(outbox: Outbox) -> None:
    """It reads ahead: the second message of a scan waits in memory until the first one has arrived."""
    mine, other = mint(), mint()
    outbox.put([secret(mine), secret(mine, 1)])
    held = threading.Event()

    class Slow(Broker):
        """Confirms what it has taken when it is told to."""

        def poll(self, seconds: float) -> list[DeliveryOutcome]:
            return super().poll(seconds) if held.wait(seconds) else []

    broker = Slow()
    with sending(outbox, broker):
        broker.wait_for(1)
        assert outbox.forget(mine) == 1
        held.set()
        outbox.put([message_of(other)])
        broker.wait_for(2)
    assert [(one.pid, one.sequence) for one in broker.taken] == [(mine, 0), (other, 0)]


def test_the_sender_empties_the_queue_to_a_broker_that_is_away(
    outbox: Outbox, caplog: pytest.LogCaptureFixture
) -> None:
    """librdkafka keeps what it was given for ever: it would send it when the broker is back."""
    mine, other = mint(), mint()
    outbox.put([secret(mine), message_of(other)])
    given: list[list[str]] = []

    class Queueing(KafkaProducer):
        """librdkafka's own queue; notes what goes into it."""

        def produce(self, stored: Stored) -> None:
            super().produce(stored)
            given[-1].append(stored.pid)

    def connect() -> Queueing:
        given.append([])
        return Queueing(KafkaSettings(bootstrap="127.0.0.1:1"), "metadata")

    sender = Sender(Outbox(outbox.path), connect, Alarms(OutboxSettings(path=outbox.path)))
    try:
        wait_until(lambda: given == [[mine, other]], "both are queued", 20)
        assert outbox.forget(mine) == 1
        wait_until(lambda: given == [[mine, other], [other]], "the other is queued again", 20)
    finally:
        sender.stop(0)
    assert f"entry {mine} is proprietary: its message 0 was taken out of the queue" in caplog.text
    assert other not in caplog.text


def test_scicow_asks_before_each_attempt(outbox: Outbox) -> None:
    mine, other = mint(), mint()
    outbox.put([secret(mine), message_of(other)])
    source = OutboxSource(SourceSettings(path=outbox.path), lambda belongs: None)
    try:
        given = [one for one in (source.poll(5), source.poll(5)) if one is not None]
        assert len(given) == 2
        outbox.forget(mine)
        assert [one.pid for one in given[0].standing(given)] == [other]
        assert outbox.forget(other) == 1, "what was asked for counts as sent"
    finally:
        source.close()


def test_a_split_of_what_was_forgotten_changes_nothing(outbox: Outbox) -> None:
    pid = mint()
    outbox.put([message_of(pid)])
    [stored] = outbox.pending()
    outbox.forget(pid)
    outbox.split(stored.id, [message_of(pid), message_of(pid)])
    assert outbox.pending() == []
