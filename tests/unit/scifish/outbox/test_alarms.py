"""An outbox that fills, ages or holds what Kafka refused raises an alarm, once."""

from pathlib import Path

import pytest

from scifish.outbox.health import Alarms, alarms
from scifish.outbox.outbox import Outbox
from scifish.settings.model import OutboxSettings
from support.kafka.scripted_broker import fill


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(tmp_path / "outbox.sqlite")


def test_alarms_by_age_size_and_refusal(outbox: Outbox) -> None:
    fill(outbox, 3, events=1)
    outbox.refuse(outbox.pending()[0].id, "no")
    quiet = OutboxSettings(path=outbox.path)
    assert set(alarms(outbox.level(), quiet)) == {"refused"}
    strict = OutboxSettings(path=outbox.path, alarm_age=1e-9, alarm_megabytes=1e-9)
    assert set(alarms(outbox.level(), strict)) == {"age", "size", "refused"}


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
