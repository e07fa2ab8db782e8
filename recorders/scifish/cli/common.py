"""What `scifish`'s commands share: the log, the settings and the outbox."""

import logging
import sys

import click

from scifish.common.one_line import prefixed
from scifish.errors import OutboxError
from scifish.outbox.outbox import Outbox
from scifish.settings.lookup import FoundSettings, find_settings
from scifish.settings.model import OutboxSettings


def log_to_stderr() -> None:
    """Show warnings and errors of the library as the program's own lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OwnLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


class _OwnLine(logging.Formatter):
    """A record as a line of the program's own."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line: the library's messages may have the name already."""
        return prefixed("scifish", super().format(record))


def settings() -> FoundSettings:
    """Find the settings; print what could not be read. Raises SettingsError."""
    found = find_settings()
    for problem in found.problems:
        click.echo(prefixed("scifish", problem), err=True)
    return found


def existing_outbox(chosen: OutboxSettings | None = None) -> Outbox:
    """Return the outbox of these settings, else of those found. Raises OutboxError when there is none yet."""
    chosen = chosen or settings().settings.outbox
    if not chosen.path.exists():
        raise OutboxError(f"outbox {chosen.path}: does not exist; nothing was recorded here yet")
    return Outbox(chosen.path)
