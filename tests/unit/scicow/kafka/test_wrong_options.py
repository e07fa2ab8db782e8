"""Options that librdkafka refuses: it shows the value, also where that is a password in the wrong place."""

import traceback
from pathlib import Path

import pytest

from scicow.kafka.settings import GroupSettings
from scicow.metrics import Metrics
from scicow.transport import KafkaTransport
from scifish.errors import SettingsError


def test_no_refused_option_shows_the_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    settings = GroupSettings(
        bootstrap="127.0.0.1:1",
        password_file=tmp_path / "password",
        options={"ssl.endpoint.identification.algorithm": "hunter2"},
    )
    with pytest.raises(SettingsError, match=r'Invalid value "\*+" for .*; correct kafka.options') as raised:
        KafkaTransport(settings, Metrics())
    assert "hunter2" not in "".join(traceback.format_exception(raised.value))
