"""What the demo is doing: a live display on a terminal, plain lines elsewhere; the time of each phase."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol

import click
import tango
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from scicow.cli.console import PipedConsole
from scifish.http import HttpFailure
from scizoo.errors import DemoError, ScizooError

WIDE = 160


class Display(Protocol):
    """Displays the phases."""

    def begin(self, phase: str) -> None:
        """Show that a phase has begun."""

    def end(self, phase: str, seconds: float) -> None:
        """Show that a phase is done."""


class Phases:
    """The phases of a demo, which may run beside each other; `seconds` has the time of each."""

    def __init__(self, display: Display) -> None:
        self.seconds: dict[str, float] = {}
        self._display = display
        self._lock = threading.Lock()

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Show and time a phase; an error of it begins with its name."""
        begin = time.monotonic()
        with self._lock:
            self._display.begin(name)
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
            self._display.end(name, self.seconds[name])


class Lines:
    """Plain lines, for logs and pipes."""

    def begin(self, phase: str) -> None:
        """Display that a phase has begun."""
        click.echo(f"demo: {phase} ...")

    def end(self, phase: str, seconds: float) -> None:
        """Display how long a phase took."""
        click.echo(f"demo: {phase}: done in {seconds:.1f} s")

    def __enter__(self) -> "Lines":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the display."""


class Bars:
    """A spinner and a clock for each phase, on a terminal."""

    def __init__(self, console: Console) -> None:
        columns = (
            SpinnerColumn(finished_text="[green]✓[/green]"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console)
        self._tasks: dict[str, TaskID] = {}

    def begin(self, phase: str) -> None:
        """Add a line for a phase."""
        self._tasks[phase] = self._progress.add_task(phase, total=1)

    def end(self, phase: str, seconds: float) -> None:
        """Complete a phase's line."""
        self._progress.update(self._tasks[phase], completed=1, description=f"{phase} ({seconds:.1f} s)")

    def __enter__(self) -> "Bars":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


def make_console() -> Console:
    """Return the console; where it is no terminal its lines are wide enough for the table."""
    console = PipedConsole()
    return console if console.is_terminal else PipedConsole(width=WIDE)


def display(console: Console) -> Lines | Bars:
    """Return the display that suits where the output goes."""
    return Bars(console) if console.is_terminal else Lines()
