"""What `scifish outbox` says of the settings."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from scifish.cli.main import main
from scifish.outbox.outbox import Outbox
from scifish.settings.model import OutboxSettings


@pytest.mark.parametrize("command", ["status", "list"])
def test_what_is_wrong_with_the_settings_is_told_once(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SCIFISH_CONFIG", raising=False)
    monkeypatch.setenv("TANGO_HOST", "127.0.0.1:1")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = OutboxSettings().path
    assert path.is_relative_to(tmp_path)
    Outbox(path).end_orphans()
    done = CliRunner().invoke(main, ["outbox", command])
    assert (done.exit_code, done.stderr.count("not looked for in Tango")) == (0, 1)
