from pathlib import Path
from typing import Any

import pytest

from scifly.settings import SciFlySettings, settings
from support.plugin import install
from tangobase.errors import PropertyError
from tangobase.state_folder import default_state_folder

GOOD: dict[str, Any] = {
    "path_device": "b/ctl/pathfixer",
    "state_folder": "/var/lib/scizoo",
    "device": "B303A/CTL/SciFly",
    "patterns": ("*.txt",),
    "interval": 1.0,
    "stable_looks": 3,
    "patience": 600.0,
    "linger": 0.0,
    "time_zone": "UTC",
    "watching": "Auto",
}


def checked(**changes: object) -> SciFlySettings:
    return settings(**{**GOOD, **changes})


def test_each_device_has_a_ledger_of_its_own() -> None:
    assert checked().ledger == Path("/var/lib/scizoo/scifly-b303a_ctl_scifly.sqlite")
    assert checked(state_folder="").ledger.parent == default_state_folder()


def test_a_reader_that_cannot_be_loaded_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it its files would pass as none of ours, for good."""
    monkeypatch.syspath_prepend(str(tmp_path))
    install(
        tmp_path, "broken_reader", "scizoo.readers", "x = broken_reader:READER", "import nothing_of_that_name"
    )
    with pytest.raises(
        PropertyError, match=r"'x' of broken_reader .* cannot be loaded: .*nothing_of_that_name"
    ):
        checked()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"path_device": ""}, "PathDevice is empty; set it"),
        ({"interval": 0.0}, "Interval is 0; give a number above 0"),
        ({"interval": float("nan")}, "Interval is nan; give a number above 0"),
        ({"stable_looks": -1}, "StableLooks is -1; give a number above 0"),
        ({"patience": 0.0}, "Patience is 0; give a number above 0"),
        ({"patterns": ()}, r"Patterns is empty; give file patterns"),
        ({"time_zone": "Here"}, "TimeZone is 'Here'"),
        ({"watching": "magic"}, "Watching is 'magic'; write one of auto, inotify, sweep"),
    ],
)
def test_a_wrong_property_is_named_with_what_to_do(changes: dict[str, object], expected: str) -> None:
    with pytest.raises(PropertyError, match=expected):
        checked(**changes)
