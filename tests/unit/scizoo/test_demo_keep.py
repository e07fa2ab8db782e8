import shlex
import sys
from pathlib import Path

import pytest

from scizoo.demo import keep
from scizoo.demo.layout import Layout

LAYOUT = Layout(Path("/tmp/demo"), 20001, 20002, None, "secret")


def test_spock_in_a_folder_with_a_space_can_be_pasted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep, "BIN", Path("/opt/my beamline/bin"))
    told = keep.lines(LAYOUT, "127.0.0.1:10000", "door/demo/1")
    (at,) = [number for number, line in enumerate(told) if "spock (" in line]
    assert "take door/demo/1" in told[at]
    assert shlex.split(told[at + 1]) == ["TANGO_HOST=127.0.0.1:10000", "/opt/my beamline/bin/spock"]


def test_the_datasets_are_listed_by_this_python() -> None:
    program, option, code = shlex.split(keep.list_datasets(LAYOUT))
    assert (program, option) == (sys.executable, "-c")
    compile(code, "list", "exec")
    assert 'base_url="http://127.0.0.1:20001/api/v3"' in code
    assert 'password="secret"' in code
