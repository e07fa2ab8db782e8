"""The end of a process's delivery: within the time that it is given, whatever hangs."""

import socket
import time
from pathlib import Path

import pytest

from scifish.delivery import delivery
from scifish.files.file_watch import FileWatch
from scifish.outbox.outbox import Outbox
from scifish.settings.model import KafkaSettings, OutboxSettings, SciFishSettings
from support.scifish.recorder import message_of, mint

GIVEN = 0.5  # seconds
MARGIN = 4.0  # of a busy machine; the disk alone would be waited for 5 s


def test_a_disk_and_a_broker_that_hang_share_the_time_of_the_exit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))  # where the writer saves what the disk refuses
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        settings = SciFishSettings(
            mode="kafka",
            kafka=KafkaSettings(bootstrap=f"127.0.0.1:{silent.getsockname()[1]}"),
            outbox=OutboxSettings(path=tmp_path / "outbox.sqlite", wait=5),
        )
        work = delivery(settings, FileWatch(settings.files))
        assert work.sink.put([message_of(mint())])
        with Outbox(settings.outbox.path)._database.transaction():
            work.sink.put([message_of(mint())], wait=False)
            begun = time.monotonic()
            work.close(GIVEN)
            assert time.monotonic() - begun < GIVEN + MARGIN
