"""A shell command as a scan: its exit code, its metadata."""

import os
import signal
import subprocess
from typing import Any

import pytest

from scifish.cli.record import exit_status, forwarding, metadata
from scifish.errors import SettingsError


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0, "normal"),
        (1, "exception"),
        (127, "exception"),
        (128 + 2, "aborted"),
        (128 + 9, "aborted"),
        (128 + 64, "aborted"),
        (128 + 65, "exception"),
        (255, "exception"),
    ],
)
def test_an_exit_code_above_the_signals_is_a_failure(code: int, status: str) -> None:
    assert exit_status(code) == status


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["a=1", "b/c=2:mm", "b/d=x"], {"a": 1, "b": {"c": {"value": 2, "unit": "mm"}, "d": "x"}}),
        (["t=at 12:30", "u=5:", "v=a=b"], {"t": "at 12:30", "u": "5:", "v": "a=b"}),
        (["yes=true", "empty="], {"yes": "true", "empty": ""}),
    ],
)
def test_metadata(options: list[str], found: dict[str, Any]) -> None:
    assert metadata(options) == found


@pytest.mark.parametrize(
    "options",
    [["a=1", "a/b=2"], ["a=1:mm", "a/b=2"], ["a/b=1", "a=2"], ["a=1", "a=2"], ["=1"], ["a//b=1"], ["a"]],
)
def test_what_cannot_be_kept_is_said(options: list[str]) -> None:
    with pytest.raises(SettingsError, match="--meta"):
        metadata(options)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_comes_before_the_command_reaches_it(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with forwarding() as forward_to:
        os.kill(os.getpid(), number)
        with subprocess.Popen(["sleep", "600"]) as command:
            forward_to(command)
            assert command.wait(30) == -number
    assert signal.getsignal(number) is before
