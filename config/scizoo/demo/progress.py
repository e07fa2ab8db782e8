"""The phases of the demo: a line when one begins and when it is done, and the time of each."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
import tango
from rich.console import Console

from scicow.cli.console import PipedConsole
from scifish.http import HttpFailure
from scizoo.errors import DemoError, ScizooError

WIDE = 160


class Phases:
    """The phases of a demo, which may run beside each other; `seconds` has the time of each."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Print and time a phase; an error of it begins with its name."""
        begin = time.monotonic()
        with self._lock:
            click.echo(f"demo: {name} ...")
        try:
            yield
        except DemoError:
            raise
        except ScizooError as error:
            raise DemoError(f"{name}: {error}", getattr(error, "log", "")) from error
        except tango.DevFailed as error:
            raise DemoError(f"{name}: {error.args[0].desc.strip()}") from error
        except HttpFailure as error:
            raise DemoError(f"{name}: {error}") from error
        with self._lock:
            self.seconds[name] = time.monotonic() - begin
            click.echo(f"demo: {name}: done in {self.seconds[name]:.1f} s")


def make_console() -> Console:
    """Return the console; where it is no terminal its lines are wide enough for the table."""
    console = PipedConsole()
    return console if console.is_terminal else PipedConsole(width=WIDE)
