"""Commands whose every failure is one line on stderr: what, which value, where, and what to do."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import click

WRONG, FAILED, INTERRUPTED = 2, 1, 130


class OneLine(click.Command):
    """A program that is named as its command; an error of `codes` ends it with the exit code beside it."""

    def __init__(
        self, name: str | None, *, codes: Mapping[type[Exception], int] | None = None, **given: Any
    ) -> None:
        super().__init__(name, **given)
        self._codes = dict(codes or {})

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the program and end the process, as click does, but without click's lines of usage."""
        try:
            result = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(WRONG)
        except click.ClickException as error:
            fail(str(self.name), _told(error), WRONG)
        except click.Abort:  # Ctrl-C
            fail(str(self.name), "interrupted", INTERRUPTED)
        except tuple(self._codes) as error:
            fail(str(self.name), str(error), self._code(error))
        sys.exit(result if isinstance(result, int) else 0)

    def _code(self, error: Exception) -> int:
        """Return the code of the first kind that the error is of."""
        return next(code for kind, code in self._codes.items() if isinstance(error, kind))


class OneLineGroup(OneLine, click.Group):
    """A program with commands."""


def fail(program: str, text: str, code: int) -> NoReturn:
    """Say one line on stderr and end with the exit code."""
    click.echo(f"{program}: {' '.join(text.split())}", err=True)
    sys.exit(code)


def _told(error: click.ClickException) -> str:
    text = error.format_message().rstrip(".")
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else None
    return f"{text}; see `{where} --help`" if where else text
