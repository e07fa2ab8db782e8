"""Records a shell command as a scan: its line, its exit code, its files."""

import json
import os
import shlex
import signal
import subprocess
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import click

from scifish.client import SciFish
from scifish.contract.message import ExitStatus
from scifish.errors import SettingsError

NOT_FOUND, NOT_EXECUTABLE = 127, 126  # as a shell answers
SIGNALLED = range(129, 129 + signal.SIGRTMAX)  # as a shell answers; above it, programs say what they like


def record(command: Sequence[str], scan: SciFish, *, name: str | None, files: Iterable[str]) -> int:
    """Run `command` as one scan and return its exit code as a shell does: 128 + n after signal n."""
    scan.start_scan(name or shlex.join(command))
    scan.send_start()
    code = run(command)
    scan.environment_data.exitCode = code
    scan.expect_files(list(files))
    scan.end_scan(exit_status(code))
    return code


def exit_status(code: int) -> ExitStatus:
    """Return the scan's exit status for a command's exit code."""
    if code == 0:
        return "normal"
    return "aborted" if code in SIGNALLED else "exception"


def run(command: Sequence[str]) -> int:
    """Run a command with our terminal; signals to us reach it, and we outlive it."""
    try:
        with forwarding() as forward_to, subprocess.Popen(list(command)) as child:  # noqa: S603 - the user's own
            forward_to(child)
            code = _end_of(child)
    except OSError as error:
        name = shlex.quote(command[0])
        if isinstance(error, FileNotFoundError) or not command[0]:
            click.echo(f"scifish: {name}: not found; name a program on the PATH, or its path", err=True)
            return NOT_FOUND
        click.echo(f"scifish: {name}: cannot be run: {error.strerror}", err=True)
        return NOT_EXECUTABLE
    return code if code >= 0 else 128 - code


def metadata(options: Iterable[str]) -> dict[str, Any]:
    """Read ``key=value`` and ``group/key=value:unit``. Raises SettingsError."""
    found: dict[str, Any] = {}
    for option in options:
        key, separator, said = option.partition("=")
        *groups, last = key.split("/")
        if not separator or not all((*groups, last)):
            raise SettingsError(
                f"--meta {option!r}: is no key=value; write key=value or group/key=value:unit"
            )
        place = found
        for group in groups:
            place = place.setdefault(group, {})
            if not _is_group(place):
                raise SettingsError(f"--meta {option!r}: {group!r} is a value already; take another name")
        if last in place:
            raise SettingsError(f"--meta {option!r}: {key!r} is there already; take another name")
        place[last] = _leaf(said)
    return found


def _is_group(place: Any) -> bool:
    return isinstance(place, dict) and "value" not in place


def _leaf(said: str) -> Any:
    """Return a value, or {value, unit}: what follows the last colon is a unit only after a number."""
    number, colon, unit = said.rpartition(":")
    value = _number(number) if colon else None
    if value is not None and unit:
        return {"value": value, "unit": unit}
    plain = _number(said)
    return said if plain is None else plain


def _number(said: str) -> int | float | None:
    try:
        value = json.loads(said)
    except ValueError:
        return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _end_of(child: "subprocess.Popen[bytes]") -> int:
    """Wait by turns: a signal just before a wait without a time-out would be handled only at its end."""
    while True:
        with suppress(subprocess.TimeoutExpired):
            return child.wait(timeout=1)


@contextmanager
def forwarding() -> Iterator[Callable[["subprocess.Popen[bytes]"], None]]:
    """Pass SIGTERM and SIGHUP on to the child that is named, also those that come before it is there.

    A terminal's Ctrl-C reaches the child by itself.
    """
    children: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def forward(number: int, _frame: types.FrameType | None) -> None:
        if children:
            children[0].send_signal(number)
        else:
            early.append(number)

    def begin(child: "subprocess.Popen[bytes]") -> None:
        children.append(child)
        for number in early:
            child.send_signal(number)

    def wait(_number: int, _frame: types.FrameType | None) -> None:
        """The child decides what Ctrl-C means."""

    handlers: dict[int, Any] = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, forward),
        signal.SIGHUP: signal.signal(signal.SIGHUP, forward),
        signal.SIGINT: signal.signal(signal.SIGINT, wait),
    }
    try:
        yield begin
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def absolute(paths: Iterable[str]) -> list[str]:
    """Return the paths as another host would look for them."""
    return [os.path.abspath(path) for path in paths]  # noqa: PTH100 - links stay as the user named them
