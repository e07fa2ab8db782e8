"""What `scifish`'s commands share: errors are one line, and the settings are found once."""

import logging
import sys
from typing import Any

import click

from scifish.errors import OutboxError, SciFishError, SettingsError
from scifish.lookup import Found, find_settings
from scifish.outbox import Outbox

WRONG_SETTINGS, FAILED = 2, 1


class Program(click.Group):
    """A group whose commands may raise our errors: one line on stderr, exit code 2 for settings, else 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            fail(str(error), WRONG_SETTINGS)
        except SciFishError as error:
            fail(str(error), FAILED)
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output has gone, such as `head`
            sys.exit(FAILED)


def fail(text: str, code: int) -> None:
    """Say one line on stderr and end with the exit code."""
    click.echo(f"scifish: {text}", err=True)
    sys.exit(code)


def log_to_stderr() -> None:
    """Show warnings and errors of the library as the program's own lines."""
    logging.basicConfig(format="scifish: %(message)s", level=logging.WARNING, stream=sys.stderr)


def settings() -> Found:
    """Find the settings and say what could not be asked. Raises SettingsError."""
    found = find_settings()
    for problem in found.problems:
        click.echo(f"scifish: {problem}", err=True)
    return found


def existing_outbox() -> Outbox:
    """Return the outbox of the settings. Raises OutboxError when there is none yet."""
    chosen = settings().settings.outbox
    if not chosen.path.exists():
        raise OutboxError(f"outbox {chosen.path}: does not exist; nothing was recorded here yet")
    return Outbox(chosen.path, retention_days=chosen.retention_days)
