# mypy: disable-error-code="attr-defined, untyped-decorator, no-untyped-call"
"""Macros for spock: what is recorded with the scans, and whether it arrives. Put this folder on MacroPath."""

from collections.abc import Callable
from typing import Any

from sardana.macroserver.macro import Optional, Type, macro

from scifish import spock
from scifish.errors import SciFishError


@macro()
def scicat_status(self: Any) -> None:
    """Show the state of the chain: recorder, proposal, path, configuration, outbox."""
    recorder = self.getEnv("DataRecorder") if "DataRecorder" in self.getAllEnv() else ()
    _say(self, lambda: spock.status(recorder))


@macro()
def scicat_configurations(self: Any) -> None:
    """List the configurations of SciDog; the active one has a star."""
    _say(self, spock.configurations)


@macro([["configuration", Type.String, None, "name, or name@revision"]])
def scicat_activate(self: Any, configuration: str) -> None:
    """Activate a configuration: the scans that begin from now on record its attributes."""
    _say(self, lambda: spock.activate(configuration))


@macro([["sample", Type.String, Optional, "name of the sample; - for none; without it: show"]])
def scicat_sample(self: Any, sample: str | None) -> None:
    """Set the sample in PathFixer, which makes its directory; without a name show sample and path."""
    _say(self, lambda: spock.sample(sample))


@macro()
def scicat_last(self: Any) -> None:
    """Show what the last scan at this door recorded, and what it missed and why."""
    _say(self, lambda: spock.last(self.getDoorName()))


def _say(self: Any, lines: Callable[[], list[str]]) -> None:
    """Print the lines; what went wrong is one line, and no traceback."""
    try:
        for line in lines():
            self.output(line.replace("%", "%%"))
    except SciFishError as error:
        self.error(f"SciCat: {error}".replace("%", "%%"))
